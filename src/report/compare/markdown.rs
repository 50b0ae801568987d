//! A comparison for a pull request.

use super::rows::{self, COLUMNS, FigureRow, requests};
use crate::{
    compare::{Comparison, Conclusion},
    lang::texts,
    record::Run,
    report::{
        markdown::{bullets, capped_table, folded, mark, plain},
        rows::ReportRow,
        text::Look,
    },
};

texts! {
    const;
    INSIGHT: "Insight", "인사이트";
    HOW: "How this was compared", "비교 방법";
}

/// Rows of the table that is not folded away.
const MOST_ROWS: usize = 15;

/// The comparison as GitHub's and GitLab's Markdown.
pub fn write(compared: &Comparison, a: &Run, b: &Run) -> String {
    let sign = match compared.finding {
        Conclusion::Differ => mark(rows::verdict(compared)),
        Conclusion::NoDifference => sign(Look::Dim),
        Conclusion::CannotTell => mark(Look::Dim),
    };
    let side = |run: &Run| format!("{} ({})", plain(&run.run_id), requests(run));
    let mut lines = vec![
        format!("### {sign} {}", plain(&compared.verdict.to_string())),
        String::new(),
        format!("**A** {} · **B** {}", side(a), side(b)),
        String::new(),
    ];
    let limits = rows::limits(compared);
    let insights = rows::insights(compared);
    lines.extend(limits.iter().map(|row| bullet(row, "")));
    lines.extend(
        insights
            .iter()
            .map(|row| bullet(row, &format!("{INSIGHT} "))),
    );
    if !(limits.is_empty() && insights.is_empty()) {
        lines.push(String::new());
    }
    let columns = COLUMNS.map(|name| name.to_string());
    let head: Vec<&str> = [""]
        .into_iter()
        .chain(columns.iter().map(String::as_str))
        .collect();
    let cells = rows::figures(compared).into_iter().map(cells).collect();
    lines.extend(capped_table(&head, cells, MOST_ROWS));
    let mut notes = rows::notes(compared);
    notes.push(compared.method.to_string());
    lines.extend(folded(&HOW.to_string(), bullets(&notes)));
    lines.join("\n") + "\n"
}

fn bullet(row: &ReportRow, what: &str) -> String {
    let sentence = format!("{what}{}: {}", row.name, row.outcome);
    format!("- {} {}", sign(row.look), plain(&sentence))
}

fn cells(row: FigureRow<'_>) -> Vec<String> {
    let name = format!("{} {}", sign(row.look), plain(row.metric));
    std::iter::once(name).chain(row.cells).collect()
}

/// The mark of a row; one without a difference is no question.
fn sign(look: Look) -> &'static str {
    match look {
        Look::Dim => "⚪",
        look => mark(look),
    }
}
