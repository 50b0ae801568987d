//! The percentiles that are compared.

use crate::scenario::Figure;

/// The figures of a latency that have a confidence interval.
pub(super) const PERCENTILES: [Figure; 5] = [
    Figure::P50,
    Figure::P90,
    Figure::P95,
    Figure::P99,
    Figure::P999,
];

/// The quantile, 0 to 1, of a percentile.
pub(super) fn quantile(figure: Figure) -> Option<f64> {
    match figure {
        Figure::P50 => Some(0.5),
        Figure::P90 => Some(0.9),
        Figure::P95 => Some(0.95),
        Figure::P99 => Some(0.99),
        Figure::P999 => Some(0.999),
        Figure::Min | Figure::Max | Figure::Mean => None,
    }
}
