//! The plan: what would be sent, when, and which Insights must follow, with the reasoning.

use std::time::Duration;

use super::{
    page::{PAGE, dimmed, headed, marked, named},
    paint::{Look, columns, padded, wrap},
};
use crate::{
    compare::bursts_needed,
    insight::{Band, Id, Met, Observation, Quantity},
    lang::{Range, Statement, statements::title, texts},
    predict::Prediction,
    record::{Demand, named_and_titled},
    report::words::LIMITS,
    scenario::{Arrivals, Expect, Group, Metric, Scenario},
    schedule::{Schedule, Step},
    stats::Class,
    verify,
};

texts! {
    const;
    PREDICTED: "Predicted Insights of the entry function", "진입 함수에 예측되는 인사이트";
    PREDICTED_EACH: "Predicted Insights of each function", "함수마다 예측되는 인사이트";
    more_insights(left: usize): "… {} more {left?line|lines}: --full", "… 그 외 {}줄: --full";
    fault_of(fault: Statement, faults: u64, requests: u64): ", {} ({} of {})", ", {}({2}회 중 {1}회)";
    more_phases(left: usize): "… {} more phases: --full", "… 그 외 단계 {}개: --full";
    all_times(times: u32): "all of it {} times", "전체를 {}회 반복";
    with_idle(idle: Duration): " ({} idle)", "(유휴 {})";
    requests_in(count: u64, length: Duration, idle: String, place: &str): "{} {count?request|requests} in {}{}, to {}",
        "{1}{2} 동안 요청 {0}회, 대상: {3}";
    MAY_APPEAR: "may appear", "나타날 수 있음";
    any_may(names: String): "may appear: {}; --full says why", "나타날 수 있음: {}. 이유는 --full로 볼 수 있음";
    functions(count: usize): "{} {count?function|functions}", "함수 {}개";
    forbidden(names: String): "forbidden by `absent`, with any of them the verdict is Missed: {}",
        "`absent`로 금지됨, 하나라도 나타나면 판정은 미충족: {}";
    MUST_NOT: "must appear, forbidden by `absent`", "반드시 나타나며 `absent`로 금지됨";
    MAY_NOT: "may appear, forbidden by `absent`", "나타날 수 있으나 `absent`로 금지됨";
    all_may(names: String): "may appear: {}; nothing is known of the function, and --full says why", "나타날 수 있음: {}. 함수의 정보가 없으며 이유는 --full로 볼 수 있음";
    there_and_needed(there: Range, needed: u64): "{} planned, {} needed", "{}회 계획, {}회 필요";
    gate(half: u64, full: u64, size: u64): "`loadgen compare` finds 10 % in cold p50 from {full} of these bursts on each side, 5 % from {half}, nine times in ten (each of {size} cold starts that scatter as python3.12's)",
        "`loadgen compare`가 콜드 p50의 10% 변화를 열 번에 아홉 번 찾으려면 실행마다 이런 버스트 {full}회, 5%라면 {half}회가 필요합니다(버스트마다 콜드 스타트 {size}회, 산포는 python3.12 기준)";
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
    let mut lines = vec![Look::Strong.paint(named_and_titled(&scenario.name, title))];
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
    if prediction.others.is_empty() {
        lines.push(Look::Strong.paint(PREDICTED));
        lines.extend(insights(&scenario.expect, &prediction.entry, full));
    } else {
        lines.push(Look::Strong.paint(PREDICTED_EACH));
        lines.extend(insights_of_each(&scenario.expect, prediction, full));
    }
    lines.extend(limits(scenario, schedule, prediction));
    for reason in prediction.reasons.iter().filter(|_| full) {
        lines.extend(dimmed("·", &reason.to_string()));
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn phases(scenario: &Scenario, schedule: &Schedule) -> Vec<String> {
    let first_cycle = schedule.steps().iter().filter(|step| step.cycle == 0);
    let widths = scenario.phases.iter().map(|phase| columns(&phase.name));
    let widest = widths.max().unwrap_or(0);
    first_cycle
        .zip(&scenario.phases)
        .flat_map(|(step, phase)| {
            let fault = match &phase.fault {
                Some(fault) => fault_of(fault.statement(), step.faults, step.count).to_string(),
                None => String::new(),
            };
            let what = format!("{}{fault}", phase.sent());
            let indent = widest + 4;
            let label = format!("  {}  ", padded(&phase.name, widest));
            let mut lines = headed(&label, indent, wrap(&what, PAGE - indent));
            if matches!(phase.arrivals, Arrivals::Idle(_)) {
                lines = lines.iter().map(|line| Look::Dim.paint(line)).collect();
            }
            lines
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
    requests_in(schedule.requests(), busy + idling, idle, place).to_string()
}

/// So many Insights that may appear are shown with their arithmetic where the plan is to be short.
const MOST_POSSIBLE: usize = 3;

/// So many of them are shown of several functions.
const MOST_OF_EACH: usize = 8;

/// An Insight with its arithmetic.
struct PlanRow {
    look: Look,
    key: &'static str,
    text: String,
    is_forbidden: bool,
}

/// The Insights of a function that must appear or may, and whether the verdict would count them
/// against the run.
fn rows(expect: &Expect, function: &Observation, is_entry: bool) -> Vec<PlanRow> {
    let mut rows = Vec::new();
    for &id in Id::ALL {
        let reading = id.insight().evaluate(function);
        let demand = verify::demand(expect, (&function.function, is_entry), id);
        let is_forbidden = demand.is_some_and(|demand| demand != Demand::Present);
        let (look, said) = match (reading.met, is_forbidden) {
            (Met::Yes, false) => (Look::Good, None),
            (Met::Yes, true) => (Look::Bad, Some(MUST_NOT)),
            (Met::CannotTell, _) if !may(id, function) => continue,
            (Met::CannotTell, false) => (Look::Caution, Some(MAY_APPEAR)),
            (Met::CannotTell, true) => (Look::Caution, Some(MAY_NOT)),
            (Met::No, _) => continue,
        };
        rows.push(PlanRow {
            look,
            key: id.key(),
            text: match said {
                Some(said) => format!("{said}: {}", reading.measured),
                None => reading.measured.to_string(),
            },
            is_forbidden,
        });
    }
    rows
}

/// The lines on Insights that only may appear, without their arithmetic.
fn possible(rows: &[PlanRow], said: impl Fn(String) -> String) -> Vec<String> {
    let names = |rows: &[&PlanRow]| {
        rows.iter()
            .map(|row| row.key)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let all: Vec<&PlanRow> = rows.iter().collect();
    let against: Vec<&PlanRow> = rows.iter().filter(|row| row.is_forbidden).collect();
    let mut lines = Vec::new();
    if !all.is_empty() {
        lines.push(said(names(&all)));
    }
    if !against.is_empty() {
        lines.push(forbidden(names(&against)).to_string());
    }
    lines
}

/// Those of several functions: what must appear first. Where the plan is to be short, functions with the
/// same Insights that may appear share a line.
fn insights_of_each(expect: &Expect, prediction: &Prediction, full: bool) -> Vec<String> {
    let mut all: Vec<(Look, String, String)> = Vec::new();
    let mut alike: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    let others = prediction.others.iter().map(|function| (function, false));
    for (function, is_entry) in std::iter::once((&prediction.entry, true)).chain(others) {
        let rows = rows(expect, function, is_entry).into_iter();
        let (short, singly): (Vec<PlanRow>, Vec<PlanRow>) =
            rows.partition(|row| row.look == Look::Caution && !full);
        let named = |row: PlanRow| {
            (
                row.look,
                format!("{} {}", function.function, row.key),
                row.text,
            )
        };
        all.extend(singly.into_iter().map(named));
        let lines = possible(&short, |names| any_may(names).to_string());
        match alike.iter_mut().find(|(known, _)| *known == lines) {
            Some((_, names)) => names.push(&function.function),
            None => alike.push((lines, vec![&function.function])),
        }
    }
    for (lines, names) in alike {
        let name = match names.as_slice() {
            [one] => (*one).to_owned(),
            several => functions(several.len()).to_string(),
        };
        all.extend(
            lines
                .into_iter()
                .map(|line| (Look::Caution, name.clone(), line)),
        );
    }
    all.sort_by_key(|(look, ..)| *look == Look::Caution);
    let most = if full { usize::MAX } else { MOST_OF_EACH };
    let left = all.len().saturating_sub(most);
    all.truncate(most);
    let widest = all
        .iter()
        .map(|(_, name, _)| columns(name))
        .max()
        .unwrap_or(0);
    let narrow = widest.min(PAGE / 2);
    let line = |(look, name, text): &(Look, String, String)| named(*look, name, narrow, text);
    let mut lines: Vec<String> = all.iter().flat_map(line).collect();
    if left > 0 {
        lines.push(Look::Dim.paint(format!("  {}", more_insights(left))));
    }
    if lines.is_empty() {
        lines.push(format!("  {} {NO_INSIGHT}", Look::Dim.mark()));
    }
    lines
}

fn insights(expect: &Expect, function: &Observation, full: bool) -> Vec<String> {
    let (mut short, mut rows): (Vec<PlanRow>, Vec<PlanRow>) = rows(expect, function, true)
        .into_iter()
        .partition(|row| row.look == Look::Caution && !full);
    if short.len() <= MOST_POSSIBLE {
        rows.append(&mut short);
        rows.sort_by_key(|row| Id::ALL.iter().position(|id| id.key() == row.key));
    }
    let widest = rows.iter().map(|row| row.key.len()).max().unwrap_or(0);
    let line = |row: &PlanRow| named(row.look, row.key, widest, &row.text);
    let mut lines: Vec<String> = rows.iter().flat_map(line).collect();
    for text in possible(&short, |names| all_may(names).to_string()) {
        lines.extend(marked(Look::Caution, &text));
    }
    if lines.is_empty() {
        lines.push(format!("  {} {NO_INSIGHT}", Look::Dim.mark()));
    }
    lines
}

/// The limits on percentiles, with how many requests there are of each and how many it needs.
fn limits(scenario: &Scenario, schedule: &Schedule, prediction: &Prediction) -> Vec<String> {
    let mut rows = Vec::new();
    for limit in &scenario.thresholds {
        let needed = limit.figure.metric.needed();
        let Metric::Latency(_, class, _) = limit.figure.metric else {
            continue;
        };
        let there = match (&limit.figure.group, &scenario.traffic) {
            (Some((group, name)), Some(traffic)) => {
                let all = schedule.requests_of(traffic, *group, name);
                match class {
                    Class::All => Band::exactly(all),
                    _ => Band::between(0, all),
                }
            }
            (Some((Group::Function, name)), None) => {
                planned((None, Some(name)), class, schedule, prediction)
            }
            _ => {
                let phase = limit.figure.phase.as_deref();
                planned((phase, None), class, schedule, prediction)
            }
        };
        let look = match there.high() {
            _ if there.low() >= needed => Look::Good,
            Some(most) if most < needed => Look::Bad,
            _ => Look::Caution,
        };
        let text = there_and_needed(there.into(), needed).to_string();
        rows.push((look, limit.to_string(), text));
    }
    let widest = rows.iter().map(|(_, limit, _)| columns(limit)).max();
    let widest = widest.unwrap_or(0);
    let heading = (!rows.is_empty()).then(|| Look::Strong.paint(LIMITS));
    let lines = rows.iter();
    let lines = lines.flat_map(|(look, limit, text)| named(*look, limit, widest, text));
    let heading = heading
        .into_iter()
        .flat_map(|heading| [String::new(), heading]);
    heading.chain(lines).collect()
}

/// How many requests of a class are planned, of a phase, a function or of all.
fn planned(
    (phase, function): (Option<&str>, Option<&str>),
    class: Class,
    schedule: &Schedule,
    prediction: &Prediction,
) -> Band {
    let of_phase = |step: &&Step| phase.is_none_or(|phase| step.name == phase);
    let requests = |step: &Step| match (function, &step.only) {
        (None, _) => step.requests,
        (Some(name), Some(only)) if name != only => 0,
        _ => step.requests / step.functions.max(1),
    };
    let all: u64 = schedule.steps().iter().filter(of_phase).map(requests).sum();
    let whole: u64 = schedule.steps().iter().map(requests).sum();
    let elsewhere = whole - all;
    let functions = std::iter::once(&prediction.entry).chain(&prediction.others);
    let functions = functions.filter(|one| function.is_none_or(|name| one.function == name));
    let cold = functions.map(|one| one.get(Quantity::ColdStarts));
    let cold = cold.reduce(Band::plus).unwrap_or(Band::between(0, all));
    let most_cold = cold.high().unwrap_or(all).min(all);
    match class {
        Class::All => Band::exactly(all),
        Class::Cold => Band::between(cold.low().saturating_sub(elsewhere).min(all), most_cold),
        Class::Warm => Band::between(
            all - most_cold,
            all - cold.low().saturating_sub(elsewhere).min(all),
        ),
        Class::Ok | Class::Error | Class::Unknown => Band::between(0, all),
    }
}

/// How many of the plan's bursts a gate on cold starts needs; nothing of a plan without bursts.
pub fn gates(schedule: &Schedule, prediction: &Prediction) -> String {
    let is_burst = |step: &&Step| matches!(step.arrivals, Arrivals::Burst { .. });
    let bursts = schedule.steps().iter().filter(is_burst);
    let counts: Vec<u64> = bursts.map(|step| step.count).collect();
    let cold = prediction.entry.get(Quantity::ColdStarts).high();
    let cold = cold.unwrap_or(u64::MAX).min(counts.iter().sum());
    match cold / (counts.len() as u64).max(1) {
        0 => String::new(),
        size => {
            let text = gate(bursts_needed(0.05, size), bursts_needed(0.1, size), size);
            dimmed("·", &text.to_string()).join("\n") + "\n"
        }
    }
}

/// Whether anything in the plan makes it possible: what no plan can predict is left out.
fn may(id: Id, function: &Observation) -> bool {
    id.insight()
        .condition
        .quantities()
        .into_iter()
        .any(|quantity| {
            let band = function.get(quantity);
            !band.is_unknown()
        })
}
