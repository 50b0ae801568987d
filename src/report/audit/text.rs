//! The audit for a terminal of 80 columns: the verdict, then function by function what is met and
//! what is near, then what cannot be told.

use super::words::{amount, crossing, facts, state, untold, verdict};
use crate::{
    audit::{Audit, Audited, InsightStanding},
    insight::Met,
    record::Overall,
    report::text::{Look, padded, wrap},
};

/// Columns of the page.
const PAGE: usize = 80;
/// From this much of the way to its limit on, an Insight has lines of its own.
const NEAR: f64 = 0.5;

/// The whole page.
pub fn write(audit: &Audit) -> String {
    let mut lines = Vec::new();
    let look = match audit.verdict() {
        Overall::Met => Look::Good,
        Overall::Missed => Look::Bad,
        Overall::NotVerified => Look::Dim,
    };
    lines.push(format!(
        "{} {}",
        look.mark(),
        Look::Strong.paint(verdict(audit))
    ));
    lines.push(String::new());
    for (name, text) in facts(audit) {
        for (place, line) in wrap(&text, PAGE - 12).into_iter().enumerate() {
            let label = if place == 0 { name } else { "" };
            lines.push(format!("  {}{line}", Look::Dim.paint(padded(label, 10))));
        }
    }
    for audited in &audit.functions {
        lines.push(String::new());
        lines.extend(function(audited));
    }
    let untold = untold(audit);
    if !untold.is_empty() {
        lines.push(String::new());
        lines.push(Look::Strong.paint("Cannot be told"));
        for text in untold {
            lines.extend(marked(Look::Dim, &text));
        }
    }
    if !audit.notes.is_empty() {
        lines.push(String::new());
        for note in &audit.notes {
            lines.extend(marked(Look::Caution, note));
        }
    }
    lines
        .iter()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn function(audited: &Audited) -> Vec<String> {
    let how = match audited.met() {
        0 => "nothing met".to_owned(),
        n => format!("{n} met"),
    };
    let mut lines = vec![format!(
        "{}  {}",
        Look::Strong.paint(&audited.function),
        Look::Dim.paint(how)
    )];
    let mut far = Vec::new();
    for standing in &audited.insights {
        match standing.met {
            Met::Yes => lines.extend(told(standing, audited, Look::Bad)),
            Met::No if standing.nearness.is_some_and(|near| near >= NEAR) => {
                lines.extend(told(standing, audited, Look::Caution));
            }
            Met::No => far.push(match &standing.crossing {
                Some(crossing) => format!("{} ({})", standing.id, amount(crossing)),
                None => standing.id.to_string(),
            }),
            Met::CannotTell => {}
        }
    }
    if !far.is_empty() {
        let text = format!("further from the limit: {}", far.join(", "));
        lines.extend(marked(Look::Dim, &text));
    }
    lines
}

fn told(standing: &InsightStanding, audited: &Audited, look: Look) -> Vec<String> {
    let mut lines = vec![format!(
        "  {} {}  {}",
        look.mark(),
        padded(standing.id.key(), 23),
        look.paint(state(standing))
    )];
    let crossing = crossing(standing, &audited.seen);
    for text in [Some(standing.measured.clone()), crossing]
        .into_iter()
        .flatten()
    {
        lines.extend(
            wrap(&text, PAGE - 6)
                .iter()
                .map(|line| format!("      {line}")),
        );
    }
    lines
}

/// Lines behind a mark, dim where it is.
fn marked(look: Look, text: &str) -> Vec<String> {
    wrap(text, PAGE - 4)
        .into_iter()
        .enumerate()
        .map(|(place, line)| {
            let mark = if place == 0 { look.shape() } else { " " };
            match look {
                Look::Dim => look.paint(format!("  {mark} {line}")),
                _ => format!("  {} {line}", look.paint(mark)),
            }
        })
        .collect()
}
