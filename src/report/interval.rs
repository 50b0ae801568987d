//! The confidence interval of a percentile, as it is shown beside the figure.

use super::words::UNBOUNDED;
use crate::{stats::ConfidenceInterval, units::three_digits};

/// The interval in numbers alone, in the unit of its figure, and that unit.
///
/// `640–1204` ms, `≥ 640` if no measured value bounds it from above, and `unbounded` if none bounds
/// it at all.
pub fn interval(figure_ms: f64, bounds: ConfidenceInterval) -> (String, &'static str) {
    // Unit and digits as `show_duration` has them, or the figure could seem to lie outside of its
    // interval. Above a minute that one says minutes and seconds, and this one seconds.
    let (unit, said): (_, fn(f64) -> String) = match figure_ms {
        ..0.999_5 => ("µs", |ms| three_digits(ms * 1e3)),
        ..999.5 => ("ms", three_digits),
        _ => ("s", tenths),
    };
    let numbers = match (bounds.low, bounds.high) {
        (Some(low), Some(high)) => format!("{}–{}", said(low), said(high)),
        (Some(low), None) => format!("≥ {}", said(low)),
        (None, Some(high)) => format!("≤ {}", said(high)),
        (None, None) => UNBOUNDED.to_string(),
    };
    (numbers, unit)
}

/// Seconds to a tenth, or below that to the first digit that is not 0, down to a millisecond.
fn tenths(ms: f64) -> String {
    let seconds = ms / 1e3;
    match seconds {
        0.005..0.05 => format!("{seconds:.2}"),
        0.0005..0.005 => format!("{seconds:.3}"),
        0.0..0.0005 => "<0.001".to_owned(),
        _ => ((seconds * 10.0).round() / 10.0).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_said_in_the_unit_of_the_figure() {
        let said = |figure, low, high| {
            let (numbers, unit) = interval(figure, ConfidenceInterval { low, high });
            format!("{numbers} {unit}")
        };
        assert_eq!(said(812.0, Some(640.2), Some(1204.0)), "640–1204 ms");
        assert_eq!(said(1700.0, Some(980.0), Some(1850.0)), "1–1.9 s");
        assert_eq!(said(1400.0, Some(3.2), Some(2100.0)), "0.003–2.1 s");
        assert_eq!(said(1400.0, Some(0.001), Some(1700.0)), "<0.001–1.7 s");
        assert_eq!(said(0.085, Some(0.0812), Some(1.2)), "81.2–1200 µs");
        assert_eq!(said(90_000.0, Some(85_000.0), Some(95_000.0)), "85–95 s");
    }

    #[test]
    fn an_end_that_nothing_bounds_is_said_to_be_open() {
        let said = |low, high| interval(100.0, ConfidenceInterval { low, high }).0;
        assert_eq!(said(Some(90.0), None), "≥ 90.0");
        assert_eq!(said(None, Some(110.0)), "≤ 110");
        assert_eq!(said(None, None), "unbounded");
    }
}
