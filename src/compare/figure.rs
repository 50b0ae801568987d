//! One figure of both runs.

use serde::Serialize;

use super::difference::CONFIDENCE;
use crate::{
    lang::Statement,
    scenario::{NamedFigure, Unit},
};

/// One figure of both runs, and how sure its change is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ComparedFigure {
    /// The figure's name: `response.cold.p50`.
    pub metric: String,
    /// The first run's value in the figure's unit; None if it has none.
    pub a: Option<f64>,
    /// The second run's value.
    pub b: Option<f64>,
    /// How many requests the first run's value rests on.
    pub n_a: u64,
    /// How many requests the second run's value rests on.
    pub n_b: u64,
    /// From the first run to the second: relative for a latency (0.1 is 10 % more), the difference
    /// for a share (0.1 is 10 points more).
    pub change: Option<f64>,
    /// The lower end of the change's 95 % confidence interval; None if it is unbounded.
    pub low: Option<f64>,
    /// The upper end of the change's 95 % confidence interval; None if it is unbounded.
    pub high: Option<f64>,
    /// The probability that runs that do not differ are this far apart. None if it cannot be
    /// determined.
    pub chance: Option<f64>,
    /// The same probability, corrected for the number of figures that were compared.
    pub chance_of_all: Option<f64>,
    /// The smallest change that would have been detected, given all the other figures.
    pub could_show: Option<f64>,
    /// Why the probability cannot be determined.
    pub reason: Option<Statement>,
}

impl ComparedFigure {
    /// Whether the change is significant if only this figure is compared.
    pub fn differs(&self) -> bool {
        self.chance.is_some_and(|chance| chance < 1.0 - CONFIDENCE)
    }

    /// Whether the change is significant among all compared figures.
    pub fn differs_among_all(&self) -> bool {
        self.chance_of_all
            .is_some_and(|chance| chance < 1.0 - CONFIDENCE)
    }

    /// How bad its change is: certain ones first, then by size.
    pub(super) fn badness(&self) -> f64 {
        let change = self.change.unwrap_or(f64::NEG_INFINITY);
        match self.differs_among_all() && change > 0.0 {
            true => 1e9 + change,
            false => change,
        }
    }

    /// Whether the figure is a share, whose change is in points.
    pub fn is_share(&self) -> bool {
        let named = self.metric.parse::<NamedFigure>();
        named.is_ok_and(|named| named.metric.unit() == Unit::Share)
    }
}
