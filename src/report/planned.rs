//! A plan for programs.

use std::{cmp::Reverse, time::Duration};

use serde::Serialize;

use super::json;
use crate::{
    insight::{Id, Met, Observation},
    lang::{Phrase, Statement},
    predict::Prediction,
    record::Demand,
    scenario::{Expect, Scenario},
    schedule::Schedule,
    verify,
};

/// What `loadgen plan --json` prints.
#[derive(Serialize)]
struct PlanDocument<'a> {
    schema: &'static str,
    scenario: &'a str,
    /// Where it would be sent, and what that costs, each in a sentence.
    place: &'a str,
    cost: &'a str,
    requests: u64,
    length_ms: u64,
    idle_ms: u64,
    /// The phases of one cycle.
    phases: Vec<PlannedPhase<'a>>,
    repeat: u32,
    /// The functions that requests are sent to: those with the most Insights first.
    functions: Vec<PlannedFunction<'a>>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct PlannedPhase<'a> {
    name: &'a str,
    sends: Statement,
    requests: u64,
    faults: u64,
}

#[derive(Serialize)]
struct PlannedFunction<'a> {
    function: &'a str,
    insights: Vec<PlannedInsight>,
}

/// An Insight that must appear (`yes`), may (`cannot_tell`) or does not (`no`), and what the scenario
/// demands of it.
#[derive(Serialize)]
struct PlannedInsight {
    id: Id,
    predicted: Met,
    expected: Option<Demand>,
    measured: Statement,
}

/// The plan as JSON. `place` says where it would be sent, and `cost` what that costs.
pub fn plan_json(
    scenario: &Scenario,
    schedule: &Schedule,
    (place, cost): (&str, &str),
    prediction: &Prediction,
) -> String {
    let steps = schedule.steps().iter().filter(|step| step.cycle == 0);
    let phases = steps
        .zip(&scenario.phases)
        .map(|(step, phase)| PlannedPhase {
            name: &phase.name,
            sends: phase.sent(),
            requests: step.requests,
            faults: step.faults,
        });
    let entry = function(&scenario.expect, &prediction.entry, true);
    let others = prediction.others.iter();
    let others = others.map(|seen| function(&scenario.expect, seen, false));
    let mut functions: Vec<PlannedFunction<'_>> = std::iter::once(entry).chain(others).collect();
    let certain = |one: &PlannedFunction<'_>| {
        let met = |met: Met| one.insights.iter().filter(|it| it.predicted == met).count();
        Reverse((met(Met::Yes), met(Met::CannotTell)))
    };
    functions.sort_by_key(certain);
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    json::write(&PlanDocument {
        schema: "loadgen.plan/1",
        scenario: &scenario.name,
        place,
        cost,
        requests: schedule.requests(),
        length_ms: millis(schedule.length()),
        idle_ms: millis(schedule.idling()),
        phases: phases.collect(),
        repeat: scenario.repeat,
        functions,
        reasons: prediction.reasons.iter().map(Phrase::to_string).collect(),
    })
}

fn function<'a>(expect: &Expect, seen: &'a Observation, is_entry: bool) -> PlannedFunction<'a> {
    let insight = |id: Id| {
        let reading = id.insight().evaluate(seen);
        PlannedInsight {
            id,
            predicted: reading.met,
            expected: verify::demand(expect, (&seen.function, is_entry), id),
            measured: reading.measured,
        }
    };
    PlannedFunction {
        function: &seen.function,
        insights: Id::ALL.iter().copied().map(insight).collect(),
    }
}
