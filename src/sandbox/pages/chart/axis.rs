//! The vertical axis: where values lie, and which are written beside it.

use super::HEIGHT;

/// A vertical axis.
pub(super) struct Axis {
    scale: Scale,
    show: fn(f64) -> String,
}

enum Scale {
    /// From 0 to a round number.
    Linear { top: f64 },
    /// From one power of ten to another.
    Logarithmic { low: i32, high: i32 },
}

impl Axis {
    /// From 0 to the next round number above `largest`.
    pub(super) fn linear(largest: f64, show: fn(f64) -> String) -> Axis {
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
            scale: Scale::Linear { top },
            show,
        }
    }

    /// Powers of ten around the values. Values that have no logarithm lie at the bottom.
    pub(super) fn logarithmic(smallest: f64, largest: f64, show: fn(f64) -> String) -> Axis {
        let power = |value: f64| value.clamp(1e-9, 1e12).log10();
        // Clamped to -9..=12, so the conversions are exact.
        let low = power(smallest).floor() as i32;
        let high = (power(largest).ceil() as i32).max(low + 1);
        Axis {
            scale: Scale::Logarithmic { low, high },
            show,
        }
    }

    /// How far below the top a value lies, in pixels.
    pub(super) fn y(&self, value: f64) -> f64 {
        let place = match self.scale {
            Scale::Linear { top } => value / top,
            Scale::Logarithmic { low, high } => {
                (value.max(1e-12).log10() - f64::from(low)) / f64::from(high - low)
            }
        };
        let place = if place.is_finite() {
            place.clamp(0.0, 1.0)
        } else {
            0.0
        };
        HEIGHT * (1.0 - place)
    }

    /// The marks of the axis, from the bottom: how far below the top, and what is written.
    pub(super) fn labels(&self) -> Vec<(f64, String)> {
        let values: Vec<f64> = match self.scale {
            Scale::Linear { top } => vec![0.0, top / 2.0, top],
            Scale::Logarithmic { low, high } => {
                // At most five marks, the top always among them.
                let step = ((high - low + 3) / 4).max(1);
                (low..=high)
                    .rev()
                    .step_by(usize::try_from(step).unwrap_or(1))
                    .map(|power| 10f64.powi(power))
                    .collect()
            }
        };
        values
            .into_iter()
            .map(|value| (self.y(value), (self.show)(value)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_value_lies_within_the_drawing(value in proptest::num::f64::ANY, top in proptest::num::f64::ANY) {
            for axis in [Axis::linear(top, |_| String::new()), Axis::logarithmic(value, top, |_| String::new())] {
                let y = axis.y(value);
                prop_assert!((0.0..=HEIGHT).contains(&y));
                prop_assert!(axis.labels().len() <= 6);
            }
        }
    }
}
