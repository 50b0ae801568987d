//! The quantile function of a histogram, for curves.

use hdrhistogram::Histogram;

use super::supports;

/// The quantile function in microseconds, as far to the right as the count supports it: `steps`
/// quantiles (1 or more) that are equally far apart on the axis of 1/(1-q), and those `named`.
/// Sorted; empty where not even the median is supported.
pub fn quantiles(histogram: &Histogram<u64>, steps: u32, named: &[f64]) -> Vec<(f64, f64)> {
    let n = histogram.len();
    if !supports(n, 0.5) {
        return Vec::new();
    }
    // The largest quantile with q^n at 5 %: see `needed`.
    let last = 0.05_f64.powf(1.0 / n as f64);
    let rarest = -(1.0 - last).log10();
    let even = (0..=steps).map(|step| {
        let rarity = rarest * f64::from(step) / f64::from(steps.max(1));
        1.0 - 10f64.powf(-rarity)
    });
    let mut all: Vec<f64> = even
        .chain(named.iter().copied().filter(|q| supports(n, *q)))
        .collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all.into_iter()
        .map(|q| {
            let micros = histogram.value_at_quantile(q).min(histogram.max());
            (q, micros as f64)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_curve_rises_and_ends_where_the_count_ends(
            micros in prop::collection::vec(1_u64..10_000_000, 0..400),
        ) {
            let mut histogram = Histogram::new_with_bounds(1, 10_000_000, 2).expect("valid");
            for value in &micros {
                histogram.record(*value).expect("in range");
            }
            let curve = quantiles(&histogram, 20, &[0.5, 0.9, 0.99]);
            prop_assert_eq!(curve.is_empty(), micros.len() < 5);
            prop_assert!(curve.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1));
            prop_assert_eq!(curve.iter().any(|(q, _)| *q == 0.9), micros.len() >= 29);
            let beyond = curve.iter().filter(|(q, _)| q.powf(micros.len() as f64) > 0.0501).count();
            prop_assert_eq!(beyond, 0);
        }
    }
}
