//! `--fail-on`: how much worse the second run may be.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Row, Side, metrics::PERCENTILES, rows};
use crate::{
    scenario::{Metric, ThresholdError},
    stats::Measure,
};

/// A change that is too much: `response.warm.p99 > 10%`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The figure.
    pub metric: Metric,
    /// Whether a change above the limit is too much; else one below it is.
    pub above: bool,
    /// The change, as in [`Row::change`].
    pub change: f64,
    written: String,
}

/// Why a limit is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// No such figure.
    #[error("{error}{hint}", hint = near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
    Metric {
        /// What was found.
        error: ThresholdError,
        /// What was probably meant.
        near: Option<String>,
    },
    /// A figure without a band.
    #[error(
        "{0} is not compared: percentiles of response, service and init time, errors.share and cold.share are"
    )]
    NotCompared(Metric),
    /// Not a change.
    #[error(
        "`{0}` is no change that could be too much: write for example \"warm.p99 > 10%\" (relative for a latency, points for a share)"
    )]
    Form(String),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.metric, self.written)
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Limit, LimitError> {
        let form = || LimitError::Form(text.chars().take(80).collect());
        let at = text.find(['<', '>']).ok_or_else(form)?;
        let (name, limit) = text.split_at(at);
        let name = name.trim();
        // `warm.p99` means the response time, which is what users feel.
        let metric = match name.parse() {
            Ok(metric) => metric,
            Err(error) => match format!("response.{name}").parse() {
                Ok(metric) => metric,
                Err(_) => {
                    let near = match &error {
                        ThresholdError::Metric { near, .. } => near.clone(),
                        _ => None,
                    };
                    return Err(LimitError::Metric { error, near });
                }
            },
        };
        match metric {
            Metric::Latency(measure, _, figure)
                if PERCENTILES.contains(&figure) && measure != Measure::Connect => {}
            Metric::ErrorsShare | Metric::ColdShare => {}
            other => return Err(LimitError::NotCompared(other)),
        }
        let written = limit.trim().to_owned();
        let above = written.starts_with('>');
        let number = written[1..]
            .trim()
            .strip_suffix('%')
            .ok_or_else(form)?
            .trim();
        let plain = |c: char| c.is_ascii_digit() || c == '.';
        let digits = number.strip_prefix(['-', '+']).unwrap_or(number);
        if digits.is_empty() || digits.len() > 20 || !digits.chars().all(plain) {
            return Err(form());
        }
        let percent: f64 = number.parse().map_err(|_| form())?;
        Ok(Limit {
            metric,
            above,
            change: percent / 100.0,
            written,
        })
    }
}

/// What came of a limit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Broken {
    /// The limit as written.
    pub limit: String,
    /// The figure in both runs, corrected for the number of limits.
    pub row: Row,
    /// Whether the change is beyond the limit.
    pub beyond: bool,
    /// Whether the change is beyond noise.
    pub beyond_noise: bool,
}

impl Broken {
    /// Whether it fails the comparison: beyond the limit and beyond noise.
    pub fn fails(&self) -> bool {
        self.beyond && self.beyond_noise
    }

    /// Whether nobody can tell what the change is. As elsewhere, a limit that cannot be held is not
    /// kept: a gate that passes on no data is none.
    pub fn untold(&self) -> bool {
        self.row.chance.is_none()
    }
}

/// Holds the limits against both runs.
pub fn hold(limits: &[Limit], a: &Side, b: &Side) -> Vec<Broken> {
    let metrics: Vec<Metric> = limits.iter().map(|limit| limit.metric).collect();
    let rows = rows(a, b, &metrics);
    limits
        .iter()
        .zip(rows)
        .map(|(limit, row)| Broken {
            limit: limit.to_string(),
            beyond: row.change.is_some_and(|change| match limit.above {
                true => change > limit.change,
                false => change < limit.change,
            }),
            beyond_noise: row.differs_among_all(),
            row,
        })
        .collect()
}
