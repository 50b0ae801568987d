//! What is known about a quantity: a lower and an upper bound.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::lang::{Range, Speaker, Value, current};

/// Everything between `low` and `high`, both included. Knowing nothing is the widest band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    low: u64,
    high: Option<u64>,
}

impl Band {
    /// Nothing is known.
    pub const UNKNOWN: Band = Band { low: 0, high: None };
    /// It is certainly zero.
    pub const ZERO: Band = Band::exactly(0);

    /// It is known.
    pub const fn exactly(value: u64) -> Band {
        Band {
            low: value,
            high: Some(value),
        }
    }

    /// Between the two, in either order.
    pub fn between(one: u64, other: u64) -> Band {
        Band {
            low: one.min(other),
            high: Some(one.max(other)),
        }
    }

    /// No upper bound is known.
    pub const fn at_least(low: u64) -> Band {
        Band { low, high: None }
    }

    /// From `low` up to `high`, if that bound is known.
    pub fn bounded(low: u64, high: Option<u64>) -> Band {
        Band {
            low,
            high: high.map(|high| high.max(low)),
        }
    }

    /// The same, without an upper bound while there is more to come.
    #[must_use]
    pub fn bounded_if(self, complete: bool) -> Band {
        Band {
            high: self.high.filter(|_| complete),
            ..self
        }
    }

    /// The least it can be.
    pub const fn low(self) -> u64 {
        self.low
    }

    /// The most it can be; None where no bound is known.
    pub const fn high(self) -> Option<u64> {
        self.high
    }

    /// The value, where it is known.
    pub fn exact(self) -> Option<u64> {
        self.high.filter(|high| *high == self.low)
    }

    /// Whether nothing at all is known.
    pub fn is_unknown(self) -> bool {
        self == Band::UNKNOWN
    }

    /// The band of the sum.
    #[must_use]
    pub fn plus(self, other: Band) -> Band {
        Band {
            low: self.low.saturating_add(other.low),
            high: self.high.zip(other.high).map(|(a, b)| a.saturating_add(b)),
        }
    }

    /// The same from 0 up: it may also not have happened.
    #[must_use]
    pub fn or_none(self) -> Band {
        Band { low: 0, ..self }
    }

    /// Whether `other` lies within.
    pub fn holds(self, other: Band) -> bool {
        self.low <= other.low
            && match (self.high, other.high) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(mine), Some(theirs)) => theirs <= mine,
            }
    }
}

impl From<Band> for Range {
    /// Of counts.
    fn from(band: Band) -> Range {
        let low = (!band.is_unknown()).then_some(Value::Count(band.low));
        Range::new(low, band.high.map(Value::Count))
    }
}

impl fmt::Display for Band {
    /// `20`, `20 to 52`, `at least 3`, `unknown`, in the language that is spoken now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = Value::Range((*self).into());
        f.write_str(&range.say(&Speaker::plain(current())))
    }
}
