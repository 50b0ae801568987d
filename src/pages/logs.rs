//! `/logs`: the Log Explorer. A search, its lines newest first, and one line opened whole.

use axum::{
    extract::{Query as Params, State as Extracted, rejection::QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    PagesState, frame, log_lines,
    page::{PageContent, PageError},
    paging, show,
    visit::Visit,
    words::*,
};
use crate::telemetry::{
    search::Query,
    store::{Cursor, EventSearch, LogEntry, SearchOrder, StoreError, StoreReader, Stored},
};

/// How many characters of an opened line are shown at once.
const MOST_TEXT: usize = 64_000;

/// The severities to narrow by.
const SEVERITIES: [&str; 3] = ["error", "warn", "info"];

/// Draws the Log Explorer, or one line of it.
pub(super) fn explorer(visit: &Visit) -> Result<PageContent, PageError> {
    if let Some(name) = visit.get("event") {
        return one(visit, name);
    }
    let query = visit.get("query").unwrap_or_default();
    let (found, status) = match log_lines::find(visit, query, paging::after(visit)) {
        Ok(page) => (log_lines::list(visit, &page), None),
        Err(PageError::Search(why)) => (html! {}, Some(why)),
        Err(other) => return Err(other),
    };
    let functions = visit.state.reader.functions()?;
    let lines = html! {
        (search(visit, query))
        @match &status {
            Some(why) => {
                p.raised { (visit.text(BAD_SEARCH)) }
                p { (why) }
            }
            None => (found),
        }
    };
    let content = html! {
        (frame::head(visit, None, html! { (visit.text(LOG_EXPLORER)) }, None))
        (frame::beside(visit, &facets(visit, query, &functions), &lines))
    };
    Ok(PageContent {
        title: visit.text(LOG_EXPLORER).to_owned(),
        content,
    })
}

fn search(visit: &Visit, query: &str) -> Markup {
    html! {
        form.search method="get" action="/logs" role="search" {
            @for (key, value) in visit.fields(&["query", "event"]) {
                input type="hidden" name=(key) value=(value);
            }
            input type="search" name="query" value=(query) placeholder="status:error @lambda.request_id:… \"Task timed out\""
                aria-label=(visit.text(SEARCH_LOGS)) autocomplete="off" spellcheck="false";
            button.button type="submit" { (visit.text(SEARCH)) }
        }
    }
}

fn facets(visit: &Visit, query: &str, functions: &[String]) -> Markup {
    let term = |written: String, name: &str| {
        let has = query.split_whitespace().any(|word| word == written);
        let next = toggled(query, &written);
        html! {
            a href=(visit.with(&[("query", Some(next.as_str()).filter(|text| !text.is_empty()))]))
                aria-current=[has.then_some("true")] { span { (name) } }
        }
    };
    html! {
        nav aria-label=(visit.text(FACETS_WORD)) {
            fieldset {
                legend { (visit.text(STATUS)) }
                @for severity in SEVERITIES {
                    @let has = query.split_whitespace().any(|word| word == format!("status:{severity}"));
                    @let without = SEVERITIES.iter().fold(query.to_owned(), |text, one| without(&text, &format!("status:{one}")));
                    @let next = if has { without } else { toggled(&without, &format!("status:{severity}")) };
                    a href=(visit.with(&[("query", Some(next.as_str()).filter(|text| !text.is_empty()))]))
                        aria-current=[has.then_some("true")] { (log_lines::severity(severity)) }
                }
            }
            fieldset {
                legend { (visit.text(FUNCTION)) }
                @for function in functions.iter().take(20) {
                    (term(log_lines::term("functionname", function), function))
                }
            }
        }
    }
}

/// The search without a term.
fn without(query: &str, term: &str) -> String {
    let words: Vec<&str> = query
        .split(' ')
        .filter(|word| *word != term && !word.is_empty())
        .collect();
    words.join(" ")
}

/// The search with a term more, or without it where it had it.
fn toggled(query: &str, term: &str) -> String {
    let rest = without(query, term);
    if rest.len() < query.trim().len() {
        rest
    } else if rest.is_empty() {
        term.to_owned()
    } else {
        format!("{rest} {term}")
    }
}

/// One line whole, with everything that is known of it.
fn one(visit: &Visit, name: &str) -> Result<PageContent, PageError> {
    let Some(stored) = event(&visit.state.reader, name)? else {
        let name: String = name.chars().take(60).collect();
        return Err(PageError::NotFound {
            said: say(NO_LOG, visit.lang, &[&name]),
            ways: vec![(
                visit.text(LOG_EXPLORER).to_owned(),
                visit.link("/logs", &[]),
            )],
        });
    };
    let event = &stored.value;
    let cut = event
        .message
        .char_indices()
        .nth(MOST_TEXT)
        .map(|(end, _)| end);
    let shown = cut.map_or(event.message.as_str(), |end| &event.message[..end]);
    let crumb = html! { a href=(visit.with(&[("event", None)])) { (visit.text(LOG_EXPLORER)) } };
    let attributes = format!("{:#}", event.attributes);
    let content = html! {
        div.head { div {
            div.crumb { (crumb) }
            h1 { (show::time(event.at_ms)) }
            p.sub { (log_lines::severity(&event.status)) " · " (event.service) " · " (event.source) }
        } }
        div.stack {
            pre.listing.listing-wrap.tall tabindex="0" { (shown) }
            @if cut.is_some() {
                p { a href=(visit.bare("/logs/message", &[("event", name)])) {
                    (say(OPEN_WHOLE, visit.lang, &[&show::bytes(event.message.len())]))
                } }
            }
            (log_lines::links(visit, event))
            h2 { (visit.text(ATTRIBUTES)) }
            pre.listing.listing-wrap tabindex="0" { (attributes.chars().take(MOST_TEXT).collect::<String>()) }
            dl.pairs {
                dt { "host" } dd { (event.host) }
                dt { (visit.text(TAGS)) } dd { (event.tags.join(", ")) }
            }
        }
    };
    Ok(PageContent {
        title: visit.text(LOG_EXPLORER).to_owned(),
        content,
    })
}

/// The line of that name: `MILLISECONDS-NUMBER`.
fn event(reader: &StoreReader, name: &str) -> Result<Option<Stored<LogEntry>>, StoreError> {
    let Some(place) = paging::read(name) else {
        return Ok(None);
    };
    let at_ms = place.at_ns;
    let search = EventSearch {
        query: &Query::All,
        from_ms: at_ms,
        to_ms: at_ms,
        order: SearchOrder::OldestFirst,
        // The first line behind the place just before it.
        after: Some(Cursor {
            at_ns: at_ms.saturating_mul(1_000_000),
            id: place.id.saturating_sub(1),
        }),
    };
    let found = reader.logs(&search, 1)?.items.into_iter().next();
    Ok(found.filter(|stored| stored.id == place.id))
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
        .read(move |reader| event(reader, &named.event))
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
    fn a_term_is_put_into_a_search_and_taken_out_again() {
        assert_eq!(toggled("", "status:error"), "status:error");
        assert_eq!(toggled("a b", "status:error"), "a b status:error");
        assert_eq!(toggled("a status:error b", "status:error"), "a b");
    }
}
