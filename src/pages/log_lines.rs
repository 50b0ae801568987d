//! Log lines found and listed: each unfolds into all that is known of it.

use maud::{Markup, html};

use super::{
    page::PageError,
    paging, show,
    visit::{Visit, segment},
    words::*,
};
use crate::{
    look::Shape,
    telemetry::{
        search::Query,
        store::{Cursor, EventSearch, LogEntry, SearchOrder, SearchPage, Stored},
    },
};

/// How many lines a page lists.
const A_PAGE: usize = 100;
/// How many characters of a line are shown before it is opened whole.
const SHORT: usize = 2_000;

/// A search for a field's exact value, whatever it holds.
pub(super) fn term(field: &str, value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !value.is_empty() && value.chars().all(plain) {
        return format!("{field}:{value}");
    }
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{field}:\"{escaped}\"")
}

/// The lines that a search finds in the visit's time range, newest first.
pub(super) fn find(
    visit: &Visit,
    query: &str,
    after: Option<Cursor>,
) -> Result<SearchPage<LogEntry>, PageError> {
    let query = Query::parse(query).map_err(|error| PageError::Search(error.to_string()))?;
    let search = EventSearch {
        query: &query,
        from_ms: visit.range.from_ms,
        to_ms: visit.range.to_ms,
        order: SearchOrder::NewestFirst,
        after,
    };
    Ok(visit.state.reader.logs(&search, A_PAGE)?)
}

/// The lines as a list.
pub(super) fn list(visit: &Visit, page: &SearchPage<LogEntry>) -> Markup {
    html! {
        @if page.items.is_empty() {
            p { (visit.text(NOTHING_MATCHES)) }
        } @else {
            div.lines {
                @for stored in &page.items { (line(visit, stored)) }
            }
            (paging::older(visit, page.next))
        }
    }
}

/// The severity of a line with its shape.
pub(super) fn severity(status: &str) -> Markup {
    let shape = match status {
        "error" | "critical" | "alert" | "emergency" => Some(Shape::Error),
        _ => None,
    };
    html! {
        @match shape {
            Some(shape) => (shape.beside(status)),
            None => span.quiet { (status) },
        }
    }
}

fn line(visit: &Visit, stored: &Stored<LogEntry>) -> Markup {
    let event = &stored.value;
    let first = event.message.lines().next().unwrap_or_default();
    html! {
        details.line id={ "log-" (stored.id) } {
            summary {
                time title=(show::clock(event.at_ms)) { (show::fine_clock(event.at_ms)) }
                (severity(&event.status))
                span.text { (first.chars().take(300).collect::<String>()) }
            }
            div.whole.stack {
                (message(visit, stored, Some(SHORT)))
                (links(visit, event))
            }
        }
    }
}

/// The line's text, cut where it is longer than `most` characters; the cut is said.
pub(super) fn message(visit: &Visit, stored: &Stored<LogEntry>, most: Option<usize>) -> Markup {
    let text = &stored.value.message;
    let cut = most.and_then(|most| text.char_indices().nth(most));
    let shown = cut.map_or(text.as_str(), |(end, _)| &text[..end]);
    html! {
        pre.listing.listing-wrap tabindex="0" { (shown) }
        p {
            a href=(visit.link("/logs", &[("event", &name(stored))])) { (visit.text(OPEN_LOG)) }
            @if cut.is_some() { " " span.quiet { (say(CUT, visit.lang, &[&show::bytes(text.len())])) } }
        }
    }
}

/// A line's name in addresses: its time and its number.
fn name(stored: &Stored<LogEntry>) -> String {
    format!("{}-{}", stored.value.at_ms, stored.id)
}

/// Where a line leads: its trace, its invocation's lines.
pub(super) fn links(visit: &Visit, event: &LogEntry) -> Markup {
    let at = |pointer: &str| {
        event
            .attributes
            .pointer(pointer)
            .and_then(|value| value.as_str())
    };
    let request = at("/lambda/request_id");
    html! {
        p.row {
            @if let Some(trace) = at("/dd/trace_id").or_else(|| at("/trace_id")) {
                a href=(visit.link(&format!("/apm/trace/{}", segment(trace)), &[])) { "Open Trace" }
            }
            @if let Some(request) = request {
                a href=(visit.link("/logs", &[("query", &term("@lambda.request_id", request))])) {
                    (visit.text(SAME_INVOCATION))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        telemetry::search::Field, telemetry::search::Pattern, telemetry::search::Predicate,
    };

    proptest! {
        #[test]
        fn a_term_finds_exactly_its_value(value in "\\PC{1,30}") {
            let field = Field::Named("functionname".to_owned());
            prop_assert_eq!(
                Query::parse(&term("functionname", &value)),
                Ok(Query::Field(field, Predicate::Is(Pattern::Exact(value))))
            );
        }
    }
}
