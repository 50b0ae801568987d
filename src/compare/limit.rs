//! `--fail-on`: how much worse the second run may be.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::{ComparedFigure, Side, figures::compare_figures};
use crate::{
    lang::{Phrase, texts},
    scenario::{Metric, MetricError, NamedFigure},
    stats::Measure,
};

/// A change that fails the comparison: `response.warm.p99 > 10%`.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeLimit {
    /// The figure.
    pub figure: NamedFigure,
    /// Whether changes above the limit fail; otherwise changes below it do.
    pub above: bool,
    /// The change, as in [`ComparedFigure::change`].
    pub change: f64,
    written: String,
}

texts! {
    const;
    meant(error: Phrase, near: String): "{}; did you mean `{}`?", "{}. `{:`을} 쓰려고 했나요?";
    not_compared(figure: String): "{} is not compared: percentiles of response, service and init time, errors.share and cold.share are",
        "{:은} 비교하지 않습니다. 응답·서비스·초기화 시간의 백분위수, errors.share, cold.share를 비교합니다";
    no_change(found: String): "`{}` is no change that could be too much: write for example \"warm.p99 > 10%\" (relative for a latency, points for a share)",
        "`{}`: 변화의 임계값이 아닙니다. 예: \"warm.p99 > 10%\"(레이턴시는 상대 변화, 비율은 포인트)";
}

impl ChangeLimit {
    /// Whether a change exceeds the limit.
    pub fn is_exceeded_by(&self, change: f64) -> bool {
        match self.above {
            true => change > self.change,
            false => change < self.change,
        }
    }
}

impl fmt::Display for ChangeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.figure, self.written)
    }
}

impl FromStr for ChangeLimit {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<ChangeLimit, Phrase> {
        let form = || no_change(text.chars().take(80).collect());
        let at = text.find(['<', '>']).ok_or_else(form)?;
        let (name, limit) = text.split_at(at);
        let name = name.trim();
        let figure = figure_named(name)?;
        match figure.metric {
            Metric::Latency(measure, _, figure)
                if figure.quantile().is_some() && measure != Measure::Connect => {}
            Metric::ErrorsShare | Metric::ColdShare => {}
            _ => return Err(not_compared(figure.to_string())),
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
        Ok(ChangeLimit {
            figure,
            above,
            change: percent / 100.0,
            written,
        })
    }
}

/// The figure with this name. `warm.p99` means the response time, which is what users feel.
fn figure_named(name: &str) -> Result<NamedFigure, Phrase> {
    let part = match name.starts_with("phase.") || name.starts_with("function.") {
        true => name.match_indices('.').nth(1).map_or(0, |(at, _)| at + 1),
        false => 0,
    };
    let (part, rest) = name.split_at(part);
    name.parse().or_else(|error: MetricError| {
        let of_response = format!("{part}response.{rest}").parse();
        of_response.map_err(|_: MetricError| match error.near {
            Some(near) => meant(error.said, near),
            None => error.said,
        })
    })
}

/// The result of a limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeLimitResult {
    /// The limit as written.
    pub limit: String,
    /// The figure in both runs, corrected for the number of limits.
    pub row: ComparedFigure,
    /// Whether the change exceeds the limit.
    #[serde(rename = "beyond")]
    pub exceeds_limit: bool,
    /// Whether the change is significant.
    #[serde(rename = "beyond_noise")]
    pub is_significant: bool,
}

impl ChangeLimitResult {
    /// Whether it fails the comparison: the change exceeds the limit and is significant.
    pub fn fails(&self) -> bool {
        self.exceeds_limit && self.is_significant
    }

    /// Whether the change cannot be determined. This fails the comparison too: a gate must not pass
    /// on missing data.
    pub fn cannot_be_determined(&self) -> bool {
        self.row.chance.is_none()
    }
}

/// Checks the limits against both runs.
pub(super) fn check_limits(limits: &[ChangeLimit], a: &Side, b: &Side) -> Vec<ChangeLimitResult> {
    let figures: Vec<NamedFigure> = limits.iter().map(|limit| limit.figure.clone()).collect();
    let rows = compare_figures(a, b, &figures);
    limits
        .iter()
        .zip(rows)
        .map(|(limit, row)| ChangeLimitResult {
            limit: limit.to_string(),
            exceeds_limit: (row.change).is_some_and(|change| limit.is_exceeded_by(change)),
            is_significant: row.differs_among_all(),
            row,
        })
        .collect()
}
