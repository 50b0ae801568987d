//! The vertical axis: where values lie, and which are written beside it.

/// A vertical axis.
#[derive(Clone, Debug)]
pub struct Axis {
    height: f64,
    scale: Scale,
    show: fn(f64) -> String,
}

#[derive(Clone, Debug)]
enum Scale {
    /// From 0 to a round number.
    Linear { top: f64 },
    /// From the first to the last of the marks, each a power of ten or 2 or 5 times one.
    Logarithmic { marks: Vec<f64> },
}

/// The most marks of a logarithmic axis.
const MOST_MARKS: usize = 5;

impl Axis {
    /// From 0 to the next round number above `largest`, over `height` pixels; `show` says a value.
    pub fn linear(height: f64, largest: f64, show: fn(f64) -> String) -> Axis {
        let largest = if largest.is_finite() && largest > 0.0 {
            largest
        } else {
            1.0
        };
        let power = 10f64.powf(largest.log10().floor());
        let top = [1.0, 2.0, 4.0, 5.0, 6.0, 8.0, 10.0]
            .into_iter()
            .map(|step| step * power)
            .find(|top| *top >= largest * 0.999_999)
            .unwrap_or(largest);
        Axis {
            height,
            scale: Scale::Linear { top },
            show,
        }
    }

    /// Round numbers around the values, over `height` pixels. Values that have no logarithm lie
    /// at the bottom.
    pub fn logarithmic(height: f64, smallest: f64, largest: f64, show: fn(f64) -> String) -> Axis {
        Axis {
            height,
            scale: Scale::Logarithmic {
                marks: log_marks(smallest, largest, MOST_MARKS),
            },
            show,
        }
    }

    /// The height in pixels.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// How far below the top a value lies, in pixels.
    pub fn y(&self, value: f64) -> f64 {
        let place = match &self.scale {
            Scale::Linear { top } => value / top,
            Scale::Logarithmic { marks } => log_place(marks, value),
        };
        let place = if place.is_finite() {
            place.clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.height * (1.0 - place)
    }

    /// The marks of the axis, from the bottom: how far below the top, and what is written.
    pub fn labels(&self) -> Vec<(f64, String)> {
        let values = match &self.scale {
            Scale::Linear { top } => vec![0.0, top / 2.0, *top],
            Scale::Logarithmic { marks } => marks.clone(),
        };
        values
            .into_iter()
            .map(|value| (self.y(value), (self.show)(value)))
            .collect()
    }
}

/// At most `most` (2 or more) round numbers around the values: powers of ten, and 2 and 5 times
/// them where few decades leave room.
pub fn log_marks(smallest: f64, largest: f64, most: usize) -> Vec<f64> {
    let clamped = |value: f64| {
        if value.is_nan() {
            1.0
        } else {
            value.clamp(1e-9, 1e12)
        }
    };
    let (smallest, largest) = (clamped(smallest), clamped(largest).max(clamped(smallest)));
    // Clamped to -9..=12, so the conversions are exact.
    let low = smallest.log10().floor() as i32;
    let high = (largest.log10().ceil() as i32).max(low + 1);
    let fine: Vec<f64> = (low..=high)
        .flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10f64.powi(power)))
        .collect();
    let first = fine.iter().rposition(|mark| *mark <= smallest * 1.000_001);
    let last = fine.iter().position(|mark| *mark >= largest * 0.999_999);
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(fine.len() - 1));
    let last = last.max(first + 1).min(fine.len() - 1);
    if last - first < most {
        return fine.get(first..=last).unwrap_or_default().to_vec();
    }
    let decades = usize::try_from(high - low).unwrap_or(1);
    let step = decades.div_ceil(most.max(2) - 1);
    // The first mark lies low enough that a full number of steps ends at the last.
    let low = high - i32::try_from(decades.div_ceil(step) * step).unwrap_or(1);
    (low..=high)
        .step_by(step)
        .map(|power| 10f64.powi(power))
        .collect()
}

/// Where a value lies between the first mark and the last, on a logarithmic scale.
pub fn log_place(marks: &[f64], value: f64) -> f64 {
    let log = |value: f64| value.max(1e-12).log10();
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else {
        return 0.0;
    };
    (log(value) - log(*first)) / (log(*last) - log(*first))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_value_lies_within_the_drawing(value in proptest::num::f64::ANY, top in proptest::num::f64::ANY) {
            for axis in [Axis::linear(112.0, top, |_| String::new()), Axis::logarithmic(112.0, value, top, |_| String::new())] {
                let y = axis.y(value);
                prop_assert!((0.0..=112.0).contains(&y));
                prop_assert!((2..=MOST_MARKS).contains(&axis.labels().len()), "{axis:?}");
            }
        }

        #[test]
        fn the_marks_hold_the_values_between_them(
            low in 1e-9_f64..1e6,
            factor in 1.0_f64..1e6,
            most in 2_usize..9,
        ) {
            let high = (low * factor).min(1e12);
            let marks = log_marks(low, high, most);
            prop_assert!((2..=most).contains(&marks.len()), "{marks:?}");
            prop_assert!(marks[0] <= low * 1.001 && marks[marks.len() - 1] >= high * 0.999, "{marks:?}");
        }
    }

    #[test]
    fn a_narrow_range_gets_fine_marks() {
        assert_eq!(log_marks(0.3, 0.9, 5), [0.2, 0.5, 1.0]);
        assert_eq!(log_marks(0.03, 0.9, 5), [0.01, 0.1, 1.0]);
    }
}
