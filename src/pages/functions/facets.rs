//! The facets beside the Serverless View: tags of the functions, to narrow the table by.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::row::FunctionRow;
use crate::{
    lang::Text,
    pages::{data, visit::Visit, words::*},
};

/// The tags that are facets.
const FACETS: [(&str, Text); 5] = [
    ("service", SERVICE),
    ("env", ENV),
    ("runtime", RUNTIME),
    ("memorysize", MEMORY_SIZE),
    ("region", REGION),
];

/// How many values of a facet are listed.
const MOST_VALUES: usize = 20;

fn value<'a>(row: &'a FunctionRow, key: &str) -> Option<&'a str> {
    match key {
        "service" => Some(&row.service),
        _ => row.function.tag(key),
    }
}

/// Whether a row passes the search and the facets of the visit.
pub(super) fn matches(visit: &Visit, row: &FunctionRow) -> bool {
    visit
        .get("text_search")
        .is_none_or(|wanted| searched(row, wanted))
        && FACETS.iter().all(|(key, _)| {
            visit
                .get(key)
                .is_none_or(|wanted| value(row, key) == Some(wanted))
        })
}

/// The facets with how many functions each value has.
pub(super) fn facets(visit: &Visit, rows: &[FunctionRow]) -> Markup {
    html! {
        nav aria-label=(visit.text(FACETS_WORD)) {
            @for (key, name) in FACETS {
                @let values = counted(rows, key);
                @if !values.is_empty() {
                    fieldset {
                        legend { (visit.text(name)) }
                        @for (found, n) in values.iter().take(MOST_VALUES) {
                            @let here = visit.get(key) == Some(found);
                            a href=(visit.with(&[(key, (!here).then_some(found))]))
                                aria-current=[here.then_some("true")] {
                                span { (found) } span.quiet { (n) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn counted<'a>(rows: &'a [FunctionRow], key: &str) -> BTreeMap<&'a str, usize> {
    let mut counted = BTreeMap::new();
    for found in rows.iter().filter_map(|row| value(row, key)) {
        *counted.entry(found).or_insert(0) += 1;
    }
    counted
}

/// Whether a search's text is in a function's name, its service or any of its tags.
fn searched(row: &FunctionRow, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    has(&row.function.name)
        || has(&row.service)
        || row
            .function
            .of(data::INVOCATIONS)
            .iter()
            .flat_map(|series| &series.tags)
            .any(|tag| has(tag))
}
