//! Percentiles, and how many samples each of them needs.

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A latency distribution in numbers, all in milliseconds.
///
/// A percentile that `n` cannot support is None: see [`needed`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// How many were measured.
    pub n: u64,
    /// The shortest.
    pub min: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// 90 % took at most this long.
    pub p90: Option<f64>,
    /// 95 % took at most this long.
    pub p95: Option<f64>,
    /// 99 % took at most this long.
    pub p99: Option<f64>,
    /// 99.9 % took at most this long.
    pub p999: Option<f64>,
    /// The longest.
    pub max: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
}

/// How many samples can say anything of a quantile (0 to 1, exclusive) at 95 % confidence.
///
/// The largest of n samples lies below the true quantile q with probability q^n. While that is
/// more than 5 %, no sample bounds the quantile from above, and printing one would be a guess
/// (order statistics; 5 samples for the median, 29 for p90, 59 for p95, 299 for p99, 2,995 for
/// p99.9).
pub fn needed(quantile: f64) -> u64 {
    (0.05_f64.ln() / quantile.ln()).ceil() as u64
}

/// Whether `n` samples can say anything of a quantile: see [`needed`].
pub fn supports(n: u64, quantile: f64) -> bool {
    n >= needed(quantile)
}

impl Summary {
    /// The numbers of a histogram of microseconds.
    pub fn of(histogram: &Histogram<u64>) -> Summary {
        let n = histogram.len();
        if n == 0 {
            return Summary::default();
        }
        let ms = |micros: u64| micros as f64 / 1e3;
        let at = |quantile: f64| {
            supports(n, quantile)
                .then(|| ms(histogram.value_at_quantile(quantile).min(histogram.max())))
        };
        Summary {
            n,
            min: Some(ms(histogram.min())),
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            max: Some(ms(histogram.max())),
            mean: Some(histogram.mean() / 1e3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_percentile_needs_as_many_samples_as_order_statistics_say() {
        for (quantile, needed) in [(0.5, 5), (0.9, 29), (0.95, 59), (0.99, 299), (0.999, 2995)] {
            assert!(supports(needed, quantile), "{quantile} at {needed}");
            assert!(!supports(needed - 1, quantile), "{quantile} below {needed}");
        }
    }

    #[test]
    fn a_percentile_that_n_cannot_support_is_no_number() {
        let mut histogram = Histogram::new(3).expect("3 digits");
        for micros in 1..=20 {
            histogram.record(micros * 1000).expect("in range");
        }
        let summary = Summary::of(&histogram);
        assert_eq!((summary.n, summary.p90), (20, None));
        assert!(summary.p50.is_some_and(|ms| (9.9..10.1).contains(&ms)));
        assert!(summary.max.is_some());
    }

    #[test]
    fn nothing_measured_has_no_numbers() {
        let empty = Histogram::new(3).expect("3 digits");
        assert_eq!(Summary::of(&empty), Summary::default());
    }
}
