//! One query of a v2 request: of metrics, spans or logs.

use serde::Deserialize;

use super::super::Refusal;
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
pub(super) struct Written {
    data_source: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    aggregator: Option<String>,
    #[serde(default)]
    compute: Option<Compute>,
    #[serde(default)]
    search: Option<Search>,
    #[serde(default)]
    group_by: Vec<GroupBy>,
}

#[derive(Deserialize)]
struct Compute {
    aggregation: String,
    #[serde(default)]
    metric: Option<String>,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    query: String,
}

#[derive(Deserialize)]
struct GroupBy {
    facet: String,
}

/// A query, read.
pub(super) enum Ask {
    /// Of a metric, with the aggregator that makes a scalar of it.
    Metric(MetricQuery, String),
    /// Of spans or logs.
    Events(EventQuery),
}

impl Ask {
    pub(super) fn metric(&self) -> Option<&MetricQuery> {
        match self {
            Ask::Metric(query, _) => Some(query),
            Ask::Events(_) => None,
        }
    }
}

pub(super) fn read(written: Vec<Written>) -> Result<Vec<(String, Ask)>, Refusal> {
    let mut read: Vec<(String, Ask)> = Vec::new();
    for (index, one) in written.into_iter().enumerate() {
        let name = one
            .name
            .clone()
            .unwrap_or_else(|| format!("query{}", index + 1));
        if !is_name(&name) {
            return Err(Refusal::validation(format!(
                "\"{name}\" is not a query's name"
            )));
        }
        if read.iter().any(|(known, _)| *known == name) {
            return Err(Refusal::validation(format!(
                "Two queries are named \"{name}\""
            )));
        }
        let ask = match one.data_source.as_str() {
            "metrics" => metric(&one)?,
            "spans" => Ask::Events(events(EventSource::Spans, one)?),
            "logs" => Ask::Events(events(EventSource::Logs, one)?),
            other => {
                return Err(Refusal::validation(format!(
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

fn metric(written: &Written) -> Result<Ask, Refusal> {
    let Some(text) = &written.query else {
        return Err(Refusal::validation("A metrics query needs a \"query\""));
    };
    let query = MetricQuery::parse(text)?;
    let aggregator = written
        .aggregator
        .clone()
        .unwrap_or_else(|| "avg".to_owned());
    if evaluate::scalar(&GroupedValues::new(), &aggregator, 1).is_none() {
        return Err(Refusal::validation(format!(
            "Invalid aggregator \"{aggregator}\""
        )));
    }
    Ok(Ask::Metric(query, aggregator))
}

fn events(source: EventSource, written: Written) -> Result<EventQuery, Refusal> {
    let Some(compute) = written.compute else {
        return Err(Refusal::validation("An events query needs a \"compute\""));
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
    })
}

/// An aggregation of events; all but a count need something to measure.
pub(in super::super) fn aggregation(
    name: &str,
    measure: Option<&str>,
) -> Result<Aggregation, Refusal> {
    let Some(aggregation) = Aggregation::of_events(name) else {
        return Err(Refusal::validation(format!(
            "Invalid aggregation \"{name}\""
        )));
    };
    if aggregation != Aggregation::Count && measure.is_none() {
        return Err(Refusal::validation(format!(
            "The aggregation {name} needs a metric"
        )));
    }
    Ok(aggregation)
}
