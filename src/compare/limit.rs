//! `--fail-on`: how much worse the second run may be.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Row, Side, metrics::PERCENTILES, rows};
use crate::{
    scenario::{Metric, MetricError, NamedFigure},
    stats::Measure,
};

/// A change that is too much: `response.warm.p99 > 10%`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The figure.
    pub figure: NamedFigure,
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
        error: MetricError,
        /// What was probably meant.
        near: Option<String>,
    },
    /// A figure without a band.
    #[error(
        "{0} is not compared: percentiles of response, service and init time, errors.share and cold.share are"
    )]
    NotCompared(NamedFigure),
    /// Not a change.
    #[error(
        "`{0}` is no change that could be too much: write for example \"warm.p99 > 10%\" (relative for a latency, points for a share)"
    )]
    Form(String),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.figure, self.written)
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Limit, LimitError> {
        let form = || LimitError::Form(text.chars().take(80).collect());
        let at = text.find(['<', '>']).ok_or_else(form)?;
        let (name, limit) = text.split_at(at);
        let name = name.trim();
        let figure = named(name)?;
        match figure.metric {
            Metric::Latency(measure, _, figure)
                if PERCENTILES.contains(&figure) && measure != Measure::Connect => {}
            Metric::ErrorsShare | Metric::ColdShare => {}
            _ => return Err(LimitError::NotCompared(figure)),
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
            figure,
            above,
            change: percent / 100.0,
            written,
        })
    }
}

/// The figure of this name. `warm.p99` means the response time, which is what users feel.
fn named(name: &str) -> Result<NamedFigure, LimitError> {
    let (phase, rest) = match name
        .strip_prefix("phase.")
        .and_then(|it| it.split_once('.'))
    {
        Some((phase, rest)) => (format!("phase.{phase}."), rest),
        None => (String::new(), name),
    };
    name.parse().or_else(|error| {
        let of_response = format!("{phase}response.{rest}").parse();
        of_response.map_err(|_| {
            let near = match &error {
                MetricError::Unknown { near, .. } => near.clone(),
                _ => None,
            };
            LimitError::Metric { error, near }
        })
    })
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
    let figures: Vec<NamedFigure> = limits.iter().map(|limit| limit.figure.clone()).collect();
    let rows = rows(a, b, &figures);
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
