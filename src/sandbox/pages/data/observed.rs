//! What the stored metrics say to the catalogue of Insights: the same quantities, read from the
//! same metrics, as `loadgen verify` asks Datadog for.

use super::{Function, points, sum};
use crate::{
    insight::{Aggregator, Band, Basis, Observation, Quantity},
    sandbox::store::PointSeries,
};

/// Everything that the catalogue can evaluate of a function.
pub(in crate::sandbox::pages) fn observation(function: &Function) -> Observation {
    let mut seen = Observation::new(&function.name, Basis::Sandbox);
    for quantity in Quantity::ALL {
        seen.set(quantity, band(function, quantity));
    }
    seen
}

fn band(function: &Function, quantity: Quantity) -> Band {
    let (Some(metric), Some((aggregator, query))) =
        (quantity.metric(), quantity.query(&function.name))
    else {
        return Band::UNKNOWN;
    };
    let tags = filter(&query);
    let wanted: Vec<&PointSeries> = function
        .of(metric)
        .iter()
        .filter(|series| tags.iter().all(|tag| series.tags.iter().any(|t| t == tag)))
        .collect();
    let count = || -> u64 { points(wanted.iter().copied()).map(|(_, _, n)| n).sum() };
    let value = match aggregator {
        _ if wanted.is_empty() => None,
        Aggregator::Sum => Some(sum(wanted.iter().copied())),
        Aggregator::Max => points(wanted.iter().copied())
            .map(|(_, value, _)| value)
            .reduce(f64::max),
        Aggregator::Avg => Some(sum(wanted.iter().copied()) / count().max(1) as f64),
    };
    match value {
        Some(value) => quantity.read(value).unwrap_or(Band::UNKNOWN),
        // What is only sent when it happens was zero times there, if anything was sent at all.
        None => match quantity.zero_if_silent() {
            Some(other) if !band(function, other).is_unknown() => Band::ZERO,
            _ => Band::UNKNOWN,
        },
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
