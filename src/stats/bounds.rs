//! How sure a percentile is: bounds by order statistics.

use hdrhistogram::Histogram;

/// Between which values the true quantile lies, in milliseconds. A side is None where no value
/// that was measured bounds it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The true quantile is at least this.
    pub low: Option<f64>,
    /// The true quantile is at most this.
    pub high: Option<f64>,
}

impl Bounds {
    /// Of a quantile (0 to 1, exclusive) of a histogram of microseconds, so that with at least
    /// `confidence` (0.95, say; each side may err with half of the rest) the true one lies
    /// between them.
    ///
    /// Of n independent samples the number below the true quantile q is binomial, n and q; this
    /// says between which two samples in their order it lies, whatever the distribution is
    /// (W. J. Conover, Practical Nonparametric Statistics, section 3.2). Samples of one run
    /// depend on each other when a server stalls or warms up: then the bounds are too narrow.
    pub fn of(histogram: &Histogram<u64>, quantile: f64, confidence: f64) -> Bounds {
        let (low, high) = ranks(histogram.len(), quantile, confidence);
        let ms = |rank: u64| at(histogram, rank).map(|micros| micros as f64 / 1e3);
        Bounds {
            low: low.and_then(ms),
            high: high.and_then(ms),
        }
    }
}

/// The value of the sample with this rank, from 1, as well as the histogram tells it.
fn at(histogram: &Histogram<u64>, rank: u64) -> Option<u64> {
    let mut below = 0;
    for value in histogram.iter_recorded() {
        below += value.count_at_value();
        if below >= rank {
            let value = value.value_iterated_to();
            return Some(value.clamp(histogram.min(), histogram.max()));
        }
    }
    None
}

/// Which samples in ascending order, from 1, bound the quantile.
fn ranks(n: u64, quantile: f64, confidence: f64) -> (Option<u64>, Option<u64>) {
    let sensible = |share: f64| share > 0.0 && share < 1.0;
    if n == 0 || !sensible(quantile) || !sensible(confidence) {
        return (None, None);
    }
    let error = (1.0 - confidence) / 2.0;
    // Beyond twelve standard deviations there is nothing to add up in a double.
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
    fn large_counts_come_near_the_normal_approximation() {
        for n in [1_000_000_u64, 1_000_000_000] {
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
            let bounds = Bounds::of(&histogram, 0.8, 0.9);
            let (low, high) = bounds.low.zip(bounds.high).expect("200 bound the p80");
            within += u32::from(low <= truth && truth <= high);
        }
        let share = f64::from(within) / f64::from(rounds);
        assert!((0.89..0.97).contains(&share), "{share}");
    }

    #[test]
    fn nothing_measured_bounds_nothing() {
        let empty = Histogram::new(3).expect("3 digits");
        assert_eq!(Bounds::of(&empty, 0.5, 0.95), Bounds::default());
    }
}
