//! The audit as GitHub's Markdown, for a pull request or a wiki.

use std::fmt::Write;

use super::words::{crossing, facts, state, untold, verdict};
use crate::{audit::Audit, insight::Met, report::markdown::plain};

/// The whole page.
pub fn write(audit: &Audit) -> String {
    // Writing to a String never fails.
    let mut page = format!("# Audit\n\n**{}**\n\n", plain(&verdict(audit)));
    for (name, text) in facts(audit) {
        let _ = writeln!(page, "- {name}: {}", plain(&text));
    }
    for audited in &audit.functions {
        let _ = write!(
            page,
            "\n## {}\n\n| Insight | State | Measured | What would cross the limit |\n| --- | --- | --- | --- |\n",
            plain(&audited.function)
        );
        let told = audited
            .insights
            .iter()
            .filter(|one| one.met != Met::CannotTell);
        for standing in told {
            let name = format!("[{}]({})", standing.id.insight().name.en, standing.link);
            let name = match standing.met {
                Met::Yes => format!("**{name}**"),
                _ => name,
            };
            let _ = writeln!(
                page,
                "| {name} | {} | {} | {} |",
                plain(&state(standing)),
                plain(&standing.measured),
                plain(&crossing(standing, &audited.seen).unwrap_or_default())
            );
        }
    }
    for (title, lines) in [
        ("Cannot be told", untold(audit)),
        ("Notes", audit.notes.clone()),
    ] {
        if !lines.is_empty() {
            let _ = write!(page, "\n## {title}\n\n");
        }
        for line in lines {
            let _ = writeln!(page, "- {}", plain(&line));
        }
    }
    page
}
