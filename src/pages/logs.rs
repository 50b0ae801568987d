//! `/logs`: the Log Explorer. A search, how many lines it finds and when, the lines newest first,
//! and beside them one with all its fields.

use axum::{
    extract::{Query as Params, State as Extracted, rejection::QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    PagesState, frame,
    log_counts::{self, LogCounts},
    log_lines,
    page::{PageContent, PageError},
    show,
    visit::Visit,
    words::*,
};
use crate::lang::Text;

/// The severities to narrow by, found or not.
const SEVERITIES: [&str; 3] = ["error", "warn", "info"];
/// How many values of a facet are listed.
const MOST_VALUES: usize = 20;

/// Draws the Log Explorer.
pub(super) fn explorer(visit: &Visit) -> Result<PageContent, PageError> {
    let query = visit.get("query").unwrap_or_default();
    let inside = match log_lines::query(query) {
        Ok(parsed) => {
            let counts = log_counts::count(visit, &parsed)?;
            let lines = html! {
                (search(visit, query))
                (counts.drawn(visit))
                (log_lines::found(visit, &parsed)?)
            };
            frame::beside(visit, &facets(visit, query, &counts)?, &lines)
        }
        Err(PageError::Search(why)) => html! {
            div.stack {
                (search(visit, query))
                p.raised { (visit.text(BAD_SEARCH)) }
                p { (why) }
            }
        },
        Err(other) => return Err(other),
    };
    Ok(PageContent {
        title: visit.text(LOG_EXPLORER).to_owned(),
        content: html! {
            (frame::head(visit, None, html! { (visit.text(LOG_EXPLORER)) }, None))
            (inside)
        },
    })
}

fn search(visit: &Visit, query: &str) -> Markup {
    html! {
        form.search method="get" action="/logs" role="search" {
            (frame::hidden(visit, &["query", "event"]))
            input type="search" name="query" value=(query) placeholder="status:error @lambda.request_id:… \"Task timed out\""
                aria-label=(visit.text(SEARCH_LOGS)) autocomplete="off" spellcheck="false";
            button.button type="submit" { (visit.text(SEARCH)) }
        }
    }
}

/// The facets, each value with how many lines have it.
fn facets(visit: &Visit, query: &str, counts: &LogCounts) -> Result<Markup, PageError> {
    let names: [Text; 3] = [STATUS, FUNCTION, SERVICE];
    let mut drawn = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        let values = offered(visit, query, place, counts)?;
        if !values.is_empty() {
            let facet = log_counts::FACETS[place];
            drawn.push(html! {
                fieldset {
                    legend { (visit.text(name)) }
                    @for (value, n) in values.iter().take(MOST_VALUES) { (choice(visit, query, facet, value, *n)) }
                }
            });
        }
    }
    Ok(html! { nav aria-label=(visit.text(FACETS_WORD)) { @for one in &drawn { (one) } } })
}

/// What a facet offers: the values of the lines that the search finds without its own term of
/// this field, and of severities also the usual ones.
fn offered(
    visit: &Visit,
    query: &str,
    place: usize,
    counts: &LogCounts,
) -> Result<Vec<(String, usize)>, PageError> {
    let facet = log_counts::FACETS[place];
    let mut values = counts.facet(place);
    if words(query).any(|word| is_of(word, facet))
        && let Ok(rest) = log_lines::query(&chosen(query, facet, None))
    {
        let mut others = log_counts::count(visit, &rest)?.facet(place);
        others.retain(|(value, _)| values.iter().all(|(known, _)| known != value));
        values.append(&mut others);
    }
    if facet == "status" {
        let missing = |one: &&str| !values.iter().any(|(value, _)| value == one);
        let missing: Vec<&str> = SEVERITIES.into_iter().filter(missing).collect();
        values.extend(missing.into_iter().map(|value| (value.to_owned(), 0)));
    }
    Ok(values)
}

/// The words of a search. Blanks between quotes part none.
fn words(query: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let words = query.split(move |c: char| {
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        c.is_whitespace() && !quoted
    });
    words.filter(|word| !word.is_empty())
}

fn is_of(word: &str, field: &str) -> bool {
    word.strip_prefix(field)
        .is_some_and(|rest| rest.starts_with(':'))
}

/// A value of a facet: the search with it instead of another value of the same field, or without it
/// if it was selected.
fn choice(visit: &Visit, query: &str, facet: &str, value: &str, n: usize) -> Markup {
    let term = log_lines::term(facet, value);
    let here = words(query).any(|word| word == term);
    let next = chosen(query, facet, (!here).then_some(term.as_str()));
    html! {
        a href=(visit.with(&[("query", Some(next.as_str()).filter(|text| !text.is_empty())), ("event", None)]))
            aria-current=[here.then_some("true")] {
            @if facet == "status" { (log_lines::severity(value)) } @else { span { (value) } }
            span.quiet { (show::count(n as f64)) }
        }
    }
}

/// The search with `term` as its only term of this field, or with none.
fn chosen(query: &str, field: &str, term: Option<&str>) -> String {
    let words = words(query).filter(|word| !is_of(word, field));
    words.chain(term).collect::<Vec<_>>().join(" ")
}

/// What names a line.
#[derive(Debug, Deserialize)]
pub(super) struct MessageParams {
    event: String,
}

/// `/logs/message?event=..`: a line's text as plain text, however long.
pub(super) async fn message(
    Extracted(state): Extracted<PagesState>,
    named: Result<Params<MessageParams>, QueryRejection>,
) -> Response {
    let Ok(Params(named)) = named else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match state
        .reader
        .read(move |reader| log_lines::event(reader, &named.event))
        .await
    {
        Ok(Some(stored)) => (
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            stored.value.message,
        )
            .into_response(),
        _ => (StatusCode::NOT_FOUND, "There is no such log line.\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_takes_the_place_of_another_of_its_field() {
        let with = |query, term| chosen(query, "status", term);
        assert_eq!(with("", Some("status:error")), "status:error");
        assert_eq!(with("a b", Some("status:error")), "a b status:error");
        assert_eq!(
            with("status:warn a", Some("status:error")),
            "a status:error"
        );
        assert_eq!(with("a status:error b", None), "a b");
        let quoted = log_lines::term("service", "a \"b\" c");
        let both = chosen("status:warn", "service", Some(quoted.as_str()));
        assert!(words(&both).any(|word| word == quoted), "{both}");
        assert_eq!(chosen(&both, "service", None), "status:warn");
    }
}
