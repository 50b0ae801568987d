//! Limits on the figures of a report, and how they are written.

use std::{fmt, str::FromStr};

use super::{
    metric::{MetricError, Unit},
    named::NamedFigure,
    words,
};
use crate::{lang::Phrase, units::parse_duration};

/// A limit on one figure of the report: `"response.warm.p95" = "< 800ms"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The figure of the report.
    pub figure: NamedFigure,
    /// How it is compared.
    pub comparison: ThresholdOperator,
    /// The limit in the figure's own unit: milliseconds for latencies, 0 to 1 for shares,
    /// a plain number for counts and rates.
    pub limit: f64,
    /// The threshold as it was written: `< 800ms`.
    pub written: String,
}

/// How a figure is compared with its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdOperator {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// Why a text is no threshold.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ThresholdError {
    /// Its figure is none.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// Its limit is none, or is met always or never.
    #[error("{0}")]
    Refused(Phrase),
}

impl ThresholdOperator {
    /// Whether a figure meets the limit. A figure that is no number meets none.
    pub fn met(self, figure: f64, limit: f64) -> bool {
        match self {
            ThresholdOperator::Below => figure < limit,
            ThresholdOperator::AtMost => figure <= limit,
            ThresholdOperator::Above => figure > limit,
            ThresholdOperator::AtLeast => figure >= limit,
        }
    }
}

impl Threshold {
    /// A limit on a metric, as a scenario writes it: `"response.warm.p95" = "< 800ms"`.
    ///
    /// # Errors
    /// Unknown metrics, limits that do not read, that are in another unit, or that can never be
    /// met.
    pub fn parse(metric: &str, limit: &str) -> Result<Threshold, ThresholdError> {
        let figure: NamedFigure = metric.parse()?;
        let metric = figure.metric;
        let written = limit.trim().to_owned();
        let wrong = || {
            let found: String = written.chars().take(80).collect();
            let example = match metric.unit() {
                Unit::Milliseconds => words::LIMIT_MS,
                Unit::Share => words::LIMIT_SHARE,
                Unit::Requests => words::LIMIT_COUNT,
            };
            ThresholdError::Refused(words::no_limit(&found, &figure.to_string(), example))
        };
        // The longer signs first.
        let (comparison, value) = [
            ("<=", ThresholdOperator::AtMost),
            (">=", ThresholdOperator::AtLeast),
            ("<", ThresholdOperator::Below),
            (">", ThresholdOperator::Above),
        ]
        .into_iter()
        .find_map(|(sign, comparison)| Some((comparison, written.strip_prefix(sign)?.trim())))
        .ok_or_else(wrong)?;
        let limit = match metric.unit() {
            Unit::Milliseconds => parse_duration(value).map_err(|_| wrong())?.as_secs_f64() * 1e3,
            Unit::Share => match value.strip_suffix('%') {
                Some(percent) => number(percent.trim_end()).ok_or_else(wrong)? / 100.0,
                None => number(value).ok_or_else(wrong)?,
            },
            Unit::Requests => number(value).ok_or_else(wrong)?,
        };
        if metric.unit() == Unit::Share && limit > 1.0 {
            return Err(ThresholdError::Refused(words::above_one(&written)));
        }
        if comparison == ThresholdOperator::Below && limit == 0.0 {
            return Err(ThresholdError::Refused(words::never_met(&written)));
        }
        Ok(Threshold {
            figure: figure.clone(),
            comparison,
            limit,
            written,
        })
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.figure, self.written)
    }
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    /// A limit with its metric in one text, as flags write it: `response.warm.p95 < 800ms`.
    fn from_str(text: &str) -> Result<Threshold, ThresholdError> {
        match text.find(['<', '>']) {
            Some(at) => Threshold::parse(text[..at].trim(), &text[at..]),
            None => {
                let found: String = text.chars().take(80).collect();
                Err(ThresholdError::Refused(words::no_threshold(&found)))
            }
        }
    }
}

/// A plain number from zero up: digits, with or without a decimal point.
fn number(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || c == '.';
    let plain = !text.is_empty() && text.len() <= 20 && text.chars().all(plain);
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_in_the_unit_of_their_metric() {
        let limit = |metric, limit| {
            let threshold = Threshold::parse(metric, limit).expect(limit);
            (threshold.comparison, threshold.limit)
        };
        assert_eq!(
            limit("response.warm.p95", "< 800ms"),
            (ThresholdOperator::Below, 800.0)
        );
        assert_eq!(
            limit("service.all.mean", "<=1.5s"),
            (ThresholdOperator::AtMost, 1500.0)
        );
        assert_eq!(
            limit("errors.share", "< 20%"),
            (ThresholdOperator::Below, 0.2)
        );
        assert_eq!(
            limit("cold.share", "> 0.5"),
            (ThresholdOperator::Above, 0.5)
        );
        assert_eq!(
            limit("requests.sent", ">= 100"),
            (ThresholdOperator::AtLeast, 100.0)
        );
    }

    #[test]
    fn what_is_no_threshold_is_refused() {
        for (metric, limit) in [
            ("response.warm.p42", "< 1s"),
            ("response.warm", "< 1s"),
            ("", ""),
            ("response.warm.p95", "800ms"),
            ("response.warm.p95", "< 800"),
            ("response.warm.p95", "< -1s"),
            ("response.warm.p95", "< 20%"),
            ("errors.share", "< 20"),
            ("errors.share", "< 120%"),
            ("errors.share", "< 1s"),
            ("errors.share", "< nan"),
            ("errors.share", "< %"),
            ("errors.count", "== 3"),
            ("errors.count", "< 0"),
            ("requests.sent", "< 1e3"),
            ("requests.sent", "< inf"),
        ] {
            assert!(Threshold::parse(metric, limit).is_err(), "{metric} {limit}");
        }
    }

    #[test]
    fn a_flag_holds_metric_and_limit_in_one_text() {
        let threshold: Threshold = "errors.share>50%".parse().expect("a limit");
        assert_eq!(
            threshold,
            Threshold::parse("errors.share", "> 50%")
                .map(|read| Threshold {
                    written: ">50%".to_owned(),
                    ..read
                })
                .expect("a limit")
        );
        for wrong in [
            "",
            "errors.share",
            "errors.share 5%",
            "< 5%",
            "errors.share = 5%",
            "> <",
        ] {
            assert!(wrong.parse::<Threshold>().is_err(), "{wrong}");
        }
    }
}
