//! How far apart two figures are, and how sure that is.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::estimate::FigureEstimate;

/// The confidence level of every interval that is shown.
pub(super) const CONFIDENCE: f64 = 0.95;

/// An upper limit of how many standard errors a difference can have.
const MOST_ERRORS: f64 = 1e6;

/// Two estimates of the same figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The first run's estimate.
    pub a: FigureEstimate,
    /// The second run's estimate.
    pub b: FigureEstimate,
    /// Degrees of freedom of the scatter of both.
    pub freedom: f64,
}

impl Difference {
    /// The second minus the first; for quantiles that is the logarithm of their ratio.
    pub fn value(&self) -> f64 {
        self.b.value() - self.a.value()
    }

    /// The interval at this many standard errors, from the bounds of each figure
    /// (R. G. Newcombe, 1998; G. Y. Zou and A. Donner, Construction of confidence limits about
    /// effect measures, 2008: MOVER).
    pub fn band(&self, errors: f64) -> (f64, f64) {
        let (a, b) = (self.a.value(), self.b.value());
        let (a_low, a_high) = self.a.bounds(errors);
        let (b_low, b_high) = self.b.bounds(errors);
        let difference = b - a;
        (
            difference - (b - b_low).hypot(a_high - a),
            difference + (b_high - b).hypot(a - a_low),
        )
    }

    /// How many standard errors an interval of this confidence level extends to each side.
    pub fn errors_at(&self, confidence: f64) -> f64 {
        self.student()
            .map_or(MOST_ERRORS, |t| t.inverse_cdf(0.5 + confidence / 2.0))
    }

    /// The probability, 0 to 1, that two runs that do not differ are at least this far apart.
    pub fn chance(&self) -> f64 {
        let excludes_none = |errors: f64| {
            let (low, high) = self.band(errors);
            low > 0.0 || high < 0.0
        };
        if self.value() == 0.0 || !excludes_none(0.0) {
            return 1.0;
        }
        // The interval grows with the errors: find where it first contains 0.
        let (mut inside, mut outside) = (0.0, MOST_ERRORS);
        for _ in 0..80 {
            let middle = f64::midpoint(inside, outside);
            if excludes_none(middle) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        self.student()
            .map_or(1.0, |t| (2.0 * t.sf(inside)).clamp(0.0, 1.0))
    }

    fn student(&self) -> Option<StudentsT> {
        StudentsT::new(0.0, 1.0, self.freedom.clamp(1.0, 1e6)).ok()
    }
}

/// The probabilities, each raised so that together they are wrong no more often than the largest
/// of them says (S. Holm, A simple sequentially rejective multiple test procedure, 1979).
pub fn holm(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*a].total_cmp(&chances[*b]));
    let mut adjusted = vec![1.0; chances.len()];
    let mut largest: f64 = 0.0;
    for (place, index) in order.into_iter().enumerate() {
        let left = (chances.len() - place) as f64;
        largest = largest.max((chances[index] * left).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::estimate::SortedValues;

    fn share(part: u64, whole: u64) -> FigureEstimate {
        FigureEstimate::Share {
            part,
            whole,
            inflation: 1.0,
        }
    }

    #[test]
    fn shares_differ_by_newcombes_interval() {
        // Newcombe 1998, table II, method 10: 56/70 less 48/80 is .0524 to .3339.
        let difference = Difference {
            a: share(48, 80),
            b: share(56, 70),
            freedom: 1e6,
        };
        let (low, high) = difference.band(difference.errors_at(0.95));
        assert!((low - 0.0524).abs() < 1e-3, "{low}");
        assert!((high - 0.3339).abs() < 1e-3, "{high}");
    }

    #[test]
    fn the_chance_is_where_the_band_touches_no_difference() {
        let difference = Difference {
            a: share(40, 100),
            b: share(60, 100),
            freedom: 12.0,
        };
        let confidence = 1.0 - difference.chance();
        let (low, _) = difference.band(difference.errors_at(confidence));
        assert!(low.abs() < 1e-6, "{low}");
    }

    #[test]
    fn the_same_values_do_not_differ() {
        let values = SortedValues::of((1..=1000).map(|value| (value, 1)));
        let quantile = |quantile| FigureEstimate::Quantile {
            values: values.clone(),
            quantile,
            inflation: 1.0,
        };
        for p in [0.5, 0.9, 0.99] {
            let difference = Difference {
                a: quantile(p),
                b: quantile(p),
                freedom: 50.0,
            };
            assert_eq!((difference.value(), difference.chance()), (0.0, 1.0));
        }
    }

    #[test]
    fn the_bounds_of_a_median_are_those_of_order_statistics() {
        let median = FigureEstimate::Quantile {
            values: SortedValues::of((1..=100).map(|value| (value, 1))),
            quantile: 0.5,
            inflation: 1.0,
        };
        // The binomial tables bound the median of 100 by the 40th and the 61st.
        let (low, high) = median.bounds(1.96);
        assert!((39.5..=41.5).contains(&low.exp()), "{}", low.exp());
        assert!((59.5..=61.5).contains(&high.exp()), "{}", high.exp());
    }

    #[test]
    fn what_too_few_values_support_has_no_bound() {
        let tail = FigureEstimate::Quantile {
            values: SortedValues::of((1..=100).map(|value| (value, 1))),
            quantile: 0.99,
            inflation: 1.0,
        };
        assert_eq!(tail.bounds(1.96).1, f64::INFINITY);
    }

    #[test]
    fn holm_raises_the_smallest_chance_most() {
        let adjusted = holm(&[0.01, 0.04, 0.03]);
        let expected = [0.03, 0.06, 0.06];
        for (found, expected) in adjusted.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{adjusted:?}");
        }
        assert!(holm(&[]).is_empty());
    }
}
