//! Datadog monitors for the same conditions and functions.
//!
//! A monitor is a `query alert` in the grammar of `POST /api/v1/monitor` (Datadog, API reference,
//! "Create a monitor"): `time_aggr(window):query operator limit`. An Insight looks at the time range
//! that a person has chosen; a monitor looks at a window that moves, so its shares are those of the
//! last hour. "More than" stays strict.

mod terraform;

use serde::Serialize;

use super::{Audit, AuditScope, InsightStanding, tag::CREATED_BY};
use crate::{
    insight::{Condition, Id, Met, Observation, Quantity, Ratio},
    lang::{
        Lang, Statement, Text,
        statements::{audit, insight},
        texts,
    },
};

pub use terraform::terraform;

/// A monitor as `POST /api/v1/monitor` takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Monitor {
    /// What it is called, in every language the same: a scenario demands it by this name.
    pub name: String,
    /// Always `query alert`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The query that it watches.
    pub query: String,
    /// The text of a notification.
    pub message: String,
    /// How it is found again.
    pub tags: Vec<String>,
    /// How it is evaluated.
    pub options: MonitorOptions,
    /// The function that it watches.
    #[serde(skip)]
    pub function: String,
    /// The Insight whose condition it watches.
    #[serde(skip)]
    pub insight: Id,
}

/// How a monitor is evaluated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonitorOptions {
    /// The limit, the same as in the query.
    pub thresholds: MonitorThresholds,
    /// The delay of CloudWatch's metrics, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluation_delay: Option<u32>,
    /// Always false: a function that is not called is no alarm.
    pub notify_no_data: bool,
    /// Always false: Lambda's metrics are sparse, and a window with gaps is evaluated too.
    pub require_full_window: bool,
    /// Whether the notification's title has the tags.
    pub include_tags: bool,
}

/// The limits of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MonitorThresholds {
    /// It alerts once the value crosses this.
    pub critical: f64,
}

/// The monitors of an audit, and the Insights without a monitor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Monitors {
    /// The monitors.
    pub monitors: Vec<Monitor>,
    /// The Insights that no monitor watches.
    pub left_out: Vec<LeftOut>,
}

/// An Insight of a function that no monitor can watch.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// The function.
    pub function: String,
    /// The Insight.
    pub insight: Id,
    /// Why.
    pub reason: Statement,
}

/// Most windows: shares and peaks of the last hour.
const HOUR: &str = "last_1h";
/// The window of what is about money: a quiet hour says nothing.
const DAY: &str = "last_1d";
/// Datadog advises to wait at least so long for the metrics of its AWS integration
/// (docs.datadoghq.com/monitors/guide/troubleshooting-no-data).
const CLOUDWATCH_DELAY_S: u32 = 900;

/// A monitor's query and its limit.
struct MonitorQuery {
    query: String,
    limit: f64,
}

/// The monitors for everything in `audit` that a metric carries.
pub fn monitors(audit: &Audit, scope: &AuditScope) -> Monitors {
    let mut found = Monitors::default();
    for audited in &audit.functions {
        let mut standings: Vec<&InsightStanding> = audited.insights.iter().collect();
        standings.sort_by_key(|standing| standing.id);
        for standing in standings {
            match watch(standing, &audited.seen, scope) {
                Ok(watch) => {
                    found
                        .monitors
                        .push(monitor(standing.id, &audited.function, watch, scope))
                }
                Err(reason) => found.left_out.push(LeftOut {
                    function: audited.function.clone(),
                    insight: standing.id,
                    reason,
                }),
            }
        }
    }
    found
}

fn watch(
    standing: &InsightStanding,
    seen: &Observation,
    scope: &AuditScope,
) -> Result<MonitorQuery, Statement> {
    let condition = standing.id.insight().condition;
    if standing.met == Met::CannotTell && !matches!(condition, Condition::LessThan { .. }) {
        return Err(standing.reason.clone().unwrap_or_else(audit::met_unknown));
    }
    let query = |quantity: Quantity| query_of(scope, &seen.function, quantity);
    let ratio = |of: Ratio| {
        let (part, whole) = (query(of.part)?, query(of.whole)?);
        Ok::<_, Statement>(match of.is_beside {
            true => format!("{part} / ({whole} + {part})"),
            false => format!("{part} / {whole}"),
        })
    };
    Ok(match condition {
        Condition::ShareAbove(of) => above("sum", HOUR, &ratio(of)?, share(of.percent)),
        Condition::AtLeastOne(quantity) => above("sum", HOUR, &query(quantity)?, 0.0),
        Condition::PeakAbove(of) => match late_limit(of.whole, of.percent, seen)? {
            Some(most) => above("max", HOUR, &query(of.part)?, most),
            None => above("max", HOUR, &ratio(of)?, share(of.percent)),
        },
        Condition::PeakNotAbove(of) => watching("max", DAY, &ratio(of)?, "<=", share(of.percent)),
        Condition::MoreThan(quantity, _) if seen.get(quantity).high() == Some(0) => {
            return Err(audit::reads_no_stream());
        }
        Condition::MoreThan(quantity, limit) => above("max", HOUR, &query(quantity)?, limit as f64),
        Condition::LessThan { value, limit, of } => less_than(value, limit, of, seen, scope)?,
        Condition::Unmeasured => return Err(insight::threats_unmeasured()),
    })
}

