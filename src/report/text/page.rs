//! How a terminal of 80 columns shows the parts that all reports have.

use std::fmt::Display;

use super::paint::{Look, padded, wrap};
use crate::{lang::Text, report::rows::ReportRow};

/// Columns of the page.
pub const PAGE: usize = 80;
/// Columns of an Insight's name.
pub const NAME: usize = 23;
/// Columns of a fact's name.
const LABEL: usize = 10;

/// Blocks with a blank line between them.
#[derive(Default)]
pub struct TextPage {
    text: String,
}

impl TextPage {
    /// Adds a block, unless it is empty.
    pub fn block(&mut self, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        for line in lines {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    /// Adds a block under a heading, unless it is empty.
    pub fn section(&mut self, heading: impl Display, mut lines: Vec<String>) {
        if !lines.is_empty() {
            lines.insert(0, Look::Strong.paint(heading));
            self.block(lines);
        }
    }

    pub fn finish(self) -> String {
        self.text
    }
}

/// The verdict: a mark, and the sentence in `look_of_text`.
pub fn verdict(look: Look, sentence: &str, look_of_text: Look) -> Vec<String> {
    hanging(look.mark(), "", sentence, |line| look_of_text.paint(line))
}

/// Facts behind their names.
pub fn facts(facts: impl IntoIterator<Item = (Text, String)>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, text) in facts {
        let label = Look::Dim.paint(padded(&name.to_string(), LABEL));
        let text = wrap(&text, PAGE - LABEL - 2);
        lines.extend(headed(&format!("  {label}"), LABEL + 2, text));
    }
    lines
}

/// A text behind the mark of its look.
pub fn marked(look: Look, text: &str) -> Vec<String> {
    match look {
        Look::Dim => dimmed(Look::Dim.shape(), text),
        _ => hanging(look.mark(), "  ", text, str::to_owned),
    }
}

/// A dim text behind a mark.
pub fn dimmed(mark: &str, text: &str) -> Vec<String> {
    hanging(mark.to_owned(), "  ", text, str::to_owned)
        .into_iter()
        .map(|line| Look::Dim.paint(line))
        .collect()
}

/// A text below the name that it belongs to.
pub fn below(text: &str) -> Vec<String> {
    headed("      ", 6, wrap(text, PAGE - 6))
}

/// Text behind a mark of one column, its further lines indented alike.
fn hanging(mark: String, indent: &str, text: &str, paint: impl Fn(&str) -> String) -> Vec<String> {
    let lines = wrap(text, PAGE - indent.len() - 2).into_iter();
    let painted = lines.map(|line| paint(&line));
    headed(&format!("{indent}{mark} "), indent.len() + 2, painted)
}

/// The lines of one text: the label before the first, `indent` blanks before the others.
pub fn headed(label: &str, indent: usize, lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let line = |(place, line): (usize, String)| match place {
        0 => format!("{label}{line}"),
        _ => format!("{}{line}", " ".repeat(indent)),
    };
    lines.into_iter().enumerate().map(line).collect()
}

/// An Insight: its outcome, and below it what that rests on.
pub fn insight(row: &ReportRow) -> Vec<String> {
    let mut lines = vec![format!(
        "  {} {}  {}",
        row.look.mark(),
        padded(&row.name, NAME),
        row.look.paint(&row.outcome)
    )];
    for text in grounds(row) {
        lines.extend(below(text));
    }
    lines
}

/// What an outcome rests on: the arithmetic, and the reason where that says more.
pub fn grounds(row: &ReportRow) -> impl Iterator<Item = &String> {
    // Where the outcome is certain its reason is the arithmetic itself.
    let repeats = |measured: &str| {
        let reason = row.reason.as_deref();
        measured == "nothing" || reason.is_some_and(|reason| reason.contains(measured))
    };
    let measured = row.measured.iter();
    let measured = measured.filter(move |measured| !repeats(measured));
    measured.chain(&row.reason)
}

/// A text beside the name that it belongs to, which takes `width` columns.
pub fn named(look: Look, name: &str, width: usize, text: &str) -> Vec<String> {
    let label = format!("  {} {}  ", look.mark(), padded(name, width));
    let indent = width + 6;
    headed(&label, indent, wrap(text, PAGE.saturating_sub(indent)))
}

/// Rows as a name and an outcome in one sentence.
pub fn sentences(rows: &[ReportRow]) -> Vec<String> {
    let sentence = |row: &ReportRow| marked(row.look, &format!("{}: {}", row.name, row.outcome));
    rows.iter().flat_map(sentence).collect()
}
