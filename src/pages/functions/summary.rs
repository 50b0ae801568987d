//! The summary of issues above the table: the verdict first, as a sentence.

use maud::{Markup, html};

use super::row::FunctionRow;
use crate::{
    insight::Id,
    pages::{
        badge::{self, Badge},
        visit::Visit,
        words::*,
    },
};

/// How many Insights are listed.
const MOST_FINDINGS: usize = 20;

/// The Insights of all shown functions, each once, with the functions that have it.
pub(super) fn summary(visit: &Visit, rows: &[FunctionRow]) -> Markup {
    let by_insight: Vec<Vec<&Badge>> = Id::ALL
        .iter()
        .copied()
        .map(|id| {
            rows.iter()
                .flat_map(|row| &row.badges)
                .filter(|badge| badge.insight.id == id)
                .collect()
        })
        .filter(|badges: &Vec<&Badge>| !badges.is_empty())
        .collect();
    let functions = rows.iter().filter(|row| !row.badges.is_empty()).count();
    html! {
        section aria-labelledby="issues" {
            h2.visually-hidden id="issues" { (visit.text(ISSUES)) }
            @if by_insight.is_empty() {
                p.lead { (visit.text(NO_INSIGHTS)) }
            } @else {
                @let insights: usize = by_insight.iter().map(Vec::len).sum();
                p.lead { (sentence(visit, insights, functions)) }
                div.findings {
                    @for badge in by_insight.iter().flatten().take(MOST_FINDINGS) {
                        div { (badge::link(visit, badge, false)) }
                        div {
                            span.name { (badge.function) }
                            " " span.quiet { (measured(&badge.reading, visit.lang)) }
                        }
                    }
                }
                @if insights > MOST_FINDINGS {
                    p.quiet { (say(LEFT_OUT, visit.lang, &[&(insights - MOST_FINDINGS).to_string()])) }
                }
                (badge::errors_note(visit, by_insight.iter().flatten().copied()))
            }
        }
    }
}

fn sentence(visit: &Visit, insights: usize, functions: usize) -> String {
    say(
        INSIGHTS_SAID,
        visit.lang,
        &[
            &counted(ONE_INSIGHT, N_INSIGHTS, visit.lang, insights),
            &counted(ONE_FUNCTION, N_FUNCTIONS, visit.lang, functions),
        ],
    )
}
