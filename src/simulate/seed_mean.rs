//! A mean over seeds with its confidence interval.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A mean over independent seeds with its 95 % confidence interval (Student's t).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SeedMean {
    /// The mean; None where no seed has a value.
    pub mean: Option<f64>,
    /// The interval's low end; None with fewer than two seeds.
    pub low: Option<f64>,
    /// The interval's high end; None with fewer than two seeds.
    pub high: Option<f64>,
}

/// The 97.5th percentile of Student's t. `degrees` is at least 1.
fn t975(degrees: usize) -> f64 {
    StudentsT::new(0.0, 1.0, degrees as f64).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975))
}

impl SeedMean {
    /// From one value per seed; a seed without a value is left out.
    pub fn over(values: impl IntoIterator<Item = Option<f64>>) -> SeedMean {
        let values: Vec<f64> = values.into_iter().flatten().collect();
        let n = values.len();
        if n == 0 {
            return SeedMean::default();
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        let mut found = SeedMean {
            mean: Some(mean),
            ..SeedMean::default()
        };
        if n > 1 {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let half = t975(n - 1) * (squares / (n - 1) as f64 / n as f64).sqrt();
            found.low = Some(mean - half);
            found.high = Some(mean + half);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_students() {
        let estimate = SeedMean::over([1.0, 2.0, 3.0].map(Some));
        let half = 4.302_653 / 3.0_f64.sqrt();
        assert_eq!(estimate.mean, Some(2.0));
        assert!(
            estimate
                .low
                .is_some_and(|low| (low - (2.0 - half)).abs() < 1e-6)
        );
        assert!(
            estimate
                .high
                .is_some_and(|high| (high - (2.0 + half)).abs() < 1e-6)
        );
    }

    #[test]
    fn one_seed_has_a_mean_and_no_interval() {
        let estimate = SeedMean::over([Some(5.0), None]);
        assert_eq!((estimate.mean, estimate.low), (Some(5.0), None));
        assert_eq!(SeedMean::over([None]), SeedMean::default());
    }
}
