//! The audit for a terminal: the verdict, then function by function what is met and what is near,
//! then what cannot be determined.

use super::rows::{AuditedFunction, CANNOT_BE_TOLD, facts, functions, undetermined, verdict};
use crate::{
    audit::Audit,
    lang::texts,
    report::text::{
        Look,
        page::{self, TextPage, insight, marked},
    },
};

/// The audit as text.
pub fn write(audit: &Audit) -> String {
    let mut page = TextPage::default();
    let (look, sentence) = verdict(audit);
    page.block(page::verdict(look, &sentence, Look::Strong));
    page.block(page::facts(facts(audit)));
    for function in functions(audit) {
        page.block(lines(&function));
    }
    let undetermined = undetermined(audit);
    let undetermined = undetermined.iter().flat_map(|text| marked(Look::Dim, text));
    page.section(CANNOT_BE_TOLD, undetermined.collect());
    let notes = audit
        .notes
        .iter()
        .flat_map(|note| marked(Look::Caution, &note.to_string()));
    page.block(notes.collect());
    page.finish()
}

texts! {
    const;
    NOTHING_MET: "nothing met", "충족 없음";
    n_met(count: usize): "{} met", "충족 {}개";
    further(list: String): "further from the limit: {}", "한도에서 먼 항목: {}";
}

fn lines(function: &AuditedFunction) -> Vec<String> {
    let met = match function.met {
        0 => NOTHING_MET.to_string(),
        n => n_met(n).to_string(),
    };
    let mut lines = vec![format!(
        "{}  {}",
        Look::Strong.paint(function.name),
        Look::Dim.paint(met)
    )];
    let prominent = function.rows.iter().filter(|row| row.prominent);
    lines.extend(prominent.flat_map(insight));
    let far = function.rows.iter().filter(|row| !row.prominent);
    let far: Vec<String> = far
        .map(|row| match &row.value {
            Some(missing) => format!("{} ({missing})", row.name),
            None => row.name.clone(),
        })
        .collect();
    if !far.is_empty() {
        let text = further(far.join(", "));
        lines.extend(marked(Look::Dim, &text.to_string()));
    }
    lines
}
