//! What else differs between two runs, and which Insights came and went.

use schemars::JsonSchema;
use serde::Serialize;

use super::Side;
use crate::{
    record::{Run, TargetKind},
    verify::{Finding, Verdict},
};

/// An Insight that one run had and the other had not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Gained {
    /// Which.
    pub id: String,
    /// On which function.
    pub function: String,
    /// Whether the second run has it; else the first had it.
    pub gained: bool,
    /// What is known of it in the run that is without it, where that is less than its absence.
    pub uncertain: Option<String>,
}

/// Whether the runs ran scenarios of different names, and if so which.
pub fn different_scenarios(a: &Run, b: &Run) -> Option<String> {
    let (a, b) = (&a.scenario.name, &b.scenario.name);
    (a != b).then(|| format!("A ran the scenario `{a}` and B ran `{b}`"))
}

/// What a reader must know before taking a difference for an effect, in whole sentences.
pub fn differing_context(a: &Side, b: &Side) -> Vec<String> {
    let mut notes = Vec::new();
    let of_report = [("A", a.is_of_report()), ("B", b.is_of_report())];
    let (a, b) = (&a.run, &b.run);
    let mut differ = |what: &str, of_a: &str, of_b: &str| {
        if of_a != of_b {
            notes.push(format!("{what} differs: {of_a} in A, {of_b} in B."));
        }
    };
    differ("The scenario", &a.scenario.name, &b.scenario.name);
    differ("What it does", &a.scenario.title, &b.scenario.title);
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

/// The Insights that came or went between the first run and the second.
pub fn gained_and_lost(a: &Run, b: &Run) -> Vec<Gained> {
    let mut changed = Vec::new();
    for (run, other, gained) in [(b, a, true), (a, b, false)] {
        for finding in run.insights.iter().filter(|finding| is_there(finding)) {
            let same =
                |other: &&Finding| other.id == finding.id && other.function == finding.function;
            let other = other.insights.iter().find(same);
            if other.is_some_and(is_there) {
                continue;
            }
            let uncertain = match other.map(|other| other.verdict) {
                Some(Verdict::Absent | Verdict::Missing) => None,
                Some(_) => other.map(|other| other.reason.clone()),
                // Only the entry function has a finding for every Insight.
                None if run.target.functions.entry.as_ref() == Some(&finding.function) => {
                    Some("nothing was observed".to_owned())
                }
                None => None,
            };
            changed.push(Gained {
                id: finding.id.key().to_owned(),
                function: finding.function.clone(),
                gained,
                uncertain,
            });
        }
    }
    changed
}

fn is_there(finding: &Finding) -> bool {
    matches!(
        finding.verdict,
        Verdict::Seen | Verdict::Unexpected | Verdict::AlsoSeen
    )
}
