//! The Insights: what must appear, what did, and on what each claim rests.

use super::paint::{Look, padded, wrap};
use crate::record::{Demand, Finding, Verdict};

/// Columns of the page.
const PAGE: usize = 80;

/// The findings' lines, those that matter first. What is neither expected nor seen is counted in
/// one line.
pub fn lines(findings: &[Finding]) -> Vec<String> {
    let mut functions: Vec<&str> = Vec::new();
    for finding in findings {
        if !functions.contains(&finding.function.as_str()) {
            functions.push(&finding.function);
        }
    }
    let mut lines = Vec::new();
    for function in functions {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(Look::Strong.paint(format!("Insights of {function}")));
        let of_function = || {
            findings
                .iter()
                .filter(|finding| finding.function == function)
        };
        for finding in of_function().filter(|finding| matters(finding)) {
            lines.extend(told(finding));
        }
        for verdict in [Verdict::Absent, Verdict::CannotTell] {
            let others: Vec<&str> = of_function()
                .filter(|finding| !matters(finding) && finding.verdict == verdict)
                .map(|finding| finding.id.key())
                .collect();
            if !others.is_empty() {
                let text = format!("{}: {}", word(verdict), others.join(", "));
                let wrapped = wrap(&text, PAGE - 4);
                for (index, line) in wrapped.iter().enumerate() {
                    let mark = if index == 0 { Look::Dim.shape() } else { " " };
                    lines.push(Look::Dim.paint(format!("  {mark} {line}")));
                }
            }
        }
    }
    lines
}

/// Whether a reader must see it by itself.
fn matters(finding: &Finding) -> bool {
    match finding.verdict {
        Verdict::Absent => false,
        Verdict::CannotTell => finding.expected == Some(Demand::Present),
        _ => true,
    }
}

fn told(finding: &Finding) -> Vec<String> {
    let look = look(finding.verdict);
    let head = format!(
        "  {} {}  {}",
        look.mark(),
        padded(finding.id.key(), 23),
        look.paint(word(finding.verdict)),
    );
    let mut lines = vec![head];
    // The reason of a verdict that is certain is its arithmetic.
    let arithmetic = Some(&finding.measured)
        .filter(|measured| **measured != "nothing" && !finding.reason.contains(*measured));
    for text in arithmetic.into_iter().chain([&finding.reason]) {
        for line in wrap(text, PAGE - 6) {
            lines.push(format!("      {line}"));
        }
    }
    lines
}

fn look(verdict: Verdict) -> Look {
    match verdict {
        Verdict::Seen => Look::Good,
        Verdict::Missing | Verdict::Unexpected => Look::Bad,
        Verdict::NotSeenYet | Verdict::AlsoSeen => Look::Caution,
        Verdict::Absent | Verdict::CannotTell => Look::Dim,
    }
}

/// A verdict as people say it.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Seen => "seen, as expected",
        Verdict::Missing => "missing",
        Verdict::NotSeenYet => "not seen yet",
        Verdict::Unexpected => "seen, and must not be",
        Verdict::AlsoSeen => "also seen",
        Verdict::Absent => "absent",
        Verdict::CannotTell => "cannot tell",
    }
}
