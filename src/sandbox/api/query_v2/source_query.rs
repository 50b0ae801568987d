//! One query of a v2 request: of metrics, spans or logs.

use serde::Deserialize;

use super::super::ErrorResponse;
use crate::telemetry::{
    query::{
        aggregate::Aggregation,
        evaluate,
        events::{EventQuery, EventSource},
        expression::GroupedValues,
        metric::MetricQuery,
    },
    search::{Field, Query},
};

#[derive(Deserialize)]
pub(super) struct QueryBody {
    data_source: String,
    name: Option<String>,
    query: Option<String>,
    aggregator: Option<String>,
    compute: Option<QueryCompute>,
    search: Option<QuerySearch>,
    #[serde(default)]
    group_by: Vec<QueryGroupBy>,
}

#[derive(Deserialize)]
struct QueryCompute {
    aggregation: String,
    metric: Option<String>,
}

#[derive(Deserialize)]
struct QuerySearch {
    #[serde(default)]
    query: String,
}

#[derive(Deserialize)]
struct QueryGroupBy {
    facet: String,
}

/// A query, read.
pub(super) enum SourceQuery {
    /// Of a metric, with the aggregator that makes a scalar of it.
    Metric(MetricQuery, String),
    /// Of spans or logs.
    Events(EventQuery),
}

impl SourceQuery {
    pub(super) fn metric(&self) -> Option<&MetricQuery> {
        match self {
            SourceQuery::Metric(query, _) => Some(query),
            SourceQuery::Events(_) => None,
        }
    }
}

pub(super) fn read(written: Vec<QueryBody>) -> Result<Vec<(String, SourceQuery)>, ErrorResponse> {
    let mut read: Vec<(String, SourceQuery)> = Vec::new();
    for (index, one) in written.into_iter().enumerate() {
        let name = one
            .name
            .clone()
            .unwrap_or_else(|| format!("query{}", index + 1));
        if !is_name(&name) {
            return Err(ErrorResponse::validation(format!(
                "\"{name}\" is not a query's name"
            )));
        }
        if read.iter().any(|(known, _)| *known == name) {
            return Err(ErrorResponse::validation(format!(
                "Two queries are named \"{name}\""
            )));
        }
        let ask = match one.data_source.as_str() {
            "metrics" => metric(&one)?,
            "spans" => SourceQuery::Events(events(EventSource::Spans, one)?),
            "logs" => SourceQuery::Events(events(EventSource::Logs, one)?),
            other => {
                return Err(ErrorResponse::validation(format!(
                    "The sandbox has no data source \"{other}\", only metrics, spans and logs"
                )));
            }
        };
        read.push((name, ask));
    }
    Ok(read)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn metric(written: &QueryBody) -> Result<SourceQuery, ErrorResponse> {
    let Some(text) = &written.query else {
        return Err(ErrorResponse::validation(
            "A metrics query needs a \"query\"",
        ));
    };
    let query = MetricQuery::parse(text)?;
    let aggregator = written
        .aggregator
        .clone()
        .unwrap_or_else(|| "avg".to_owned());
    if evaluate::scalar(&GroupedValues::new(), &aggregator, 1).is_none() {
        return Err(ErrorResponse::validation(format!(
            "Invalid aggregator \"{aggregator}\""
        )));
    }
    Ok(SourceQuery::Metric(query, aggregator))
}

fn events(source: EventSource, written: QueryBody) -> Result<EventQuery, ErrorResponse> {
    let Some(compute) = written.compute else {
        return Err(ErrorResponse::validation(
            "An events query needs a \"compute\"",
        ));
    };
    let search = written
        .search
        .map(|search| search.query)
        .unwrap_or_default();
    Ok(EventQuery {
        source,
        search: Query::parse(&search)?,
        aggregation: aggregation(&compute.aggregation, compute.metric.as_deref())?,
        measure: compute.metric.as_deref().map(Field::written),
        by: written
            .group_by
            .iter()
            .map(|group| Field::written(&group.facet))
            .collect(),
        missing: Vec::new(),
    })
}

/// An aggregation of events; all but a count need something to measure.
pub(in super::super) fn aggregation(
    name: &str,
    measure: Option<&str>,
) -> Result<Aggregation, ErrorResponse> {
    let Some(aggregation) = Aggregation::of_events(name) else {
        return Err(ErrorResponse::validation(format!(
            "Invalid aggregation \"{name}\""
        )));
    };
    if aggregation != Aggregation::Count && measure.is_none() {
        return Err(ErrorResponse::validation(format!(
            "The aggregation {name} needs a metric"
        )));
    }
    Ok(aggregation)
}
