//! The audit as GitHub's Markdown, for a pull request or a wiki.

use super::rows::{AuditedFunction, CANNOT_BE_TOLD, facts, functions, undetermined, verdict};
use crate::{
    audit::Audit,
    lang::texts,
    report::{
        markdown::{bullets, plain, table},
        rows::ReportRow,
        text::Look,
        words::INSIGHT,
    },
};

/// The audit as Markdown.
pub fn write(audit: &Audit) -> String {
    let (_, verdict) = verdict(audit);
    let mut lines = vec![
        format!("# {TITLE}"),
        String::new(),
        format!("**{}**", plain(&verdict)),
        String::new(),
    ];
    let facts = facts(audit).into_iter();
    lines.extend(facts.map(|(name, text)| format!("- {name}: {}", plain(&text))));
    for function in functions(audit) {
        lines.extend(section(&function));
    }
    let notes = audit.notes.iter().map(ToString::to_string).collect();
    for (title, texts) in [(CANNOT_BE_TOLD, undetermined(audit)), (NOTES, notes)] {
        if !texts.is_empty() {
            lines.extend([String::new(), format!("## {title}"), String::new()]);
            lines.extend(bullets(&texts));
        }
    }
    lines.join("\n") + "\n"
}

texts! {
    const;
    TITLE: "Audit", "점검";
    NOTES: "Notes", "참고";
    STATE: "State", "상태";
    MEASURED: "Measured", "측정";
    CROSSING: "What would cross the limit", "한도를 넘게 하는 변화";
}

fn section(function: &AuditedFunction) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        format!("## {}", plain(function.name)),
        String::new(),
    ];
    let head = [INSIGHT, STATE, MEASURED, CROSSING];
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
