//! What else differs between two runs, and which Insights only one of them has.

use serde::Serialize;

use super::Side;
use crate::record::{Finding, Run, TargetKind, Verdict};

/// An Insight that only one of the runs has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InsightChange {
    /// The Insight.
    pub id: String,
    /// The function that has it.
    pub function: String,
    /// Whether the second run has it; otherwise the first has it.
    pub gained: bool,
    /// Why it may be present in the other run after all; None where it is certainly absent.
    pub uncertain: Option<String>,
}

/// How the scenarios differ, where they have different names.
pub fn different_scenarios(a: &Run, b: &Run) -> Option<String> {
    let (a, b) = (&a.scenario.name, &b.scenario.name);
    (a != b).then(|| format!("A ran the scenario `{a}` and B ran `{b}`"))
}

/// What else differs and could explain a difference in the figures, in full sentences.
pub(super) fn differing_context(a: &Side, b: &Side) -> Vec<String> {
    let mut notes = Vec::new();
    let of_report = [("A", a.is_of_report()), ("B", b.is_of_report())];
    let (a, b) = (&a.run, &b.run);
    let mut differ = |what: &str, of_a: &str, of_b: &str| {
        if of_a != of_b {
            notes.push(format!("{what} differs: {of_a} in A, {of_b} in B."));
        }
    };
    differ("The scenario", &a.scenario.name, &b.scenario.name);
    differ(
        "What it does",
        &a.scenario.title.text,
        &b.scenario.title.text,
    );
    differ("What flags changed", &changes(a), &changes(b));
    differ(
        "The seed",
        &a.scenario.seed.to_string(),
        &b.scenario.seed.to_string(),
    );
    differ("The kind of target", kind(a), kind(b));
    if a.target.kind == b.target.kind && a.target.kind != TargetKind::Sandbox {
        differ("The target", &a.target.url, &b.target.url);
    }
    differ("The version of loadgen", &a.tool_version, &b.tool_version);
    if a.scenario.name == b.scenario.name && a.scenario.toml != b.scenario.toml {
        notes.push("The scenario's text differs.".to_owned());
    }
    for (name, run) in [("A", a), ("B", b)] {
        if let Some(why) = &run.aborted {
            notes.push(format!("{name} was stopped early: {why}."));
        } else if run.interrupted {
            notes.push(format!(
                "{name} was interrupted, so it is only part of a run."
            ));
        }
        if of_report.contains(&(name, true)) {
            notes.push(format!(
                "Of {name} there is its report alone: how its figures scatter is as that says."
            ));
        } else if !run.samples.is_whole() {
            notes.push(format!(
                "Of {name} only some samples are there: its figures count every request, and how \
                 they scatter is told by those."
            ));
        }
    }
    notes
}

fn changes(run: &Run) -> String {
    match run.scenario.changes.is_empty() {
        true => "nothing".to_owned(),
        false => run.scenario.changes.join(", "),
    }
}

fn kind(run: &Run) -> &'static str {
    match (run.simulated, run.target.kind) {
        (true, _) => "the model in virtual time",
        (false, TargetKind::Sandbox) => "a sandbox",
        (false, TargetKind::Aws) => "AWS",
        (false, TargetKind::Http) => "another HTTP server",
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
                Some(_) => other.map(|other| other.reason.text.clone()),
                // Only the entry function has a finding for every Insight.
                None if run.target.functions.entry.as_ref() == Some(&finding.function) => {
                    Some("nothing was observed".to_owned())
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
