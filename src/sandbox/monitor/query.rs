//! What a monitor watches: `avg(last_5m):METRIC QUERY > 5`, or
//! `logs("SEARCH").index("*").rollup("count").by("FACET").last("5m") > 5`.
//!
//! Source: Datadog, API reference, "Create a monitor".

use crate::{
    lang::{Lang, speaking},
    telemetry::{
        QuerySyntaxError,
        query::{
            aggregate::Aggregation,
            expression::{Expression, metric_expressions},
            metric::MetricQuery,
        },
        search::{Field, Query},
    },
};

/// The longest window: Datadog's metric monitors look back a month at most.
const LONGEST_MS: i64 = 31 * 86_400_000;

/// A monitor that cannot be evaluated, and why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("The value provided for parameter 'query' is invalid: {0}")]
pub(in crate::sandbox) struct AlertQueryError(String);

impl AlertQueryError {
    pub(super) fn new(problem: impl Into<String>) -> AlertQueryError {
        AlertQueryError(problem.into())
    }
}

impl From<QuerySyntaxError> for AlertQueryError {
    fn from(error: QuerySyntaxError) -> AlertQueryError {
        AlertQueryError(speaking(Lang::En, || error.to_string()))
    }
}

/// What a monitor watches, and when it alerts.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct AlertQuery {
    pub(super) watched: MonitorSubject,
    /// How the values of the window become one.
    pub(super) over_time: Aggregation,
    pub(super) window_ms: i64,
    pub(super) comparison: AlertComparison,
    pub(super) limit: f64,
}

