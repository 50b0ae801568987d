//! The plan: what would be sent, when, and which Insights must follow, with the reasoning.

use std::time::Duration;

use super::{
    page::{PAGE, dimmed, named},
    paint::{Look, padded, wrap},
};
use crate::{
    insight::{Id, Met},
    lang::{Statement, statements::title, texts},
    predict::Prediction,
    scenario::{Arrivals, Scenario},
    schedule::Schedule,
};

texts! {
    const;
    PREDICTED: "Predicted Insights of the entry function", "진입 함수에 예상되는 인사이트";
    fault_of(fault: Statement, faults: u64, requests: u64): ", {} ({} of {})", ", {}({2}회 중 {1}회)";
    more_phases(left: usize): "… {} more phases: --full", "… 그 외 단계 {}개: --full";
    all_times(times: u32): "all of it {} times", "전체를 {}회 반복";
    with_idle(idle: Duration): " ({} idle)", "(유휴 {})";
    requests_in(count: u64, length: Duration, idle: String, place: &str): "{} {count?request|requests} in {}{}, to {}",
        "{1}{2} 동안 요청 {0}회, 대상: {3}";
    MAY_APPEAR: "may appear", "나타날 수 있음";
    NO_INSIGHT: "no Insight", "인사이트 없음";
}

/// So many phases are shown where the plan is to be short.
const MOST_PHASES: usize = 6;

/// The plan of a scenario against `place`; `cost` says what it costs, in a sentence. `full` adds the
/// reasons of the prediction, and every phase.
pub fn plan(
    scenario: &Scenario,
    schedule: &Schedule,
    (place, cost): (&str, &str),
    prediction: &Prediction,
    full: bool,
) -> String {
    let title = title::of_builtin(&scenario.title).map(|title| title.to_string());
    let title = title.as_ref().unwrap_or(&scenario.title);
    let mut lines = vec![Look::Strong.paint(format!("{}: {title}", scenario.name))];
    let mut phases = phases(scenario, schedule);
    if !full && phases.len() > MOST_PHASES {
        let left = phases.len() - MOST_PHASES;
        phases.truncate(MOST_PHASES);
        phases.push(Look::Dim.paint(format!("  {}", more_phases(left))));
    }
    lines.extend(phases);
    if scenario.repeat > 1 {
        lines.push(format!("  {}", all_times(scenario.repeat)));
    }
    lines.push(String::new());
    for line in wrap(&total(schedule, place), PAGE - 2) {
        lines.push(format!("  {line}"));
    }
    for line in wrap(cost, PAGE - 2) {
        lines.push(Look::Dim.paint(format!("  {line}")));
    }
    lines.push(String::new());
    lines.push(Look::Strong.paint(PREDICTED));
    lines.extend(insights(prediction));
    for reason in prediction.reasons.iter().filter(|_| full) {
        lines.extend(dimmed("·", &reason.to_string()));
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
    first_cycle
        .iter()
        .zip(&scenario.phases)
        .flat_map(|(step, phase)| {
            let fault = match &phase.fault {
                Some(fault) => fault_of(fault.statement(), step.faults, step.count).to_string(),
                None => String::new(),
            };
            let look = match phase.arrivals {
                Arrivals::Idle(_) => Look::Dim,
                _ => Look::Strong,
            };
            let what = format!("{}{fault}", phase.sent());
            let indent = widest + 4;
            let mut names = std::iter::once(padded(&phase.name, widest));
            let lines = wrap(&what, PAGE - indent).into_iter().map(move |line| {
                let name = names.next().unwrap_or_else(|| padded("", widest));
                match look {
                    Look::Dim => Look::Dim.paint(format!("  {name}  {line}")),
                    _ => format!("  {name}  {line}"),
                }
            });
            lines.collect::<Vec<String>>()
        })
        .collect()
}

fn total(schedule: &Schedule, place: &str) -> String {
    let idling = schedule.idling();
    let busy = schedule.length().saturating_sub(idling);
    let idle = match idling.is_zero() {
        true => String::new(),
        false => with_idle(idling).to_string(),
    };
    requests_in(schedule.total(), busy + idling, idle, place).to_string()
}

fn insights(prediction: &Prediction) -> Vec<String> {
    let mut rows = Vec::new();
    for id in Id::ALL {
        let reading = id.insight().evaluate(&prediction.entry);
        match reading.met {
            Met::Yes => rows.push((Look::Good, id.key(), reading.measured.to_string())),
            Met::CannotTell if may(id, prediction) => {
                let measured = format!("{MAY_APPEAR}: {}", reading.measured);
                rows.push((Look::Caution, id.key(), measured));
            }
            Met::CannotTell | Met::No => {}
        }
    }
    let widest = rows.iter().map(|(_, key, _)| key.len()).max().unwrap_or(0);
    let line = |(look, key, text): &(Look, &str, String)| named(*look, key, widest, text);
    let mut lines: Vec<String> = rows.iter().flat_map(line).collect();
    if lines.is_empty() {
        lines.push(format!("  {} {NO_INSIGHT}", Look::Dim.mark()));
    }
    lines
}

/// Whether anything in the plan makes it possible: what no plan can predict is left out.
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
