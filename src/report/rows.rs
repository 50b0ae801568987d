//! What a report says, in no format yet. Text, Markdown and JUnit write the same rows of a run, a
//! comparison and an audit.

use super::text::Look;
use crate::lang::Text;

/// An Insight or a limit, and its outcome.
pub(super) struct ReportRow {
    pub look: Look,
    /// An Insight's id, or a limit as it is written.
    pub name: String,
    /// The name of an Insight in Datadog: `Cold starts`.
    pub title: Text,
    /// The function that the row is about; empty for a limit.
    pub function: String,
    /// The outcome in a few words: `seen, as expected`, `kept`.
    pub outcome: String,
    /// The value that a limit was checked against.
    pub value: Option<String>,
    /// The arithmetic that the outcome rests on.
    pub measured: Option<String>,
    /// Why the outcome is what it is, or what would change it.
    pub reason: Option<String>,
    pub link: String,
    /// Whether the row is shown by itself; the others are summed up in a line.
    pub prominent: bool,
    /// Whether the row fails the run: such rows come first where there is little room.
    pub fails: bool,
    /// The row as a case that CI counts, where it is one.
    pub case: Option<Case>,
}

impl ReportRow {
    /// A row with nothing but its name and outcome.
    pub fn of(look: Look, name: String, outcome: String) -> ReportRow {
        ReportRow {
            look,
            name,
            title: Text::new("", ""),
            function: String::new(),
            outcome,
            value: None,
            measured: None,
            reason: None,
            link: String::new(),
            prominent: true,
            fails: false,
            case: None,
        }
    }
}

/// A test case, as CI systems count them.
pub(super) struct Case {
    pub name: String,
    pub result: CaseResult,
    /// Why, in a line.
    pub message: String,
    /// What else helps to understand the result, line by line.
    pub details: Vec<String>,
}

/// The result of a test case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CaseResult {
    Passed,
    /// It was checked against what was measured, and missed.
    Failed,
    /// It should have been checked and could not be.
    Error,
    /// It was not to be checked, or it does not decide.
    Skipped,
}
