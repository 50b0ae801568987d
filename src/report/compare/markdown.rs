//! A comparison for a pull request.

use super::{band, broken, change, could_show, figure, insight, look, requests, untold};
use crate::{
    compare::{ComparedFigure, Comparison, Conclusion},
    record::Run,
    report::{
        markdown::{plain, table},
        text::Look,
    },
};

/// Rows of the table that is not folded away.
const MOST_ROWS: usize = 15;

/// The comparison as GitHub's and GitLab's Markdown.
pub fn write(compared: &Comparison, a: &Run, b: &Run) -> String {
    let mark = match compared.finding {
        Conclusion::Differ if compared.rows.iter().any(|row| look(row) == Look::Bad) => "❌",
        Conclusion::Differ => "✅",
        Conclusion::NoDifference => "⚪",
        Conclusion::CannotTell => "❔",
    };
    let side = |run: &Run| format!("{} ({})", plain(&run.run_id), requests(run));
    let mut lines = vec![
        format!("### {mark} {}", plain(&compared.verdict)),
        String::new(),
        format!("**A** {} · **B** {}", side(a), side(b)),
        String::new(),
    ];
    for limit in &compared.limits {
        let (look, text) = broken(limit);
        lines.push(format!("- {} {}", sign(look), plain(&text)));
    }
    for gained in &compared.insights {
        let (look, name, said) = insight(gained);
        let text = format!("Insight {name}: {said}");
        lines.push(format!("- {} {}", sign(look), plain(&text)));
    }
    if lines.last().is_some_and(|line| !line.is_empty()) {
        lines.push(String::new());
    }
    let row = |row: &ComparedFigure| {
        vec![
            format!("{} {}", sign(look(row)), plain(&row.metric)),
            figure(row, row.a),
            figure(row, row.b),
            change(row, row.change),
            band(row),
            could_show(row),
        ]
    };
    let head = ["", "A", "B", "change", "95 % band", "shows from"];
    lines.extend(table(
        &head,
        compared.rows.iter().map(row).collect(),
        MOST_ROWS,
    ));
    lines.push("<details>".to_owned());
    lines.push("<summary>How this was compared</summary>".to_owned());
    lines.push(String::new());
    for note in untold(&compared.rows).iter().chain(&compared.notes) {
        lines.push(format!("- {}", plain(note)));
    }
    lines.push(format!("- {}", plain(&compared.method)));
    lines.push(String::new());
    lines.push("</details>".to_owned());
    lines.join("\n") + "\n"
}

fn sign(look: Look) -> &'static str {
    match look {
        Look::Good => "✅",
        Look::Bad => "❌",
        Look::Caution => "⚠️",
        _ => "⚪",
    }
}