#[derive(Clone, Debug)]
pub(super) enum MonitorSubject {
    Metrics(Expression<MetricQuery>),
    Logs {
        search: Query,
        aggregation: Aggregation,
        measure: Option<Field>,
        by: Vec<Field>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum AlertComparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl AlertComparison {
    pub(super) fn is_met(self, value: f64, limit: f64) -> bool {
        match self {
            AlertComparison::Above => value > limit,
            AlertComparison::AtLeast => value >= limit,
            AlertComparison::Below => value < limit,
            AlertComparison::AtMost => value <= limit,
        }
    }
}

impl AlertQuery {
    pub(super) fn parse(kind: &str, text: &str) -> Result<AlertQuery, AlertQueryError> {
        let (watched, comparison, limit) = compared(text)?;
        match kind {
            "metric alert" | "query alert" => metrics(watched, comparison, limit),
            "log alert" => logs(watched, comparison, limit),
            other => Err(AlertQueryError::new(format!(
                "the sandbox evaluates metric alert, query alert and log alert, not {other}"
            ))),
        }
    }

    /// Whether it watches each group by itself.
    pub(in crate::sandbox) fn is_multi(&self) -> bool {
        match &self.watched {
            MonitorSubject::Metrics(expression) => {
                expression.leaves().any(|query| !query.by.is_empty())
            }
            MonitorSubject::Logs { by, .. } => !by.is_empty(),
        }
    }
}

/// What stands before the comparison, which one it is, and the number behind it.
fn compared(text: &str) -> Result<(&str, AlertComparison, f64), AlertQueryError> {
    let wrong = || AlertQueryError::new("expected a comparison with a number at its end");
    let sign = text.rfind(['>', '<', '=']).ok_or_else(wrong)?;
    let limit: f64 = text[sign + 1..].trim().parse().map_err(|_| wrong())?;
    let (before, comparison) = [
        (">=", AlertComparison::AtLeast),
        ("<=", AlertComparison::AtMost),
        (">", AlertComparison::Above),
        ("<", AlertComparison::Below),
    ]
    .into_iter()
    .find_map(|(sign_text, comparison)| Some((text[..=sign].strip_suffix(sign_text)?, comparison)))
    .ok_or_else(wrong)?;
    match limit.is_finite() {
        true => Ok((before.trim(), comparison, limit)),
        false => Err(wrong()),
    }
}

fn metrics(
    text: &str,
    comparison: AlertComparison,
    limit: f64,
) -> Result<AlertQuery, AlertQueryError> {
    let wrong = || AlertQueryError::new("expected AGGREGATOR(last_WINDOW):QUERY");
    let (over_time, rest) = text.split_once("(last_").ok_or_else(wrong)?;
    let (window, query) = rest.split_once("):").ok_or_else(wrong)?;
    let mut expressions = metric_expressions(query)?;
    let expression = match expressions.len() {
        1 => expressions.remove(0).1,
        _ => return Err(AlertQueryError::new("expected one query")),
    };
    Ok(AlertQuery {
        watched: MonitorSubject::Metrics(expression),
        over_time: over_window(over_time)?,
        window_ms: window_ms(window)?,
        comparison,
        limit,
    })
}

fn over_window(text: &str) -> Result<Aggregation, AlertQueryError> {
    Ok(match text.trim() {
        "avg" => Aggregation::Average,
        "sum" => Aggregation::Sum,
        "min" => Aggregation::Min,
        "max" => Aggregation::Max,
        other => {
            return Err(AlertQueryError::new(format!(
                "`{other}` is not avg, sum, min or max"
            )));
        }
    })
}

fn window_ms(text: &str) -> Result<i64, AlertQueryError> {
    let wrong = || AlertQueryError::new(format!("`{text}` is no window such as 5m, 1h or 1d"));
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let number: i64 = text
        .strip_suffix(unit)
        .and_then(|number| number.parse().ok())
        .ok_or_else(wrong)?;
    let unit_ms = match unit {
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 604_800_000,
        _ => return Err(wrong()),
    };
    number
        .checked_mul(unit_ms)
        .filter(|ms| (60_000..=LONGEST_MS).contains(ms))
        .ok_or_else(wrong)
}

fn logs(
    text: &str,
    comparison: AlertComparison,
    limit: f64,
) -> Result<AlertQuery, AlertQueryError> {
    let mut search = None;
    let (mut aggregation, mut measure) = (Aggregation::Count, None);
    let mut by = Vec::new();
    let mut window = None;
    for (name, arguments) in calls(text)? {
        match (name, arguments.as_slice()) {
            ("logs", [text]) => search = Some(Query::parse(text)?),
            ("index", _) => {}
            ("rollup", [count]) if count == "count" => {}
            ("rollup", [method, field]) => {
                aggregation = over_window(method)?;
                measure = Some(Field::written(field));
            }
            ("by", [facets]) => {
                by = facets
                    .split(',')
                    .map(|one| Field::written(one.trim()))
                    .collect();
            }
            ("last", [text]) => window = Some(window_ms(text)?),
            (name, _) => {
                return Err(AlertQueryError::new(format!(
                    "the sandbox knows no `{name}` with these arguments"
                )));
            }
        }
    }
    let missing = |what| move || AlertQueryError::new(format!("{what} is missing"));
    Ok(AlertQuery {
        watched: MonitorSubject::Logs {
            search: search.ok_or_else(missing("logs(\"SEARCH\")"))?,
            aggregation,
            measure,
            by,
        },
        over_time: match aggregation {
            Aggregation::Count => Aggregation::Sum,
            other => other,
        },
        window_ms: window.ok_or_else(missing("last(\"WINDOW\")"))?,
        comparison,
        limit,
    })
}

/// `name("text", "text").name("text")`: each name with its texts.
fn calls(mut rest: &str) -> Result<Vec<(&str, Vec<String>)>, AlertQueryError> {
    let wrong = || AlertQueryError::new("expected logs(\"SEARCH\").rollup(\"count\").last(\"5m\")");
    let mut calls = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('(').ok_or_else(wrong)?;
        let mut arguments = Vec::new();
        rest = after.trim_start();
        while let Some(quoted) = rest.strip_prefix('"') {
            let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            arguments.push(texts.next().and_then(Result::ok).ok_or_else(wrong)?);
            rest = quoted
                .get(texts.byte_offset() - 1..)
                .ok_or_else(wrong)?
                .trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        }
        rest = rest.strip_prefix(')').ok_or_else(wrong)?;
        rest = rest.strip_prefix('.').unwrap_or(rest);
        calls.push((name.trim(), arguments));
    }
    Ok(calls)
}
