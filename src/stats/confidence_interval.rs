//! How sure a percentile is: bounds by order statistics.

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// The values between which the true quantile lies, in milliseconds. A side is None if no measured
/// value bounds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Bounds")]
pub struct ConfidenceInterval {
    /// The true quantile is at least this.
    pub low: Option<f64>,
    /// The true quantile is at most this.
    pub high: Option<f64>,
}

impl ConfidenceInterval {
    /// Of each quantile (0 to 1, exclusive) of a histogram of microseconds, so that with at least
    /// `confidence` (0.95, say; each side may err with half of the rest) the true one lies
    /// between them.
    ///
    /// Of n independent samples the number below the true quantile q is binomial, n and q; this
    /// says between which two samples in their order it lies, whatever the distribution is
    /// (W. J. Conover, Practical Nonparametric Statistics, section 3.2). Samples of one run
    /// depend on each other when a server stalls or warms up: then the bounds are too narrow.
    pub fn of<const N: usize>(
        histogram: &Histogram<u64>,
        quantiles: [f64; N],
        confidence: f64,
    ) -> [ConfidenceInterval; N] {
        let ranks = quantiles.map(|quantile| ranks(histogram.len(), quantile, confidence));
        let wanted = ranks.iter().flat_map(|(low, high)| [*low, *high]).flatten();
        let values = at(histogram, wanted.collect());
        let ms = |rank: Option<u64>| {
            let place = values
                .binary_search_by_key(&rank?, |(rank, _)| *rank)
                .ok()?;
            Some(values.get(place)?.1 as f64 / 1e3)
        };
        ranks.map(|(low, high)| ConfidenceInterval {
            low: ms(low),
            high: ms(high),
        })
    }
}

/// These ranks, from 1, in ascending order, each with the value of the sample that has it, as well
/// as the histogram tells it.
fn at(histogram: &Histogram<u64>, mut ranks: Vec<u64>) -> Vec<(u64, u64)> {
    ranks.sort_unstable();
    ranks.dedup();
    let mut found = Vec::with_capacity(ranks.len());
    let mut ranks = ranks.into_iter().peekable();
    let mut below = 0;
    for value in histogram.iter_recorded() {
        below += value.count_at_value();
        let shown = value.value_iterated_to();
        let shown = shown.clamp(histogram.min(), histogram.max());
        while let Some(rank) = ranks.next_if(|rank| *rank <= below) {
            found.push((rank, shown));
        }
        if ranks.peek().is_none() {
            break;
        }
    }
    found
}

/// From this variance of the binomial on, the normal approximation is used. It is off by less than
/// one rank then, with bounds more than 300 ranks apart.
const MANY: f64 = 10_000.0;

/// Which samples in ascending order, from 1, bound the quantile.
fn ranks(n: u64, quantile: f64, confidence: f64) -> (Option<u64>, Option<u64>) {
    let sensible = |share: f64| share > 0.0 && share < 1.0;
    if n == 0 || !sensible(quantile) || !sensible(confidence) {
        return (None, None);
    }
    let error = (1.0 - confidence) / 2.0;
    let mean = n as f64 * quantile;
    let variance = mean * (1.0 - quantile);
    if variance > MANY {
        let (low, high) = approximately(mean, variance, quantile, error);
        return (Some(low), Some(high.min(n)));
    }
    exactly(n, quantile, error)
}

/// By the normal approximation, corrected for the binomial's skew (E. A. Cornish, R. A. Fisher,
/// 1938) and rounded outwards.
fn approximately(mean: f64, variance: f64, quantile: f64, error: f64) -> (u64, u64) {
    let z = Normal::standard().inverse_cdf(1.0 - error);
    let reach = z * variance.sqrt();
    let skew = (1.0 - 2.0 * quantile) * (z * z - 1.0) / 6.0;
    let middle = mean + skew + 0.5;
    let low = (middle - reach).floor() as u64;
    let high = (middle + reach).ceil() as u64;
    (low.max(1), high)
}

