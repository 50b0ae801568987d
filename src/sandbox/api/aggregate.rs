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
        events::{EventQuery, EventSource, EventWindow, events},
        expression::GroupedValues,
        rollup::{self, Buckets},
        time,
    },
    search::Field,
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
    #[serde(default)]
    metric: Option<String>,
    #[serde(default, rename = "type")]
    kind: ComputeKind,
    #[serde(default)]
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
    #[serde(default = "usual_limit")]
    limit: usize,
    #[serde(default)]
    sort: Option<Sort>,
}

fn usual_limit() -> usize {
    10
}

#[derive(Deserialize)]
struct Sort {
    #[serde(default)]
    order: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

/// How many computations one request may ask for.
const MOST: usize = 20;

type AggregateBucket = (Map<String, Value>, Map<String, Value>);

/// The buckets (what they are grouped by, what is computed) and the `meta` of the answer.
pub(super) async fn answer(
    state: &ApiState,
    asked: AggregateRequest,
    source: EventSource,
    backwards: impl FnOnce(&str) -> ErrorResponse,
) -> Result<(Vec<AggregateBucket>, Value), ErrorResponse> {
    let began = Instant::now();
    let found = asked.filter.read(state.now(), backwards)?;
    let range = EventWindow {
        from_ms: found.from_ms,
        to_ms: found.to_ms.min(state.visible_ms().saturating_sub(1)),
    };
    let mut computes = asked.compute;
    if computes.is_empty() {
        computes.push(AggregateCompute {
            aggregation: "count".to_owned(),
            metric: None,
            kind: ComputeKind::Total,
            interval: None,
        });
    }
    if computes.len() > MOST {
        return Err(ErrorResponse::validation(format!(
            "Expected at most {MOST} computes"
        )));
    }
    let by: Vec<Field> = asked
        .group_by
        .iter()
        .map(|g| Field::written(&g.facet))
        .collect();
    let mut queries = Vec::new();
    for compute in computes {
        let metric = compute.metric.as_deref();
        let query = EventQuery {
            source,
            search: found.query.clone(),
            aggregation: aggregation(&compute.aggregation, metric)?,
            measure: metric.map(Field::written),
            by: by.clone(),
        };
        let buckets = match compute.kind {
            ComputeKind::Total => None,
            ComputeKind::Timeseries => Some(intervals(compute.interval.as_deref(), range)?),
        };
        queries.push((query, buckets));
    }
    let tables = state
        .read(move |reader| {
            queries
                .iter()
                .map(|(query, buckets)| Ok((events(reader, query, range, *buckets)?, *buckets)))
                .collect::<Result<Vec<(GroupedValues, Option<Buckets>)>, _>>()
        })
        .await?;
    Ok((grouped(&asked.group_by, tables), meta(began)))
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
    let mut groups: BTreeMap<Vec<String>, Map<String, Value>> = BTreeMap::new();
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
    let mut sorted: Vec<(Vec<String>, Map<String, Value>)> = groups.into_iter().collect();
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
    let limit = by
        .iter()
        .fold(1_usize, |limit, group| limit.saturating_mul(group.limit));
    sorted.truncate(limit);
    sorted
        .into_iter()
        .map(|(group, computes)| {
            let facets = by.iter().map(|group| group.facet.clone());
            (
                facets.zip(group.into_iter().map(Value::String)).collect(),
                computes,
            )
        })
        .collect()
}
