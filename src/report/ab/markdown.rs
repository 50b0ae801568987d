//! A paired comparison for a pull request.

use super::rows::{self, AbRow};
use crate::{
    ab::AbResult,
    report::{
        markdown::{bullets, capped_table, folded, mark, plain},
        text::Look,
    },
};

/// Rows of each table.
const MOST_ROWS: usize = 8;

/// The comparison as GitHub's and GitLab's Markdown.
pub fn write(result: &AbResult) -> String {
    let side = |name: &str, side| {
        let (target, run, rests_on) = rows::side(side);
        format!("**{name}** {} ({rests_on}, {})", plain(target), plain(run))
    };
    let sentence = plain(&rows::sentence(result));
    let mut lines = vec![
        format!("### {} {sentence}", sign(rows::verdict(result))),
        String::new(),
        format!("{} · {}", side("A", &result.a), side("B", &result.b)),
        String::new(),
    ];
    let limits = rows::limits(result);
    let limit = |row: &crate::report::rows::ReportRow| {
        let sentence = format!("{}: {}", row.name, row.outcome);
        format!("- {} {}", sign(row.look), plain(&sentence))
    };
    lines.extend(limits.iter().map(limit));
    if !limits.is_empty() {
        lines.push(String::new());
    }
    let mut inside = Vec::new();
    for (place, (head, rows)) in [
        (rows::FIGURE, rows::figures(result)),
        (rows::PART, rows::parts(&result.parts)),
        (rows::IMPORTS, rows::parts(&result.imports)),
    ]
    .into_iter()
    .enumerate()
    {
        let head = [head, rows::CHANGE, rows::BAND, rows::FINDING].map(|it| it.to_string());
        let head = [&head[0], "A", "B", &head[1], &head[2], &head[3]];
        let table = capped_table(&head, rows.into_iter().map(cells).collect(), MOST_ROWS);
        match place {
            0 => lines.extend(table),
            _ => inside.extend(table),
        }
    }
    let mut notes: Vec<String> = result.notes.iter().map(ToString::to_string).collect();
    notes.push(result.method.to_string());
    inside.extend(bullets(&notes));
    lines.extend(folded(&rows::WAS_SAID.to_string(), inside));
    lines.join("\n") + "\n"
}

fn cells(row: AbRow) -> Vec<String> {
    let name = format!("{} {}", sign(row.look), plain(&row.name));
    std::iter::once(name).chain(row.cells).collect()
}

/// The mark of a row; one without a difference is no question.
fn sign(look: Look) -> &'static str {
    match look {
        Look::Dim => "⚪",
        look => mark(look),
    }
}
