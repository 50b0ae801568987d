//! `POST /api/v2/query/scalar` and `POST /api/v2/query/timeseries`

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ApiState, ErrorResponse, JsonAnswer, JsonBody,
    time_range::{interval, retention_holds},
    units,
};
use crate::telemetry::{
    query::{
        evaluate,
        events::{self, EventQuery, EventWindow},
        expression::{Expression, GroupedValues, formula},
        rollup::{self, Buckets},
    },
    store::{StoreError, StoreReader},
};

mod source_query;

use source_query::SourceQuery;
pub(super) use source_query::aggregation;

#[derive(Deserialize)]
pub(super) struct QueryRequest {
    data: QueryData,
}

#[derive(Deserialize)]
struct QueryData {
    #[serde(rename = "type")]
    kind: String,
    attributes: QueryAttributes,
}

#[derive(Deserialize)]
struct QueryAttributes {
    from: i64,
    to: i64,
    interval: Option<i64>,
    queries: Vec<source_query::QueryBody>,
    #[serde(default)]
    formulas: Vec<FormulaBody>,
}

#[derive(Deserialize)]
struct FormulaBody {
    formula: String,
    limit: Option<GroupLimit>,
}

#[derive(Clone, Copy, Deserialize)]
struct GroupLimit {
    count: Option<usize>,
    order: Option<SortDirection>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SortDirection {
    Asc,
    #[default]
    Desc,
}

/// How many queries or formulas one request may hold.
const MOST: usize = 100;

/// A request, read and checked.
struct QueryPlan {
    range: EventWindow,
    buckets: Buckets,
    visible_ms: i64,
    queries: Vec<(String, SourceQuery)>,
    formulas: Vec<Formula>,
}

/// A formula as it is written, its meaning, and how many groups it keeps.
type Formula = (String, Expression<String>, Option<GroupLimit>);

impl QueryPlan {
    fn of(request: QueryRequest, kind: &str, state: &ApiState) -> Result<QueryPlan, ErrorResponse> {
        if request.data.kind != kind {
            return Err(ErrorResponse::validation(format!(
                "Invalid type. Expected \"{kind}\""
            )));
        }
        let written = request.data.attributes;
        let times = 0..=253_402_300_799_000; // until the year 9999
        if !times.contains(&written.from) || !times.contains(&written.to) {
            return Err(ErrorResponse::validation(
                "from and to must be milliseconds since 1970",
            ));
        }
        if written.from >= written.to {
            return Err(ErrorResponse::validation("from must be before to"));
        }
        retention_holds(written.to, state.now())?;
        if written.queries.is_empty() || written.queries.len().max(written.formulas.len()) > MOST {
            return Err(ErrorResponse::validation(format!(
                "Expected 1 to {MOST} queries"
            )));
        }
        let queries = source_query::read(written.queries)?;
        let formulas = formulas(written.formulas, &queries)?;
        let range_ms = written.to - written.from;
        let default_ms = match written.interval {
            Some(asked) if asked > 0 => rollup::interval_near(asked, range_ms),
            Some(_) => return Err(ErrorResponse::validation("interval must be positive")),
            None => rollup::interval_ms(range_ms),
        };
        let metrics = queries.iter().filter_map(|(_, ask)| ask.metric());
        let interval_ms = interval(metrics, default_ms, range_ms)?;
        let visible_ms = state.visible_ms();
        Ok(QueryPlan {
            range: EventWindow {
                from_ms: written.from,
                to_ms: written.to.min(visible_ms.saturating_sub(1)),
            },
            buckets: Buckets::between(written.from, written.to, interval_ms),
            visible_ms,
            queries,
            formulas,
        })
    }

    /// The value of each formula.
    fn evaluate(
        &self,
        times: &[i64],
        leaf: impl Fn(&SourceQuery) -> Result<GroupedValues, StoreError>,
    ) -> Result<Vec<GroupedValues>, StoreError> {
        let mut tables: BTreeMap<&str, GroupedValues> = BTreeMap::new();
        for (name, ask) in &self.queries {
            tables.insert(name, leaf(ask)?);
        }
        self.formulas
            .iter()
            .map(|(_, formula, _)| {
                let value =
                    formula.evaluate(times, |name| -> Result<GroupedValues, StoreError> {
                        Ok(tables.get(name.as_str()).cloned().unwrap_or_default())
                    })?;
                Ok(value.into_table(times))
            })
            .collect()
    }

    fn events(
        &self,
        reader: &StoreReader,
        query: &EventQuery,
        buckets: Option<Buckets>,
    ) -> Result<GroupedValues, StoreError> {
        let table = events::events(reader, query, self.range, buckets)?;
        let named = |group: Vec<String>| {
            let pairs = query.by.iter().zip(group);
            pairs
                .map(|(facet, value)| format!("{facet}:{value}"))
                .collect()
        };
        Ok(table
            .into_iter()
            .map(|(group, row)| (named(group), row))
            .collect())
    }

    /// The unit of a formula that is nothing but one metric.
    fn unit(&self, index: usize) -> Option<Value> {
        let (text, _, _) = self.formulas.get(index)?;
        let (_, ask) = self.queries.iter().find(|(name, _)| name == text.trim())?;
        units::of_metric(&ask.metric()?.name)
    }