fn query_of(scope: &AuditScope, function: &str, quantity: Quantity) -> Result<String, Statement> {
    let query = scope.query(function, quantity);
    query.ok_or_else(|| audit::no_metric_carries(quantity.noun()))
}

/// A limit that CloudWatch delivers late cannot be compared with a current value, so its last
/// measured value is written into the query.
fn late_limit(limit: Quantity, percent: u64, seen: &Observation) -> Result<Option<f64>, Statement> {
    if !limit.is_from_cloudwatch() {
        return Ok(None);
    }
    let set = seen.get(limit).exact();
    let set = set.ok_or_else(|| audit::limit_unknown(limit.noun()))?;
    let most = in_metric_unit(limit, set) * percent as f64 / 100.0;
    Ok(Some(rounded(most)))
}

fn share(percent: u64) -> f64 {
    percent as f64 / 100.0
}

/// Utilization below a limit. Only a value above 1 shows whether the metric's scale ends at 1 or at
/// 100, and a monitor with the wrong limit is worse than none.
fn less_than(
    value: Quantity,
    limit: u64,
    of: Quantity,
    seen: &Observation,
    scope: &AuditScope,
) -> Result<MonitorQuery, Statement> {
    if seen.get(of).low() == 0 {
        return Err(audit::has_none(of.noun()));
    }
    let in_percent = seen.get(value).exact().is_some_and(|value| value > 0);
    match (in_percent, scope.query(&seen.function, value)) {
        (true, Some(query)) => Ok(watching("avg", DAY, &query, "<", limit as f64 / 1e4)),
        _ => Err(audit::unit_unclear(value.noun())),
    }
}

fn above(time_aggregator: &str, window: &str, query: &str, limit: f64) -> MonitorQuery {
    watching(time_aggregator, window, query, ">", limit)
}

fn watching(
    time_aggregator: &str,
    window: &str,
    query: &str,
    operator: &str,
    limit: f64,
) -> MonitorQuery {
    MonitorQuery {
        query: format!("{time_aggregator}({window}):{query} {operator} {limit}"),
        limit,
    }
}

fn in_metric_unit(quantity: Quantity, value: u64) -> f64 {
    match quantity {
        Quantity::Timeout | Quantity::LongestDuration => value as f64 / 1e6,
        Quantity::MemorySize | Quantity::MemoryUsed => value as f64 / 1024.0,
        _ => value as f64,
    }
}

/// Rounded to six decimals, which is a microsecond: avoids 2.8499999999999996.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

texts! {
    const;
    is_met(insight: Text, function: &str, when: Text): "The condition of Datadog's Insight \"{}\" is met on {}: {}",
        "{1} 함수가 Datadog 인사이트 \"{0}\"의 조건을 충족합니다: {2}";
}

fn monitor(id: Id, function: &str, watch: MonitorQuery, scope: &AuditScope) -> Monitor {
    let insight = id.insight();
    let from_cloudwatch = insight
        .condition
        .quantities()
        .first()
        .is_some_and(|quantity| quantity.is_from_cloudwatch());
    let mut tags = vec![
        format!("functionname:{function}"),
        format!("insight:{}", id.key()),
        CREATED_BY.to_owned(),
    ];
    tags.extend(scope.service.iter().map(|name| format!("service:{name}")));
    tags.extend(scope.env.iter().map(|name| format!("env:{name}")));
    Monitor {
        name: format!("{} on {function}", insight.name.to(Lang::En)),
        kind: "query alert",
        query: watch.query,
        message: format!(
            "{}.

{}

{}",
            is_met(insight.name, function, insight.when),
            insight.advice,
            insight.link()
        ),
        tags,
        options: MonitorOptions {
            thresholds: MonitorThresholds {
                critical: watch.limit,
            },
            evaluation_delay: from_cloudwatch.then_some(CLOUDWATCH_DELAY_S),
            notify_no_data: false,
            require_full_window: false,
            include_tags: true,
        },
        function: function.to_owned(),
        insight: id,
    }
}

#[cfg(test)]
mod tests;
