//! Percentiles, and how many samples each of them needs.

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfidenceInterval;

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
    /// How sure the percentiles are.
    #[serde(default)]
    pub ci95: ConfidenceIntervals,
}

/// The 95 % confidence interval of each percentile, in milliseconds: see [`ConfidenceInterval::of`], which
/// takes the requests as independent. None where the percentile has no figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConfidenceIntervals {
    /// Of the median.
    pub p50: Option<ConfidenceInterval>,
    /// Of p90.
    pub p90: Option<ConfidenceInterval>,
    /// Of p95.
    pub p95: Option<ConfidenceInterval>,
    /// Of p99.
    pub p99: Option<ConfidenceInterval>,
    /// Of p99.9.
    pub p999: Option<ConfidenceInterval>,
}

/// The quantiles of a [`Summary`].
const QUANTILES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

impl ConfidenceIntervals {
    fn of(histogram: &Histogram<u64>) -> ConfidenceIntervals {
        let bounds = ConfidenceInterval::of(histogram, QUANTILES, 0.95);
        let supported = QUANTILES.map(|quantile| supports(histogram.len(), quantile));
        let at = |place: usize| supported[place].then_some(bounds[place]);
        ConfidenceIntervals {
            p50: at(0),
            p90: at(1),
            p95: at(2),
            p99: at(3),
            p999: at(4),
        }
    }
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
        let [p50, p90, p95, p99, p999] = QUANTILES.map(|quantile| {
            supports(n, quantile)
                .then(|| ms(histogram.value_at_quantile(quantile).min(histogram.max())))
        });
        Summary {
            n,
            min: Some(ms(histogram.min())),
            p50,
            p90,
            p95,
            p99,
            p999,
            max: Some(ms(histogram.max())),
            mean: Some(histogram.mean() / 1e3),
            ci95: ConfidenceIntervals::of(histogram),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_percentile_lies_in_its_own_interval_and_has_one_only_with_it(
            values in prop::collection::vec(1_u64..10_000_000, 1..4_000),
        ) {
            let mut histogram = crate::stats::histogram();
            for micros in values {
                crate::stats::record(&mut histogram, micros, 1);
            }
            let s = Summary::of(&histogram);
            for (figure, bounds) in [
                (s.p50, s.ci95.p50),
                (s.p90, s.ci95.p90),
                (s.p95, s.ci95.p95),
                (s.p99, s.ci95.p99),
                (s.p999, s.ci95.p999),
            ] {
                prop_assert_eq!(figure.is_some(), bounds.is_some());
                let (Some(figure), Some(ConfidenceInterval { low, high })) = (figure, bounds) else {
                    continue;
                };
                prop_assert!(low.is_none_or(|low| low <= figure), "{:?} {}", low, figure);
                prop_assert!(high.is_none_or(|high| figure <= high), "{:?} {}", high, figure);
            }
        }
    }

    #[test]
    fn what_no_request_bounds_from_above_is_open() {
        let mut histogram = crate::stats::histogram();
        for micros in 1..=60 {
            crate::stats::record(&mut histogram, micros * 1000, 1);
        }
        // 59 support a p95 at all; both sides of an interval take 72.
        let p95 = Summary::of(&histogram).ci95.p95.expect("60 support a p95");
        assert!(p95.low.is_some() && p95.high.is_none(), "{p95:?}");
    }

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
