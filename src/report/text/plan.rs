//! The plan: what would be sent, when, and which Insights must follow, with the reasoning.

use super::{
    page::{NAME, PAGE, below, dimmed},
    paint::{Look, padded, wrap},
};
use crate::{
    insight::{Id, Met},
    predict::Prediction,
    scenario::{Arrivals, Scenario},
    schedule::Schedule,
    units::show_duration,
};

/// The plan of a scenario against `place`; `cost` says what it costs, in a sentence.
pub fn plan(
    scenario: &Scenario,
    schedule: &Schedule,
    place: &str,
    cost: &str,
    prediction: &Prediction,
) -> String {
    let mut lines = vec![Look::Strong.paint(format!("{}: {}", scenario.name, scenario.title))];
    lines.extend(phases(scenario, schedule));
    lines.push(String::new());
    for line in wrap(&total(schedule, place), PAGE - 2) {
        lines.push(format!("  {line}"));
    }
    for line in wrap(cost, PAGE - 2) {
        lines.push(Look::Dim.paint(format!("  {line}")));
    }
    lines.push(String::new());
    lines.push(Look::Strong.paint("What must follow on the entry function"));
    lines.extend(insights(prediction));
    for reason in &prediction.reasons {
        lines.extend(dimmed("·", reason));
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn phases(scenario: &Scenario, schedule: &Schedule) -> Vec<String> {
    let first_cycle: Vec<_> = schedule
        .steps()
        .iter()
        .filter(|step| step.cycle == 0)
        .collect();
    let widest = scenario
        .phases
        .iter()
        .map(|phase| super::columns(&phase.name))
        .max()
        .unwrap_or(0);
    let mut lines: Vec<String> = first_cycle
        .iter()
        .zip(&scenario.phases)
        .map(|(step, phase)| {
            let fault = match &phase.fault {
                Some(fault) => format!(
                    ", {} ({} of {})",
                    fault.statement(),
                    step.faults,
                    step.count
                ),
                None => String::new(),
            };
            let look = match phase.arrivals {
                Arrivals::Idle(_) => Look::Dim,
                _ => Look::Strong,
            };
            let line = format!(
                "  {}  {}{fault}",
                padded(&phase.name, widest),
                phase.arrivals.statement()
            );
            match look {
                Look::Dim => Look::Dim.paint(line),
                _ => line,
            }
        })
        .collect();
    if scenario.repeat > 1 {
        lines.push(format!("  all of it {} times", scenario.repeat));
    }
    lines
}

fn total(schedule: &Schedule, place: &str) -> String {
    let idling = schedule.idling();
    let busy = schedule.length().saturating_sub(idling);
    let idle = match idling.is_zero() {
        true => String::new(),
        false => format!(", of which {} idle", show_duration(idling)),
    };
    let requests = match schedule.total() {
        1 => "1 request".to_owned(),
        n => format!("{n} requests"),
    };
    format!(
        "{requests} in {}{idle}, to {place}",
        show_duration(busy + idling)
    )
}

fn insights(prediction: &Prediction) -> Vec<String> {
    let mut lines = Vec::new();
    for id in Id::ALL {
        let reading = id.insight().evaluate(&prediction.entry);
        let (look, word) = match reading.met {
            Met::Yes => (Look::Good, "must appear"),
            Met::CannotTell if may(id, prediction) => (Look::Caution, "may appear"),
            Met::CannotTell | Met::No => continue,
        };
        lines.push(format!(
            "  {} {} {}",
            look.mark(),
            padded(id.key(), NAME),
            look.paint(word)
        ));
        lines.extend(below(&reading.measured.to_string()));
    }
    if lines.is_empty() {
        lines.push(format!("  {} no Insight", Look::Dim.mark()));
    }
    lines
}

/// Whether anything in the plan makes it possible: what no plan can foretell is left out.
fn may(id: Id, prediction: &Prediction) -> bool {
    id.insight()
        .condition
        .quantities()
        .into_iter()
        .any(|quantity| {
            let band = prediction.entry.get(quantity);
            !band.is_unknown()
        })
}