    /// The groups with a value in any formula, limited to the formula's number of groups.
    fn groups(&self, tables: &[GroupedValues]) -> Vec<Vec<String>> {
        let all: BTreeSet<Vec<String>> = tables.iter().flat_map(|t| t.keys().cloned()).collect();
        let mut groups: Vec<Vec<String>> = all.into_iter().collect();
        let limited = self
            .formulas
            .iter()
            .zip(tables)
            .find_map(|((_, _, limit), table)| Some(((*limit)?, table)));
        if let Some((limit, table)) = limited {
            let size = |group: &Vec<String>| -> f64 {
                table
                    .get(group)
                    .map_or(f64::NEG_INFINITY, |row| row.values().sum())
            };
            groups.sort_by(|a, b| match limit.order.unwrap_or_default() {
                SortDirection::Asc => size(a).total_cmp(&size(b)),
                SortDirection::Desc => size(b).total_cmp(&size(a)),
            });
            groups.truncate(limit.count.unwrap_or(usize::MAX));
        }
        groups
    }
}

fn formulas(
    written: Vec<FormulaBody>,
    queries: &[(String, SourceQuery)],
) -> Result<Vec<Formula>, ErrorResponse> {
    if written.is_empty() {
        let each = queries
            .iter()
            .map(|(name, _)| Ok((name.clone(), formula(name)?, None)));
        return each.collect();
    }
    let mut read = Vec::new();
    for one in written {
        let expression = formula(&one.formula)?;
        if let Some(unknown) = expression
            .leaves()
            .find(|leaf| !queries.iter().any(|(name, _)| name == *leaf))
        {
            return Err(ErrorResponse::validation(format!(
                "Formula \"{}\" refers to the undefined query \"{unknown}\"",
                one.formula
            )));
        }
        read.push((one.formula, expression, one.limit));
    }
    Ok(read)
}

pub(super) async fn scalar(
    State(state): State<ApiState>,
    JsonBody(request): JsonBody<QueryRequest>,
) -> JsonAnswer {
    let meant = QueryPlan::of(request, "scalar_request", &state)?;
    let columns = state
        .read(move |reader| {
            let tables = meant.evaluate(&[0], |ask| match ask {
                SourceQuery::Metric(query, aggregator) => {
                    let table = evaluate::metric(reader, query, meant.buckets, meant.visible_ms)?;
                    let interval_ms = meant.buckets.interval_ms;
                    Ok(evaluate::scalar(&table, aggregator, interval_ms).unwrap_or_default())
                }
                SourceQuery::Events(query) => meant.events(reader, query, None),
            })?;
            Ok(scalar_columns(&meant, &tables))
        })
        .await?;
    Ok(Json(json!({
        "data": {"id": "0", "type": "scalar_response", "attributes": {"columns": columns}}
    })))
}

fn scalar_columns(meant: &QueryPlan, tables: &[GroupedValues]) -> Vec<Value> {
    let groups = meant.groups(tables);
    let keys: Vec<&str> = groups
        .iter()
        .max_by_key(|group| group.len())
        .into_iter()
        .flatten()
        .map(|tag| tag.split_once(':').map_or(tag.as_str(), |(key, _)| key))
        .collect();
    let mut columns: Vec<Value> = Vec::new();
    for (place, key) in keys.iter().enumerate() {
        let of_group = |group: &Vec<String>| {
            let tag = group.get(place).map(String::as_str).unwrap_or_default();
            json!([tag.split_once(':').map_or("", |(_, value)| value)])
        };
        let values: Vec<Value> = groups.iter().map(of_group).collect();
        columns.push(json!({"name": key, "type": "group", "values": values}));
    }
    for (index, ((text, _, _), table)) in meant.formulas.iter().zip(tables).enumerate() {
        let value = |group| table.get(group)?.get(&0);
        let values: Vec<Option<&f64>> = groups.iter().map(value).collect();
        let unit = match values.is_empty() {
            true => None,
            false => meant.unit(index),
        };
        columns.push(json!({
            "name": text, "type": "number", "values": values, "meta": {"unit": unit}
        }));
    }
    columns
}

pub(super) async fn timeseries(
    State(state): State<ApiState>,
    JsonBody(request): JsonBody<QueryRequest>,
) -> JsonAnswer {
    let meant = QueryPlan::of(request, "timeseries_request", &state)?;
    let attributes = state
        .read(move |reader| {
            let all: Vec<i64> = meant.buckets.beginnings().collect();
            let tables = meant.evaluate(&all, |ask| match ask {
                SourceQuery::Metric(query, _) => {
                    evaluate::metric(reader, query, meant.buckets, meant.visible_ms)
                }
                SourceQuery::Events(query) => meant.events(reader, query, Some(meant.buckets)),
            })?;
            Ok(timeseries_attributes(&meant, &tables))
        })
        .await?;
    Ok(Json(json!({
        "data": {"id": "0", "type": "timeseries_response", "attributes": attributes}
    })))
}

fn timeseries_attributes(meant: &QueryPlan, tables: &[GroupedValues]) -> Value {
    let groups = meant.groups(tables);
    let times: BTreeSet<i64> = tables
        .iter()
        .flat_map(|table| table.values().flat_map(BTreeMap::keys))
        .copied()
        .collect();
    let mut series = Vec::new();
    let mut values = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        for group in &groups {
            let Some(row) = table.get(group) else {
                continue;
            };
            series.push(json!({
                "group_tags": group, "query_index": index, "unit": meant.unit(index)
            }));
            let row: Vec<Option<&f64>> = times.iter().map(|at| row.get(at)).collect();
            values.push(row);
        }
    }
    json!({"series": series, "times": times, "values": values})
}
