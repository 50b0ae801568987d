//! What the stored metrics say to the catalogue of Insights: the same quantities, read from the
//! same metrics, as `loadgen verify` asks Datadog for.

use super::{Bins, FunctionMetrics, ValueSpread, points, sum};
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

/// The value of a quantity over the full time range.
pub(super) fn value(function: &FunctionMetrics, quantity: Quantity) -> Option<f64> {
    let (aggregator, wanted) = series(function, quantity)?;
    let count = || -> u64 { points(wanted.iter().copied()).map(|(_, _, n)| n).sum() };
    match aggregator {
        Aggregator::Sum => Some(sum(wanted.iter().copied())),
        Aggregator::Max => points(wanted.iter().copied())
            .map(|(_, value, _)| value)
            .reduce(f64::max),
        Aggregator::Avg => Some(sum(wanted.iter().copied()) / count().max(1) as f64),
    }
}

/// The value of a quantity in every bin; 0 if nothing was sent.
pub(super) fn binned(function: &FunctionMetrics, quantity: Quantity, bins: &Bins) -> Vec<f64> {
    let Some((aggregator, wanted)) = series(function, quantity) else {
        return vec![0.0; bins.n];
    };
    let points = points(wanted);
    match aggregator {
        Aggregator::Sum => bins.sums(points),
        Aggregator::Max | Aggregator::Avg => {
            let value = |spread: ValueSpread| match aggregator {
                Aggregator::Max => spread.max,
                _ => spread.median,
            };
            let spreads = bins.spreads(points).into_iter();
            spreads.map(|spread| spread.map_or(0.0, value)).collect()
        }
    }
}

/// The series that a quantity's query asks for, where there are any.
fn series(
    function: &FunctionMetrics,
    quantity: Quantity,
) -> Option<(Aggregator, Vec<&PointSeries>)> {
    let metric = quantity.metric()?;
    let (aggregator, query) = quantity.query(&function.name)?;
    let tags = filter(&query);
    let wanted: Vec<&PointSeries> = function
        .of(metric)
        .iter()
        .filter(|series| tags.iter().all(|tag| series.tags.iter().any(|t| t == tag)))
        .collect();
    (!wanted.is_empty()).then_some((aggregator, wanted))
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
