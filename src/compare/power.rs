//! How many cold starts a comparison needs.

use std::f64::consts::PI;

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::difference::CONFIDENCE;

/// How far the logarithm of an init duration scatters: python3.12 at 512 MB (maxday/lambda-perf,
/// 2026-04 to 2026-08).
const INIT_SCATTER: f64 = 0.142;
/// The chance to find a change.
const POWER: f64 = 0.9;
/// The most bursts that are worth naming.
const MOST: u64 = 10_000;

/// How many bursts of `size` cold starts each run needs, so that a change of the median by this share
/// (0.1 is 10 %) is found nine times in ten. Assumed are init durations that scatter as
/// `INIT_SCATTER` says, and bursts that differ by chance alone.
pub fn bursts_needed(change: f64, size: u64) -> u64 {
    // A median of normal values has the standard error of their mean times the root of π / 2.
    let error_of_one = INIT_SCATTER * (PI / size.max(1) as f64).sqrt();
    let is_enough = |bursts: &u64| {
        // A burst counts as one observation: see `units`.
        let freedom = 2.0 * (*bursts as f64 - 1.0);
        let errors = StudentsT::new(0.0, 1.0, freedom)
            .map(|t| t.inverse_cdf(0.5 + CONFIDENCE / 2.0) + t.inverse_cdf(POWER));
        errors.is_ok_and(|errors| errors * error_of_one <= change.ln_1p() * (*bursts as f64).sqrt())
    };
    (2..MOST).find(is_enough).unwrap_or(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_bursts_need_as_many_cold_starts_as_a_normal_law_says() {
        // Two medians, the root of π / 2 each, at 1.96 + 1.2816 standard errors.
        let of_normal = PI * (3.2415 * INIT_SCATTER / 1.02_f64.ln()).powi(2);
        let cold = 10.0 * bursts_needed(0.02, 10) as f64;
        assert!(
            (1.0..1.03).contains(&(cold / of_normal)),
            "{cold} beside {of_normal}"
        );
        assert_eq!(bursts_needed(1.0, 1_000), 2);
        assert!(bursts_needed(0.05, 20) > bursts_needed(0.1, 20));
    }
}
