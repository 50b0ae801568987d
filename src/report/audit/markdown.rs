//! The audit as GitHub's Markdown, for a pull request or a wiki.

use super::rows::{AuditedFunction, facts, functions, undetermined, verdict};
use crate::{
    audit::Audit,
    report::{
        markdown::{bullets, plain, table},
        rows::ReportRow,
        text::Look,
    },
};

/// The whole page.
pub fn write(audit: &Audit) -> String {
    let (_, verdict) = verdict(audit);
    let mut lines = vec![
        "# Audit".to_owned(),
        String::new(),
        format!("**{}**", plain(&verdict)),
        String::new(),
    ];
    let facts = facts(audit).into_iter();
    lines.extend(facts.map(|(name, text)| format!("- {name}: {}", plain(&text))));
    for function in functions(audit) {
        lines.extend(section(&function));
    }
    for (title, texts) in [
        ("Cannot be told", &undetermined(audit)),
        ("Notes", &audit.notes),
    ] {
        if !texts.is_empty() {
            lines.extend([String::new(), format!("## {title}"), String::new()]);
            lines.extend(bullets(texts));
        }
    }
    lines.join("\n") + "\n"
}

fn section(function: &AuditedFunction) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        format!("## {}", plain(function.name)),
        String::new(),
    ];
    let head = ["Insight", "State", "Measured", "What would cross the limit"];
    lines.extend(table(&head, function.rows.iter().map(cells)));
    lines
}

fn cells(row: &ReportRow) -> Vec<String> {
    let name = format!("[{}]({})", row.title, row.link);
    vec![
        match row.look {
            Look::Bad => format!("**{name}**"),
            _ => name,
        },
        plain(&row.outcome),
        plain(row.measured.as_deref().unwrap_or_default()),
        plain(row.reason.as_deref().unwrap_or_default()),
    ]
}
