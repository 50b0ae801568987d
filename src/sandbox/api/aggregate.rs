//! What the aggregations of spans and logs have in common.

use std::{collections::BTreeMap, time::Instant};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    ApiState, ErrorResponse,
    query_v2::aggregation,
    search::{Filter, meta},
};
use crate::telemetry::{
    query::{
        aggregate::Aggregation,
        events::{EventQuery, EventSource, EventWindow, events},
        expression::GroupedValues,
        rollup::{self, Buckets},
        time,
    },
    search::{Field, Query},
};

/// An aggregation as it is written.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AggregateRequest {
    compute: Vec<AggregateCompute>,
    filter: Filter,
    group_by: Vec<AggregateGroupBy>,
}

#[derive(Deserialize)]
struct AggregateCompute {
    aggregation: String,
    metric: Option<String>,
    #[serde(default, rename = "type")]
    kind: ComputeKind,
    interval: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ComputeKind {
    #[default]
    Total,
    Timeseries,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AggregateGroupBy {
    facet: String,
    limit: Option<usize>,
    sort: Option<Sort>,
    /// The value of an event without the facet.
    missing: Option<Value>,
    /// Whether the computations over all events come too, and under which value.
    total: Option<Value>,
}

impl AggregateGroupBy {
    fn missing(&self) -> Option<String> {
        self.missing.as_ref().map(written)
    }

    /// The group value for all events. Datadog writes `__TOTAL__` if the option is only `true`.
    fn total(&self) -> Option<String> {
        match self.total.as_ref()? {
            Value::Null | Value::Bool(false) => None,
            Value::Bool(true) => Some("__TOTAL__".to_owned()),
            value => Some(written(value)),
        }
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[derive(Deserialize)]
struct Sort {
    order: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

/// How many computations one request may ask for.
const MOST: usize = 20;
/// How many values of a facet are shown where no limit is asked for.
const USUAL_LIMIT: usize = 10;

type AggregateBucket = (Map<String, Value>, Map<String, Value>);

/// The buckets (their groups and computed values) and the `meta` of the response.
pub(super) async fn answer(
    state: &ApiState,
    mut asked: AggregateRequest,
    source: EventSource,
    backwards: impl FnOnce(&str) -> ErrorResponse,
) -> Result<(Vec<AggregateBucket>, Value), ErrorResponse> {
    let began = Instant::now();
    let filter = std::mem::take(&mut asked.filter);
    let found = filter.read(state.now(), backwards)?;
    let range = EventWindow {
        from_ms: found.from_ms,
        to_ms: found.to_ms.min(state.visible_ms().saturating_sub(1)),
    };
    let queries = queries(&asked, source, &found.query, range)?;
    let total = match asked.group_by.as_slice() {
        [one] => one.total(),
        _ => None,
    };
    let tables = state
        .read(move |reader| {
            queries
                .iter()
                .map(|(query, buckets)| {
                    let mut table = events(reader, query, range, *buckets)?;
                    if let Some(total) = &total {
                        let by = Vec::new();
                        let all = EventQuery {
                            by,
                            ..query.clone()
                        };
                        let mut all = events(reader, &all, range, *buckets)?;
                        table.extend(
                            all.remove(&Vec::new())
                                .map(|row| (vec![total.clone()], row)),
                        );
                    }
                    Ok((table, *buckets))
                })
                .collect::<Result<Vec<(GroupedValues, Option<Buckets>)>, _>>()
        })
        .await?;
    Ok((grouped(&asked.group_by, tables), meta(began)))
}

/// The computed values, each over the full range or by intervals.
fn queries(
    asked: &AggregateRequest,
    source: EventSource,
    search: &Query,
    range: EventWindow,
) -> Result<Vec<(EventQuery, Option<Buckets>)>, ErrorResponse> {
    if asked.compute.len() > MOST {
        return Err(ErrorResponse::validation(format!(
            "Expected at most {MOST} computes"
        )));
    }
    let facets = asked.group_by.iter().map(|group| &group.facet);
    let query = EventQuery {
        source,
        search: search.clone(),
        aggregation: Aggregation::Count,
        measure: None,
        by: facets.map(|facet| Field::written(facet)).collect(),
        missing: asked
            .group_by
            .iter()
            .map(AggregateGroupBy::missing)
            .collect(),
    };
    if asked.compute.is_empty() {
        return Ok(vec![(query, None)]);
    }
    let of_compute = |compute: &AggregateCompute| {
        let metric = compute.metric.as_deref();
        let query = EventQuery {
            aggregation: aggregation(&compute.aggregation, metric)?,
            measure: metric.map(Field::written),
            ..query.clone()
        };
        let buckets = match compute.kind {
            ComputeKind::Total => None,
            ComputeKind::Timeseries => Some(intervals(compute.interval.as_deref(), range)?),
        };
        Ok((query, buckets))
    };
    asked.compute.iter().map(of_compute).collect()
}

/// The intervals of a timeseries: as asked (`5m`), or some 150 of them.
fn intervals(asked: Option<&str>, range: EventWindow) -> Result<Buckets, ErrorResponse> {
    let length = range.to_ms.saturating_sub(range.from_ms).max(0);
    let interval_ms = match asked {
        None => rollup::interval_near(length / 150, length),
        Some(text) => {
            // The date math of `now` knows the same units.
            let ms = time::parse(&format!("now+{text}"), 0)?;
            if ms <= 0 || length / ms > rollup::MOST_ASKED {
                return Err(ErrorResponse::validation(format!(
                    "Invalid interval \"{text}\""
                )));
            }
            ms
        }
    };
    Ok(Buckets::between(range.from_ms, range.to_ms, interval_ms))
}

fn grouped(
    by: &[AggregateGroupBy],
    tables: Vec<(GroupedValues, Option<Buckets>)>,
) -> Vec<AggregateBucket> {
    let mut groups = Groups::new();
    let mut size: BTreeMap<Vec<String>, f64> = BTreeMap::new();
    for (index, (table, buckets)) in tables.into_iter().enumerate() {
        for (group, row) in table {
            size.entry(group.clone())
                .or_insert_with(|| row.values().sum());
            let value = match buckets {
                None => json!(row.get(&0)),
                Some(_) => row
                    .iter()
                    .map(|(at, value)| json!({"time": time::shown(*at), "value": value}))
                    .collect(),
            };
            groups
                .entry(group)
                .or_default()
                .insert(format!("c{index}"), value);
        }
    }
    let facets: Vec<&String> = by.iter().map(|group| &group.facet).collect();
    let shown = |group: Vec<String>| {
        let values = group.into_iter().map(Value::String);
        facets
            .iter()
            .map(|facet| (*facet).clone())
            .zip(values)
            .collect()
    };
    sorted(by, groups, &size)
        .into_iter()
        .map(|(group, computes)| (shown(group), computes))
        .collect()
}

type Groups = BTreeMap<Vec<String>, Map<String, Value>>;

/// The groups in the order that is asked for, no more than are asked for.
fn sorted(
    by: &[AggregateGroupBy],
    groups: Groups,
    size: &BTreeMap<Vec<String>, f64>,
) -> Vec<(Vec<String>, Map<String, Value>)> {
    let mut sorted: Vec<_> = groups.into_iter().collect();
    let sort = by.first().and_then(|group| group.sort.as_ref());
    let by_name = sort.is_some_and(|sort| sort.kind.as_deref() == Some("alphabetical"));
    let ascending = sort.is_some_and(|sort| match sort.order.as_deref() {
        Some(order) => order == "asc",
        None => by_name,
    });
    if !by_name {
        // By the first computation, the largest first unless asked otherwise.
        sorted.sort_by(|(a, _), (b, _)| size[a].total_cmp(&size[b]));
    }
    if !ascending {
        sorted.reverse();
    }
    let limit = by.iter().fold(1_usize, |limit, group| {
        limit.saturating_mul(group.limit.unwrap_or(USUAL_LIMIT))
    });
    sorted.truncate(limit);
    sorted
}
