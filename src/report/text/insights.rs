//! The Insights: what must appear, what did, and on what each claim rests.

use super::{
    page::{insight, marked},
    paint::Look,
};
use crate::{
    record::Verdict,
    report::{rows::ReportRow, run_rows::verdict_word},
};

/// The Insights by function. Those that are not prominent share a line for each outcome.
pub fn lines(rows: &[ReportRow]) -> Vec<String> {
    let mut functions: Vec<&str> = Vec::new();
    for row in rows {
        if !functions.contains(&row.function.as_str()) {
            functions.push(&row.function);
        }
    }
    let mut lines = Vec::new();
    for function in functions {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(Look::Strong.paint(format!("Insights of {function}")));
        let rows = rows.iter().filter(|row| row.function == function);
        let (prominent, others): (Vec<&ReportRow>, Vec<&ReportRow>) =
            rows.partition(|row| row.prominent);
        lines.extend(prominent.into_iter().flat_map(insight));
        for outcome in [Verdict::Absent, Verdict::CannotTell].map(verdict_word) {
            let names = others.iter().filter(|row| row.outcome == outcome);
            let names: Vec<&str> = names.map(|row| row.name.as_str()).collect();
            if !names.is_empty() {
                lines.extend(marked(
                    Look::Dim,
                    &format!("{outcome}: {}", names.join(", ")),
                ));
            }
        }
    }
    lines
}
