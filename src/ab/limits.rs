//! `--fail-on` of a paired comparison.

use serde::Serialize;

use super::{AbFigure, sides::PairedMetric};
use crate::{
    compare::ChangeLimit,
    scenario::{Figure, Metric},
    stats::{Class, Measure},
};

/// A limit and its result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AbLimit {
    /// The limit as written.
    pub limit: String,
    /// The figure.
    pub figure: AbFigure,
    /// Whether the change exceeds it.
    pub beyond: bool,
    /// Whether it is certain that there is a change in that direction.
    pub beyond_noise: bool,
}

impl AbLimit {
    pub(super) fn of(limit: &ChangeLimit, figure: AbFigure) -> AbLimit {
        let certain = match limit.above {
            true => figure.low.is_some_and(|low| low > 0.0),
            false => figure.high.is_some_and(|high| high < 0.0),
        };
        AbLimit {
            limit: limit.to_string(),
            beyond: figure
                .change
                .is_some_and(|change| limit.is_exceeded_by(change)),
            beyond_noise: certain,
            figure,
        }
    }

    /// Whether the limit was kept. A limit on a figure that no pair has was not kept: a gate must
    /// not pass on missing data.
    pub fn is_kept(&self) -> bool {
        self.figure.change.is_some() && !self.has_failed()
    }

    /// Whether the change exceeds the limit, and a change in that direction is certain.
    pub(super) fn has_failed(&self) -> bool {
        self.beyond && self.beyond_noise
    }
}

/// The figure of a limit. None if pairs do not have it: other percentiles, shares, phases.
pub(super) fn metric_of(limit: &ChangeLimit) -> Option<PairedMetric> {
    match limit.figure.metric {
        _ if limit.figure.phase.is_some() => None,
        Metric::Latency(measure, class, Figure::P50)
            if measure != Measure::Connect && matches!(class, Class::Cold | Class::Warm) =>
        {
            Some(PairedMetric::Latency(measure, class))
        }
        _ => None,
    }
}

/// Whether pairs have the figure of this limit: the median of cold or warm requests.
pub fn is_paired(limit: &ChangeLimit) -> bool {
    metric_of(limit).is_some()
}
