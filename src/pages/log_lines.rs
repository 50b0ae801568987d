//! Log lines found and listed; beside the list the one that is selected, with all that is known of
//! it.

use maud::{Markup, html};

use super::{
    data,
    page::PageError,
    paging, show,
    visit::{Visit, segment},
    words::*,
};
use crate::{
    look::Shape,
    telemetry::{
        search::Query,
        store::{
            Cursor, EventSearch, LogEntry, SearchOrder, SearchPage, StoreError, StoreReader, Stored,
        },
    },
};

/// How many lines a page lists.
const A_PAGE: usize = 100;
/// How many characters of a line the list shows, and the panel.
const SHORT: usize = 300;
const MOST_TEXT: usize = 16_000;
/// How many tags the panel lists.
const MOST_TAGS: usize = 100;

/// How long before a line its invocation may have begun.
const LONGEST_INVOCATION_MS: i64 = 60_000;

/// A search for a field's exact value, whatever it holds.
pub(super) fn term(field: &str, value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !value.is_empty() && value.chars().all(plain) {
        return format!("{field}:{value}");
    }
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{field}:\"{escaped}\"")
}

/// Reads a search.
pub(super) fn query(text: &str) -> Result<Query, PageError> {
    Query::parse(text).map_err(|error| PageError::Search(error.to_string()))
}

/// The lines that a search finds in the visit's time range, newest first, and the selected one
/// beside them.
pub(super) fn found(visit: &Visit, query: &Query) -> Result<Markup, PageError> {
    let search = EventSearch {
        query,
        from_ms: visit.range.from_ms,
        to_ms: visit.range.to_ms,
        order: SearchOrder::NewestFirst,
        after: paging::after(visit),
    };
    let page = visit.state.reader.logs(&search, A_PAGE)?;
    let selected = selected(visit)?;
    Ok(html! {
        div.lines-found.lines-beside[selected.is_some()] {
            @if let Some(stored) = &selected { (panel(visit, stored)?) }
            div { (list(visit, &page, selected.as_ref().map(|stored| stored.id))) }
        }
    })
}

fn list(visit: &Visit, page: &SearchPage<LogEntry>, selected: Option<i64>) -> Markup {
    html! {
        @if page.items.is_empty() {
            @if page.left_at.is_none() { p { (visit.text(NOTHING_MATCHES)) } }
        } @else {
            div.lines {
                @for stored in &page.items { (line(visit, stored, selected == Some(stored.id))) }
            }
        }
        @if let Some(place) = page.left_at {
            p { (say(SEARCHED_TO, visit.lang, &[&show::clock(place.at_ns / 1_000_000)])) }
        }
        (paging::older(visit, page.next))
    }
}

/// The severity of a line with its shape.
pub(super) fn severity(status: &str) -> Markup {
    let status = show::cut(status, 20);
    match status {
        "error" | "critical" | "alert" | "emergency" => Shape::Error.beside(status),
        "warn" | "warning" => Shape::Throttled.beside(status),
        _ => html! { span.quiet { (status) } },
    }
}

fn line(visit: &Visit, stored: &Stored<LogEntry>, selected: bool) -> Markup {
    let event = &stored.value;
    let first = event.message.lines().next().unwrap_or_default();
    html! {
        a.line id={ "log-" (stored.id) } href=(visit.here(&[("event", Some(&name(stored)))])) data-fold
            aria-current=[selected.then_some("true")] {
            time title=(show::clock(event.at_ms)) { (show::fine_clock(event.at_ms)) }
            (severity(&event.status))
            span.text { (show::cut(first, SHORT)) }
        }
    }
}

/// A line's name in addresses: its time and its number.
fn name(stored: &Stored<LogEntry>) -> String {
    format!("{}-{}", stored.value.at_ms, stored.id)
}

/// The line that the visit asks for.
fn selected(visit: &Visit) -> Result<Option<Stored<LogEntry>>, PageError> {
    let Some(name) = visit.get("event") else {
        return Ok(None);
    };
    let found = event(&visit.state.reader, name)?;
    let missing = || PageError::NotFound {
        said: say(NO_LOG, visit.lang, &[show::cut(name, 60)]),
        ways: vec![(
            visit.text(LOG_EXPLORER).to_owned(),
            visit.link("/logs", &[]),
        )],
    };
    found.map(Some).ok_or_else(missing)
}

