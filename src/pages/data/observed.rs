//! What the stored metrics say to the catalogue of Insights: the same quantities, read from the
//! same metrics, as `loadgen verify` asks Datadog for.

use super::{FunctionMetrics, points, sum};
use crate::{
    insight::{Aggregator, Basis, Observation, Quantity},
    telemetry::store::PointSeries,
};

/// Everything that the catalogue can evaluate of a function.
pub(in crate::pages) fn observation(function: &FunctionMetrics) -> Observation {
    Observation::measured(&function.name, Basis::Sandbox, |quantity| {
        value(function, quantity)
    })
}

fn value(function: &FunctionMetrics, quantity: Quantity) -> Option<f64> {
    let metric = quantity.metric()?;
    let (aggregator, query) = quantity.query(&function.name)?;
    let tags = filter(&query);
    let wanted: Vec<&PointSeries> = function
        .of(metric)
        .iter()
        .filter(|series| tags.iter().all(|tag| series.tags.iter().any(|t| t == tag)))
        .collect();
    if wanted.is_empty() {
        return None;
    }
    let count = || -> u64 { points(wanted.iter().copied()).map(|(_, _, n)| n).sum() };
    match aggregator {
        Aggregator::Sum => Some(sum(wanted.iter().copied())),
        Aggregator::Max => points(wanted.iter().copied())
            .map(|(_, value, _)| value)
            .reduce(f64::max),
        Aggregator::Avg => Some(sum(wanted.iter().copied()) / count().max(1) as f64),
    }
}

/// The tags within the braces of a query.
fn filter(query: &str) -> Vec<&str> {
    query
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'))
        .map_or_else(Vec::new, |(inside, _)| {
            inside.split(',').map(str::trim).collect()
        })
}
