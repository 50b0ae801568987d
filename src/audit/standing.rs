//! The state of one function for each Insight.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{AuditScope, Crossing, MeasuredLevel, crossing, level};
use crate::{
    insight::{Condition, Id, Met, Observation, Quantity},
    lang::{Reason, Statement, statements::audit},
};

/// The state of a function for one Insight.
#[derive(Clone, Debug, Serialize)]
pub struct InsightStanding {
    /// Which Insight.
    pub id: Id,
    /// Whether its condition is met.
    pub met: Met,
    /// The arithmetic: "20 cold starts in 120 invocations: 16.7 %, more than 1 %".
    pub measured: Statement,
    /// The measured value and its limit; None if either is unknown.
    pub level: Option<MeasuredLevel>,
    /// How close the value is to the limit: 1 is at the limit. None if unknown.
    pub nearness: Option<f64>,
    /// What would cross the limit.
    pub crossing: Option<Crossing>,
    /// Why it cannot be determined, if it cannot.
    pub reason: Option<Statement>,
    /// The Datadog queries that measure it.
    pub queries: Vec<String>,
    /// The page to look at.
    pub link: String,
}

/// Every Insight of the catalogue for the function of `seen`, by urgency: conditions that are met
/// in the catalogue's order, then those closest to their limit, then those that cannot be
/// determined. `trouble` has the quantities whose queries failed, with the reason.
pub fn standings(
    seen: &Observation,
    scope: &AuditScope,
    trouble: &BTreeMap<Quantity, Reason>,
) -> Vec<InsightStanding> {
    let mut all: Vec<InsightStanding> = Id::ALL
        .iter()
        .copied()
        .map(|id| standing(id, seen, scope, trouble))
        .collect();
    // The sort is stable, so equals stay in the catalogue's order.
    all.sort_by(|a, b| {
        let rank = |met: Met| match met {
            Met::Yes => 0,
            Met::No => 1,
            Met::CannotTell => 2,
        };
        let near = |one: &InsightStanding| match one.met {
            Met::No => one.nearness.unwrap_or(0.0),
            Met::Yes | Met::CannotTell => 0.0,
        };
        rank(a.met)
            .cmp(&rank(b.met))
            .then(near(b).total_cmp(&near(a)))
    });
    all
}

fn standing(
    id: Id,
    seen: &Observation,
    scope: &AuditScope,
    trouble: &BTreeMap<Quantity, Reason>,
) -> InsightStanding {
    let insight = id.insight();
    let condition = &insight.condition;
    let reading = insight.evaluate(seen);
    let level = level(condition, seen);
    InsightStanding {
        id,
        met: reading.met,
        measured: reading.measured,
        level,
        nearness: level.and_then(|level| nearness(condition, level)),
        crossing: crossing(condition, seen),
        reason: reading
            .reason
            .map(|said| reason(condition, seen, trouble).unwrap_or(said)),
        queries: condition
            .quantities()
            .into_iter()
            .filter_map(|quantity| scope.query(&seen.function, quantity))
            .collect(),
        link: insight.link(),
    }
}

fn nearness(condition: &Condition, level: MeasuredLevel) -> Option<f64> {
    let downwards = matches!(
        condition,
        Condition::PeakNotAbove(_) | Condition::LessThan { .. }
    );
    let (above, below) = match downwards {
        true => (level.limit, level.value),
        false => (level.value, level.limit),
    };
    (below > 0.0).then_some(above / below)
}

/// Why a condition cannot be determined: which query failed, or which metric is missing and where
/// it comes from.
fn reason(
    condition: &Condition,
    seen: &Observation,
    trouble: &BTreeMap<Quantity, Reason>,
) -> Option<Statement> {
    let unknown = condition
        .quantities()
        .into_iter()
        .filter(|quantity| seen.get(*quantity).is_unknown());
    for quantity in unknown.clone() {
        if let Some(trouble) = trouble.get(&quantity) {
            return Some(audit::query_failed(quantity.noun(), trouble.clone()));
        }
    }
    let mut carried = unknown.filter_map(|it| Some((it, carrier(it).metric()?)));
    let (quantity, metric) = carried.next()?;
    let source = match quantity {
        Quantity::IteratorAge => audit::of_streams(),
        Quantity::ProvisionedUtilization | Quantity::ProvisionedConcurrency => {
            audit::of_provisioned()
        }
        _ if carrier(quantity).is_from_cloudwatch() => audit::from_cloudwatch(),
        _ => audit::from_extension(),
    };
    Some(audit::has_no_metric(seen.basis.who(), metric, source))
}

/// The quantity whose metric shows whether this one exists.
fn carrier(quantity: Quantity) -> Quantity {
    match quantity {
        Quantity::ProvisionedConcurrency => Quantity::ProvisionedUtilization,
        other => other.zero_if_silent().unwrap_or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::{Band, Basis};

    fn busy() -> Observation {
        [
            (Quantity::Invocations, 1_000),
            (Quantity::Errors, 200),
            (Quantity::ColdStarts, 9),
            (Quantity::Timeouts, 0),
            (Quantity::OutOfMemory, 0),
            (Quantity::LongestDuration, 900_000),
            (Quantity::MemoryUsed, 100_000),
            (Quantity::MemorySize, 524_288),
        ]
        .into_iter()
        .fold(
            Observation::new("f", Basis::Datadog),
            |seen, (quantity, value)| seen.with(quantity, Band::exactly(value)),
        )
    }

    #[test]
    fn what_is_met_comes_first_then_what_is_near_then_what_cannot_be_determined() {
        let all = standings(&busy(), &AuditScope::default(), &BTreeMap::new());
        let ids: Vec<Id> = all.iter().map(|standing| standing.id).collect();
        assert_eq!(
            ids,
            [
                Id::Errors,
                Id::HighErrors,
                Id::ColdStarts,
                Id::OverProvisioned,
                Id::HighMemory,
                Id::OutOfMemory,
                Id::Timeouts,
                Id::HighDuration,
                Id::Throttles,
                Id::HighIteratorAge,
                Id::ProvisionedConcurrency,
                Id::ThreatsDetected,
            ]
        );
    }

    #[test]
    fn what_cannot_be_told_names_the_metric_and_where_it_comes_from() {
        let failed = BTreeMap::from([(Quantity::Throttles, Reason::of("slow down"))]);
        let all = standings(&busy(), &AuditScope::default(), &failed);
        let reason = |id: Id| {
            let found = all.iter().find(|standing| standing.id == id);
            found
                .and_then(|found| found.reason.clone())
                .unwrap_or_default()
                .text
        };
        for (id, part) in [
            (
                Id::HighDuration,
                "no aws.lambda.timeout here: it comes from CloudWatch",
            ),
            (
                Id::Throttles,
                "the throttles could not be asked for: slow down",
            ),
            (Id::HighIteratorAge, "only functions that read a stream"),
            (
                Id::ProvisionedConcurrency,
                "only functions with provisioned",
            ),
            (Id::ThreatsDetected, "security signals"),
            (Id::Errors, ""),
        ] {
            assert!(reason(id).contains(part), "{id}: {}", reason(id));
            assert_eq!(reason(id).is_empty(), part.is_empty(), "{id}");
        }
    }
}
