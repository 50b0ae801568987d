//! How far a run's figures scatter: measured from its samples, or read from its report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::units::{ComparedRequest, Units};
use crate::lang::{Statement, statements::comparison};

/// How far each figure of a run scatters, by the figure's name (`response.cold.p50`). An HTML report
/// carries this instead of samples, so that it can be compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scatters(pub(super) BTreeMap<String, FigureScatter>);

impl Scatters {
    /// Those of a part, by its [`NamedFigure::part`](crate::scenario::NamedFigure::part).
    pub(super) fn of_part(&self, key: &str) -> Scatters {
        let of_part = |(name, scatter): (&String, &FigureScatter)| {
            let metric = name.strip_prefix(key)?.strip_prefix('.')?;
            Some((metric.to_owned(), *scatter))
        };
        Scatters(self.0.iter().filter_map(of_part).collect())
    }
}

/// What is known about the scatter of one figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum FigureScatter {
    Known(FigureSpread),
    Unknown(ScatterUnknown),
}

/// How far a figure scatters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FigureSpread {
    /// The factor by which the variance exceeds that of independent requests; at least 1.
    pub inflation: f64,
    /// Degrees of freedom, at least 1.
    pub freedom: f64,
}

/// Why the scatter of a figure is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ScatterUnknown {
    /// It rests on one burst, or one request.
    OneObservation,
    /// None of its requests is among the samples.
    NotSampled,
    /// Only a report is at hand, and it does not say.
    NotInReport,
}

impl ScatterUnknown {
    /// The reason as a comparison keeps it.
    pub fn statement(self) -> Statement {
        match self {
            ScatterUnknown::OneObservation => comparison::one_observation(),
            ScatterUnknown::NotSampled => comparison::none_sampled(),
            ScatterUnknown::NotInReport => comparison::not_in_report(),
        }
    }
}

/// What a run's scatter is determined from.
#[derive(Clone, Debug)]
pub(super) enum ScatterSource {
    Samples(Units),
    Report(Option<Scatters>),
}

/// How far the share of requests for which `part` is true scatters around `mean`, if only the share
/// `kept` of the run's samples is available. Requests for which `part` is None are left out.
///
/// Let S be the sum over the n requests of a unit. A uniform share p of them has, by the law of total
/// variance, the variance p²·Var(S) + p(1-p)·nσ², where nσ² is the variance of S if the requests were
/// independent. So the excess over independence is p times as large among the kept as among all.
pub(super) fn spread(
    units: &Units,
    kept: f64,
    mean: f64,
    part: impl Fn(&ComparedRequest) -> Option<bool>,
) -> Result<FigureSpread, ScatterUnknown> {
    let n = units.requests.iter().filter_map(&part).count();
    let deviation = |seen: &ComparedRequest| Some(f64::from(u8::from(part(seen)?)) - mean);
    let scatter = units.scatter(deviation).ok_or(ScatterUnknown::NotSampled)?;
    if scatter.alone {
        return Err(ScatterUnknown::OneObservation);
    }
    let independent = n as f64 * mean * (1.0 - mean);
    Ok(FigureSpread {
        inflation: match independent > 0.0 {
            true => {
                let excess = (scatter.variance / independent - 1.0).max(0.0);
                1.0 + excess / kept.clamp(f64::MIN_POSITIVE, 1.0)
            }
            false => 1.0,
        },
        freedom: scatter.freedom,
    })
}
