//! A comparison for a pull request.

use super::rows::{ChangeRow, ChangeTable, ComparedSide, ComparedSides, FINDING, HOW};
use crate::{
    lang::Text,
    report::{
        markdown::{bullets, capped_table, folded, mark, plain},
        rows::ReportRow,
        text::Look,
        words::INSIGHT,
    },
};

/// Rows of each table.
const MOST_ROWS: usize = 15;

/// The comparison as GitHub's and GitLab's Markdown.
pub fn write(compared: &ComparedSides) -> String {
    let verdict_mark = match compared.open {
        true => mark(compared.look),
        false => sign(compared.look),
    };
    let side =
        |side: &ComparedSide| format!("{} ({})", plain(&side.name), plain(&side.facts.join(", ")));
    let [a, b] = compared.sides.each_ref().map(side);
    let mut lines = vec![
        format!("### {verdict_mark} {}", plain(&compared.verdict)),
        String::new(),
        format!("**A** {a} · **B** {b}"),
        String::new(),
    ];
    lines.extend(compared.limits.iter().map(|row| bullet(row, "")));
    let insight = format!("{INSIGHT} ");
    lines.extend(compared.insights.iter().map(|row| bullet(row, &insight)));
    if !(compared.limits.is_empty() && compared.insights.is_empty()) {
        lines.push(String::new());
    }
    let tables = |explain: bool| {
        let tables = compared.tables.iter();
        tables.filter(move |table| table.explains == explain)
    };
    lines.extend(tables(false).flat_map(table));
    let mut inside: Vec<String> = tables(true).flat_map(table).collect();
    inside.extend(bullets(&compared.notes));
    inside.extend(bullets(std::slice::from_ref(&compared.method)));
    lines.extend(folded(&HOW.to_string(), inside));
    lines.join("\n") + "\n"
}

fn bullet(row: &ReportRow, what: &str) -> String {
    let sentence = format!("{what}{}: {}", row.name, row.outcome);
    format!("- {} {}", sign(row.look), plain(&sentence))
}

/// The last column is the finding's where no cell has it.
fn table(table: &ChangeTable) -> Vec<String> {
    let heads = std::iter::once(&table.first).chain(table.columns);
    let heads: Vec<&Text> = heads.chain([&FINDING]).take(6).collect();
    let cells = |row: &ChangeRow| {
        let name = format!("{} {}", sign(row.look), plain(&row.name));
        let cells = std::iter::once(name).chain(row.cells.clone());
        cells.chain([row.finding.to_string()]).take(6).collect()
    };
    capped_table(&heads, table.rows.iter().map(cells).collect(), MOST_ROWS)
}

/// The mark of a row; one without a difference is no question.
fn sign(look: Look) -> &'static str {
    match look {
        Look::Dim => "⚪",
        look => mark(look),
    }
}
