//! The parts that all reports have, in GitHub's and GitLab's Markdown.

use std::fmt::Display;

use super::plain;
use crate::{lang::texts, report::text::Look};

texts! {
    const;
    more_rows(count: usize): "and {} more, in the run's report", "그 외 {}개는 실행의 보고서에 있음";
}

/// The mark of a look.
pub fn mark(look: Look) -> &'static str {
    match look {
        Look::Good => "✅",
        Look::Bad => "❌",
        Look::Caution => "⚠️",
        _ => "❔",
    }
}

/// A table of rows whose cells are Markdown.
pub fn table(head: &[impl Display], rows: impl IntoIterator<Item = Vec<String>>) -> Vec<String> {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let names = head.iter().map(ToString::to_string).collect();
    let rule = head.iter().map(|_| "---".to_owned()).collect();
    [names, rule].into_iter().chain(rows).map(line).collect()
}

/// A table with a blank line below it, unless it is empty. Rows left_out `most` are counted in the
/// last.
pub fn capped_table(head: &[impl Display], mut rows: Vec<Vec<String>>, most: usize) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let left_out = rows.len().saturating_sub(most);
    rows.truncate(most);
    if left_out > 0 {
        let mut rest = vec![String::new(); head.len()];
        rest[0] = more_rows(left_out).to_string();
        rows.push(rest);
    }
    let mut lines = table(head, rows);
    lines.push(String::new());
    lines
}

/// Plain texts as a list.
pub fn bullets(texts: &[String]) -> Vec<String> {
    texts
        .iter()
        .map(|text| format!("- {}", plain(text)))
        .collect()
}

/// Lines folded away below a summary.
pub fn folded(summary: &str, inside: Vec<String>) -> Vec<String> {
    let begin = [
        "<details>".to_owned(),
        format!("<summary>{summary}</summary>"),
        String::new(),
    ];
    let end = [String::new(), "</details>".to_owned()];
    begin.into_iter().chain(inside).chain(end).collect()
}