/// The line of that name: `MILLISECONDS-NUMBER`.
pub(super) fn event(
    reader: &StoreReader,
    name: &str,
) -> Result<Option<Stored<LogEntry>>, StoreError> {
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

/// One line with all that is known of it, and where it leads.
fn panel(visit: &Visit, stored: &Stored<LogEntry>) -> Result<Markup, PageError> {
    let event = &stored.value;
    let cut = |text| show::cut(text, show::LONGEST_NAME);
    let shown = show::cut(&event.message, MOST_TEXT);
    let attributes = format!("{:#}", event.attributes);
    let whole = |length: usize| {
        let link = visit.bare("/logs/message", &[("event", &name(stored))]);
        html! { p { a href=(link) { (say(OPEN_WHOLE, visit.lang, &[&show::bytes(length)])) } } }
    };
    Ok(html! {
        section.panel.stack id="event" tabindex="-1" aria-labelledby="event-time" {
            div.row.row-apart {
                h2 id="event-time" { (show::time(event.at_ms)) }
                a.button href=(visit.here(&[("event", None)])) data-fold data-close { (visit.text(CLOSE)) }
            }
            p.row { (severity(&event.status)) span { (cut(&event.service)) } span.quiet { (cut(&event.source)) } }
            (links(visit, event)?)
            pre.listing.listing-wrap tabindex="0" aria-label=(visit.text(MESSAGE)) { (shown) }
            @if shown.len() < event.message.len() { (whole(event.message.len())) }
            h3 { (visit.text(ATTRIBUTES)) }
            pre.listing.listing-wrap tabindex="0" aria-label=(visit.text(ATTRIBUTES)) { (show::cut(&attributes, MOST_TEXT)) }
            dl.pairs {
                dt { "host" } dd { (cut(&event.host)) }
                dt { (visit.text(TAGS)) } dd {
                    @for tag in event.tags.iter().take(MOST_TAGS) { span.tag { (cut(tag)) } " " }
                }
            }
        }
    })
}

/// Where a line leads: its trace, its invocation's lines. A line that names no trace has that of its
/// invocation.
fn links(visit: &Visit, event: &LogEntry) -> Result<Markup, PageError> {
    let at = |pointer: &str| {
        let value = event.attributes.pointer(pointer)?.as_str();
        value.filter(|text| text.len() <= show::LONGEST_NAME)
    };
    let request = at("/lambda/request_id");
    let trace = match (at("/dd/trace_id").or_else(|| at("/trace_id")), request) {
        (Some(trace), _) => Some(visit.link(&format!("/apm/trace/{}", segment(trace)), &[])),
        (None, Some(request)) => invocation(visit, event, request)?,
        (None, None) => None,
    };
    Ok(html! {
        p.row {
            @if let Some(trace) = trace { a.button.button-main href=(trace) { "Open Trace" } }
            @if let Some(request) = request {
                a.button href=(visit.link("/logs", &[("query", &term("@lambda.request_id", request))])) {
                    (visit.text(SAME_INVOCATION))
                }
            }
        }
    })
}

/// The trace of the invocation that a line belongs to.
fn invocation(visit: &Visit, event: &LogEntry, request: &str) -> Result<Option<String>, PageError> {
    let Some(function) = data::value_of(&event.tags, "functionname") else {
        return Ok(None);
    };
    let times = (
        event.at_ms.saturating_sub(LONGEST_INVOCATION_MS),
        event.at_ms.saturating_add(LONGEST_INVOCATION_MS / 60),
    );
    let wanted = data::InvocationFilter {
        requests: Some((vec![request.to_owned()], times.0)),
        ..data::InvocationFilter::default()
    };
    let found = data::invocations(&visit.state.reader, function, times, &wanted, None, 1)?;
    Ok(found.items.first().map(|stored| stored.value.link(visit)))
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
