//! What else differs between two runs, and which Insights only one of them has.

use serde::Serialize;

use super::Side;
use crate::{
    lang::{
        Phrase, Statement, Text, Value,
        statements::{comparison, insight},
        texts,
    },
    record::{Finding, Run, TargetKind, Verdict},
};

/// An Insight that only one of the runs has.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InsightChange {
    /// The Insight.
    pub id: String,
    /// The function that has it.
    pub function: String,
    /// Whether the second run has it; otherwise the first has it.
    pub gained: bool,
    /// Why it is possibly present in the other run too; None if it is certainly absent.
    pub uncertain: Option<Statement>,
}

texts! {
    const;
    other_scenarios(a: &str, b: &str): "A ran the scenario `{}` and B ran `{}`", "A는 `{}` 시나리오를, B는 `{}` 시나리오를 실행했습니다";
    NOTHING: "nothing", "없음";
    MODEL: "the model in virtual time", "가상 시간의 모델";
    SANDBOX: "a sandbox", "샌드박스";
    AWS: "AWS", "AWS";
    HTTP_SERVER: "another HTTP server", "다른 HTTP 서버";
}

/// How the scenarios differ, where they have different names.
pub fn different_scenarios(a: &Run, b: &Run) -> Option<Phrase> {
    let (a, b) = (&a.scenario.name, &b.scenario.name);
    (a != b).then(|| other_scenarios(a, b))
}

/// What else differs and could explain a difference in the figures.
pub(super) fn differing_context(a: &Side, b: &Side) -> Vec<Statement> {
    let is_of_report = [a.is_of_report(), b.is_of_report()];
    let (a, b) = (&a.run, &b.run);
    let (of_a, of_b) = (&a.scenario, &b.scenario);
    let [seed_a, seed_b] = [of_a, of_b].map(|scenario| scenario.seed.to_string());
    let (kind_a, kind_b) = (kind(a), kind(b));
    let has_address = a.target.kind == b.target.kind && a.target.kind != TargetKind::Sandbox;
    let same_name = of_a.name == of_b.name;
    let differing = [
        (!same_name).then(|| comparison::scenario_differs(&of_a.name, &of_b.name)),
        (of_a.title != of_b.title)
            .then(|| comparison::title_differs(of_a.title.clone(), of_b.title.clone())),
        (of_a.changes != of_b.changes).then(|| comparison::flags_differ(changes(a), changes(b))),
        (seed_a != seed_b).then(|| comparison::seed_differs(seed_a, seed_b)),
        (kind_a != kind_b).then(|| comparison::target_kind_differs(kind_a, kind_b)),
        (has_address && a.target.url != b.target.url)
            .then(|| comparison::target_differs(&a.target.url, &b.target.url)),
        (a.tool_version != b.tool_version)
            .then(|| comparison::version_differs(&a.tool_version, &b.tool_version)),
        (same_name && of_a.toml != of_b.toml).then(comparison::file_differs),
    ];
    let sides = ["A", "B"].into_iter().zip([a, b]).zip(is_of_report);
    let limits = sides.flat_map(|((name, run), is_of_report)| trust(name, run, is_of_report));
    differing.into_iter().flatten().chain(limits).collect()
}

/// What weakens the figures of a run.
fn trust(name: &str, run: &Run, is_of_report: bool) -> impl Iterator<Item = Statement> {
    let ended = match &run.aborted {
        Some(why) => Some(comparison::run_stopped_early(name, why.clone())),
        None => run.interrupted.then(|| comparison::run_interrupted(name)),
    };
    let samples = match is_of_report {
        true => Some(comparison::report_alone(name)),
        false => (!run.samples.is_whole()).then(|| comparison::some_samples(name)),
    };
    ended.into_iter().chain(samples)
}

fn changes(run: &Run) -> Value {
    match run.scenario.changes.is_empty() {
        true => NOTHING.into(),
        false => run.scenario.changes.join(", ").into(),
    }
}

fn kind(run: &Run) -> Text {
    match (run.simulated, run.target.kind) {
        (true, _) => MODEL,
        (false, TargetKind::Sandbox) => SANDBOX,
        (false, TargetKind::Aws) => AWS,
        (false, TargetKind::Http) => HTTP_SERVER,
    }
}

/// The Insights that only one of the runs has.
pub(super) fn gained_and_lost(a: &Run, b: &Run) -> Vec<InsightChange> {
    let mut changed = Vec::new();
    for (run, other, gained) in [(b, a, true), (a, b, false)] {
        for finding in run.insights.iter().filter(|finding| is_present(finding)) {
            let same =
                |other: &&Finding| other.id == finding.id && other.function == finding.function;
            let other = other.insights.iter().find(same);
            if other.is_some_and(is_present) {
                continue;
            }
            let uncertain = match other.map(|other| other.verdict) {
                Some(Verdict::Absent | Verdict::Missing) => None,
                Some(_) => other.map(|other| other.reason.clone()),
                // Only the entry function has a finding for every Insight.
                None if run.target.functions.entry.as_ref() == Some(&finding.function) => {
                    Some(insight::entry_unobserved())
                }
                None => None,
            };
            changed.push(InsightChange {
                id: finding.id.key().to_owned(),
                function: finding.function.clone(),
                gained,
                uncertain,
            });
        }
    }
    changed
}

fn is_present(finding: &Finding) -> bool {
    matches!(
        finding.verdict,
        Verdict::Seen | Verdict::Unexpected | Verdict::AlsoSeen
    )
}
