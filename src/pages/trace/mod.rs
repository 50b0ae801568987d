//! `/apm/trace/ID`: one trace. Flame Graph, Trace Map or Span List; beside it the selected span
//! with its error, its stack trace, and the request and response payloads.

mod anatomy;
mod blocks;
mod controls;
mod flame;
mod list;
mod map;
mod payload;
mod span;
mod stack;
mod tree;
mod window;

use axum::{
    extract::{Path, Query, State as Extracted, rejection::QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    PagesState,
    page::{PageContent, PageError},
    show,
    visit::Visit,
    words::*,
};
use crate::{
    lang::Text,
    look::Shape,
    telemetry::{search::trace_id, store::Span},
};
use tree::SpanTree;

/// The views of a trace, by the names that Datadog's links have for them.
const VIEWS: [(&str, &str); 3] = [
    ("flamegraph", "Flame Graph"),
    ("service_map", "Trace Map"),
    ("list", "Span List"),
];

/// As many spans as the store gives of one trace.
const MOST_SPANS: usize = 10_000;
/// How much of a span's name, service and resource is kept.
const LONGEST_TEXT: usize = 300;

/// Draws a trace's page.
pub(super) fn trace(visit: &Visit) -> Result<PageContent, PageError> {
    let written = visit.tail("/apm/trace/");
    let Some(id) = trace_id(&written) else {
        return Err(not_found(visit, NOT_A_TRACE_ID, &written));
    };
    let spans = spans_of(&visit.state, id)?;
    if spans.is_empty() {
        return Err(not_found(visit, NO_TRACE, &written));
    }
    let tree = SpanTree::of(spans);
    let selected = selected(visit, &tree);
    let asked = visit.get("graphType").unwrap_or_default();
    let known = VIEWS.iter().map(|(key, _)| *key).find(|key| *key == asked);
    let view = known.unwrap_or("flamegraph");
    let drawn = match view {
        "service_map" => map::map(visit, &tree),
        "list" => list::list(visit, &tree),
        _ => flame::flame(visit, &tree, selected),
    };
    let title = root(&tree).map(flame::label).unwrap_or_default();
    // A reader who follows an error wants its line. The parts of a cold start are below it then.
    let failed = tree.spans.iter().any(|span| span.error);
    let content = html! {
        (head(visit, &tree, id, &title))
        (verdict(visit, &tree))
        @if !failed { (anatomy::anatomy(visit, &tree)) }
        nav.tabs id="trace" aria-label=(visit.text(TABS_WORD)) {
            @for (key, name) in VIEWS {
                a href=(visit.with(&[("graphType", Some(key))])) data-fold aria-current=[(view == key).then_some("true")] { (name) }
            }
        }
        // A map needs the width that the details would take.
        div class=(if view == "service_map" { "trace" } else { "trace trace-beside" }) {
            section aria-label=(visit.text(TRACE)) { (drawn) }
            @if let Some(span) = tree.spans.get(selected) {
                (span::span(visit, &tree, span, id))
            }
        }
        @if failed { (anatomy::anatomy(visit, &tree)) }
    };
    Ok(PageContent { title, content })
}

fn head(visit: &Visit, tree: &SpanTree, id: u128, title: &str) -> Markup {
    html! {
        div.head { div {
            div.crumb {
                a href=(visit.link("/functions", &[])) { (visit.text(SERVERLESS_VIEW)) }
                " · " (visit.text(TRACE)) " " code { (format!("{id:032x}")) }
            }
            h1 { (title) }
            p.sub {
                (show::time(tree.from_ns.div_euclid(1_000_000))) " · " (show::nanos(tree.length_ns())) " · "
                (counted(ONE_SPAN, N_SPANS, visit.lang, tree.spans.len()))
            }
        } }
    }
}

fn not_found(visit: &Visit, text: Text, written: &str) -> PageError {
    PageError::NotFound {
        said: say(text, visit.lang, &[show::cut(written, 100)]),
        ways: [(SERVERLESS_VIEW, "/functions"), (LOG_EXPLORER, "/logs")]
            .map(|(name, path)| (visit.text(name).to_owned(), visit.link(path, &[])))
            .to_vec(),
    }
}

fn spans_of(state: &PagesState, id: u128) -> Result<Vec<Span>, PageError> {
    let stored = state.reader.trace(id as u64)?;
    Ok(stored
        .into_iter()
        .map(|stored| short(stored.value))
        .collect())
}

/// A span whose names have a bounded length: they stand on bars, in lists and in addresses.
fn short(mut span: Span) -> Span {
    for text in [&mut span.name, &mut span.service, &mut span.resource] {
        text.truncate(show::cut(text, LONGEST_TEXT).len());
    }
    span
}

/// The span whose details are shown: the requested one, else the first that failed in a function,
/// else the first function's.
fn selected(visit: &Visit, tree: &SpanTree) -> usize {
    let asked = visit
        .get("spanID")
        .and_then(|id| tree.place_of(id.parse().ok()?));
    let find = |wanted: fn(&Span) -> bool| tree.spans.iter().position(wanted);
    asked
        .or_else(|| find(|span| span.error && span.name == "aws.lambda"))
        .or_else(|| find(|span| span.error))
        .or_else(|| find(|span| span.name == "aws.lambda"))
        .unwrap_or(0)
}

/// The span that the trace begins with.
fn root(tree: &SpanTree) -> Option<&Span> {
    tree.spans
        .iter()
        .zip(&tree.parents)
        .find(|(span, parent)| parent.is_none() && !flame::is_init(span))
        .map(|(span, _)| span)
        .or(tree.spans.first())
}

/// First of all: did it fail, and was it cold?
fn verdict(visit: &Visit, tree: &SpanTree) -> Markup {
    let failed = tree
        .spans
        .iter()
        .find(|span| span.error && span.name == "aws.lambda");
    let failed = failed.or_else(|| tree.spans.iter().find(|span| span.error));
    let cold: Vec<&str> = tree
        .spans
        .iter()
        .filter(|span| span.name == "aws.lambda" && flame::is_cold(span))
        .map(|span| span.resource.as_str())
        .collect();
    html! {
        p.lead {
            @if tree.spans.len() >= MOST_SPANS { (visit.text(FIRST_SPANS)) " " }
            @match failed {
                Some(span) => {
                    (Shape::Error.beside(&span::error_type(span))) " "
                    (say(FAILED_IN, visit.lang, &[&flame::label(span)]))
                }
                None => (Shape::Met.beside(visit.text(NO_ERROR))),
            }
        }
        @if !cold.is_empty() {
            p { (Shape::Cold.beside(visit.text(COLD_START))) " " (cold.join(", ")) }
        }
    }
}

/// What names a payload.
#[derive(Debug, Deserialize)]
pub(super) struct PayloadParams {
    #[serde(rename = "spanID")]
    span_id: u64,
    part: String,
}

/// `/apm/trace/ID/payload?spanID=..&part=request|response|stack`: the complete payload as plain
/// text, however long.
pub(super) async fn whole(
    Extracted(state): Extracted<PagesState>,
    Path(id): Path<String>,
    part: Result<Query<PayloadParams>, QueryRejection>,
) -> Response {
    let found = tokio::task::spawn_blocking(move || {
        let Query(part) = part.ok()?;
        let spans = spans_of(&state, trace_id(&id)?).ok()?;
        let span = spans
            .into_iter()
            .find(|span| span.span_id == part.span_id)?;
        match part.part.as_str() {
            "request" => payload::payload(&span.meta, span::REQUEST),
            "response" => payload::payload(&span.meta, span::RESPONSE),
            "stack" => span.meta.get("error.stack").cloned(),
            _ => None,
        }
    });
    match found.await {
        Ok(Some(text)) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
        }
        _ => (StatusCode::NOT_FOUND, "There is no such payload.\n").into_response(),
    }
}
