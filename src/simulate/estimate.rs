//! A mean over seeds with its confidence interval.

use serde::Serialize;

/// A mean over independent seeds with its 95 % confidence interval (Student's t).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean; None where no seed has a value.
    pub mean: Option<f64>,
    /// The interval's low end; None with fewer than two seeds.
    pub low: Option<f64>,
    /// The interval's high end; None with fewer than two seeds.
    pub high: Option<f64>,
}

/// The 97.5th percentile of Student's t for 1 to 30 degrees of freedom.
const T975: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

/// The standard normal's 97.5th percentile.
const Z975: f64 = 1.959_964;

/// Student's 97.5th percentile; beyond the table by the first terms of its expansion in
/// 1/degrees (Abramowitz and Stegun 26.7.5), right to four digits there.
fn t975(degrees: usize) -> f64 {
    match degrees.checked_sub(1).and_then(|i| T975.get(i)) {
        Some(t) => *t,
        None => {
            let degrees = degrees as f64;
            let first = (Z975.powi(3) + Z975) / 4.0;
            let second = (5.0 * Z975.powi(5) + 16.0 * Z975.powi(3) + 3.0 * Z975) / 96.0;
            Z975 + first / degrees + second / (degrees * degrees)
        }
    }
}

impl Estimate {
    /// From one value per seed; a seed without a value is left out.
    pub fn over(values: impl IntoIterator<Item = Option<f64>>) -> Estimate {
        let values: Vec<f64> = values.into_iter().flatten().collect();
        let n = values.len();
        if n == 0 {
            return Estimate::default();
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        let mut estimate = Estimate {
            mean: Some(mean),
            ..Estimate::default()
        };
        if n > 1 {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let half = t975(n - 1) * (squares / (n - 1) as f64 / n as f64).sqrt();
            estimate.low = Some(mean - half);
            estimate.high = Some(mean + half);
        }
        estimate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_students() {
        let estimate = Estimate::over([1.0, 2.0, 3.0].map(Some));
        let half = 4.303 / 3.0_f64.sqrt();
        assert_eq!(estimate.mean, Some(2.0));
        assert!(
            estimate
                .low
                .is_some_and(|low| (low - (2.0 - half)).abs() < 1e-9)
        );
        assert!(
            estimate
                .high
                .is_some_and(|high| (high - (2.0 + half)).abs() < 1e-9)
        );
    }

    #[test]
    fn one_seed_has_a_mean_and_no_interval() {
        let estimate = Estimate::over([Some(5.0), None]);
        assert_eq!((estimate.mean, estimate.low), (Some(5.0), None));
        assert_eq!(Estimate::over([None]), Estimate::default());
    }

    #[test]
    fn the_table_goes_over_into_the_expansion_smoothly() {
        assert!((t975(30) - 2.042).abs() < 1e-9);
        assert!((t975(31) - 2.0395).abs() < 2e-4);
        assert!((t975(1_000) - 1.9623).abs() < 1e-3);
    }
}