/// By adding up the binomial's probabilities.
fn exactly(n: u64, quantile: f64, error: f64) -> (Option<u64>, Option<u64>) {
    // More than twelve standard deviations away, the probabilities are negligible in a double.
    let mean = n as f64 * quantile;
    let reach = 12.0 * (mean * (1.0 - quantile)).sqrt() + 40.0;
    let first = (mean - reach).max(0.0) as u64;
    let last = ((mean + reach) as u64).min(n);
    // From the middle outwards by the ratio of neighbours, so that nothing over- or underflows.
    let middle = (mean as u64).clamp(first, last);
    let odds = quantile / (1.0 - quantile);
    let rising = |k: u64| (n - k) as f64 / (k + 1) as f64 * odds;
    let mut weights = vec![1.0; (last - first + 1) as usize];
    for k in middle..last {
        let index = (k - first) as usize;
        weights[index + 1] = weights[index] * rising(k);
    }
    for k in (first..middle).rev() {
        let index = (k - first) as usize;
        weights[index] = weights[index + 1] / rising(k);
    }
    let all: f64 = weights.iter().sum();
    // The largest `low` with P(fewer than `low` below) <= error; `high` by the same from above.
    let out = |weights: &mut dyn Iterator<Item = &f64>| -> u64 {
        let mut sum = 0.0;
        let mut count = 0;
        for weight in weights {
            sum += weight / all;
            if sum > error {
                break;
            }
            count += 1;
        }
        count
    };
    let low = first + out(&mut weights.iter());
    let high = last + 1 - out(&mut weights.iter().rev());
    ((low > 0).then_some(low), (high <= n).then_some(high))
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn the_ranks_are_those_of_the_binomial_tables() {
        // P(B <= 5) = .0207 and P(B <= 6) = .0577 for n = 20, q = .5; and so on.
        for (n, quantile, low, high) in [
            (20, 0.5, Some(6), Some(15)),
            (100, 0.5, Some(40), Some(61)),
            (5, 0.5, None, None),
            (6, 0.5, Some(1), Some(6)),
            (367, 0.99, Some(359), None),
            (368, 0.99, Some(360), Some(368)),
        ] {
            let (found_low, found_high) = ranks(n, quantile, 0.95);
            assert_eq!((found_low, found_high), (low, high), "{n}, {quantile}");
        }
    }

    #[test]
    fn where_the_approximation_takes_over_it_says_what_the_sum_says() {
        for quantile in [0.5, 0.9, 0.95, 0.99, 0.999] {
            let n = (MANY / (quantile * (1.0 - quantile))).ceil() as u64;
            let mean = n as f64 * quantile;
            let near = approximately(mean, MANY, quantile, 0.025);
            let (low, high) = exactly(n, quantile, 0.025);
            let (low, high) = (low.expect("bounded"), high.expect("bounded"));
            assert!(
                (low - 1..=low).contains(&near.0),
                "{quantile}: {near:?} {low}"
            );
            assert!(
                (high..=high + 1).contains(&near.1),
                "{quantile}: {near:?} {high}"
            );
        }
    }

    #[test]
    fn large_counts_come_near_the_textbook_formula() {
        for n in [10_000_u64, 1_000_000, 1_000_000_000] {
            let (low, high) = ranks(n, 0.9, 0.95);
            let spread = 1.96 * (n as f64 * 0.09).sqrt();
            let mean = 0.9 * n as f64;
            let near = |rank: Option<u64>, ideal: f64| {
                (rank.expect("bounded") as f64 - ideal).abs() < 0.01 * spread + 2.0
            };
            assert!(near(low, mean - spread), "{low:?}");
            assert!(near(high, mean + spread), "{high:?}");
        }
    }

    #[test]
    fn the_true_quantile_lies_between_as_often_as_promised() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
        let (truth, rounds) = (800.0, 2_000);
        let mut within = 0;
        for _ in 0..rounds {
            let mut histogram = crate::stats::histogram();
            for _ in 0..200 {
                // Uniform from 0 to 1 s: the true p80 is 800 ms.
                crate::stats::record(&mut histogram, random.random_range(0..1_000_000), 1);
            }
            let [bounds] = ConfidenceInterval::of(&histogram, [0.8], 0.9);
            let (low, high) = bounds.low.zip(bounds.high).expect("200 bound the p80");
            within += u32::from(low <= truth && truth <= high);
        }
        let share = f64::from(within) / f64::from(rounds);
        assert!((0.89..0.97).contains(&share), "{share}");
    }

    #[test]
    fn nothing_measured_bounds_nothing() {
        let empty = Histogram::new(3).expect("3 digits");
        assert_eq!(
            ConfidenceInterval::of(&empty, [0.5], 0.95),
            [ConfidenceInterval::default()]
        );
    }
}
