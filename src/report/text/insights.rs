//! The Insights: what must appear, what did, and on what each claim rests.

use super::{
    page::{grounds, insight, marked},
    paint::Look,
};
use crate::{
    record::Verdict,
    report::{grouped, rows::ReportRow, run_rows::verdict_word, words::insights_of},
};

/// An Insight's arithmetic behind its outcome. One that is seen as expected has the tick to say so.
pub(super) fn shown_alone(row: &ReportRow) -> String {
    let grounds: Vec<&str> = grounds(row).map(String::as_str).collect();
    let grounds = grounds.join("; ");
    match row.look {
        Look::Good => grounds,
        _ => format!("{}: {grounds}", row.outcome),
    }
}

/// The Insights by function. Those that are not prominent share a line for each outcome.
pub fn lines(rows: &[ReportRow]) -> Vec<String> {
    let mut lines = Vec::new();
    for (function, rows) in grouped(rows.iter().map(|row| (&row.function, row))) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(Look::Strong.paint(insights_of(function)));
        let (prominent, others): (Vec<&ReportRow>, Vec<&ReportRow>) =
            rows.into_iter().partition(|row| row.prominent);
        lines.extend(prominent.into_iter().flat_map(insight));
        for verdict in [Verdict::Absent, Verdict::CannotTell] {
            let outcome = verdict_word(verdict).to_string();
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
