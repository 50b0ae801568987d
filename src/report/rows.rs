//! What a report says, before any format. Text, Markdown and JUnit write the same rows of a run, a
//! comparison and an audit.

use super::text::Look;
use crate::lang::Text;

/// What has the same key together, in the order of the first of each.
pub fn grouped<K: PartialEq, T>(all: impl IntoIterator<Item = (K, T)>) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for (key, one) in all {
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(one),
            None => groups.push((key, vec![one])),
        }
    }
    groups
}

/// An Insight or a threshold, and its outcome.
#[derive(Default)]
pub(super) struct ReportRow {
    pub look: Look,
    /// An Insight's id, or a threshold as it is written.
    pub name: String,
    /// The name of an Insight in Datadog: `Cold starts`.
    pub title: Text,
    /// The function that the row is about; empty for a threshold.
    pub function: String,
    /// The outcome in a few words: `seen, as expected`, `kept`.
    pub outcome: String,
    /// The value that a threshold was checked against.
    pub value: Option<String>,
    /// The arithmetic behind the outcome.
    pub measured: Option<String>,
    /// The reason for the outcome, or what would change it.
    pub reason: Option<String>,
    pub link: String,
    /// Whether the row is shown by itself. The others are summed up in one line.
    pub prominent: bool,
    /// Whether the row fails the run. These rows come first if there is little room.
    pub fails: bool,
    /// The row as a case that CI counts, if it is one.
    pub case: Option<Case>,
}

impl ReportRow {
    /// A row with nothing but its name and outcome.
    pub fn of(look: Look, name: String, outcome: String) -> ReportRow {
        ReportRow {
            look,
            name,
            outcome,
            prominent: true,
            ..ReportRow::default()
        }
    }
}

/// A test case, as CI systems count them.
pub(super) struct Case {
    pub name: String,
    pub result: CaseResult,
    /// Why, in a line.
    pub message: String,
    /// Further lines that help to understand the result.
    pub details: Vec<String>,
}

/// The result of a test case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CaseResult {
    Passed,
    /// It was checked, and missed.
    Failed,
    /// It should have been checked, and could not be.
    Error,
    /// It was not checked, or it does not decide.
    Skipped,
}
