//! One span: what it was, how it failed, and what went in and out.

use maud::{Markup, html};

use super::{
    flame, payload,
    stack::StackTrace,
    tree::{SpanTree, end_ns},
};
use crate::{
    look::Shape,
    pages::{
        log_lines, show,
        visit::{Visit, segment},
        words::*,
    },
    telemetry::store::Span,
};

/// The tags that hold payloads.
pub(super) const REQUEST: &str = "function.request";
pub(super) const RESPONSE: &str = "function.response";

/// How many characters of a payload or stack are shown at once.
const MOST_TEXT: usize = 12_000;
/// How many tags are listed, and how long their values may be.
const MOST_TAGS: usize = 100;
const LONGEST_VALUE: usize = 400;

/// What a failed span says it failed with.
pub(super) fn error_type(span: &Span) -> String {
    let kind = span.meta.get("error.type").map_or("error", String::as_str);
    show::cut(kind, 120).to_owned()
}

/// Draws the span.
pub(super) fn span(visit: &Visit, tree: &SpanTree, span: &Span, trace: u128) -> Markup {
    let id = span.span_id.to_string();
    let share = span.duration_ns.max(0) as f64 / tree.length_ns() as f64;
    let request = payload::payload(&span.meta, REQUEST);
    let response = payload::payload(&span.meta, RESPONSE);
    html! {
        section.span.stack id="span" aria-label=(visit.text(SELECTED_SPAN)) {
            div.row.row-apart {
                h2 { (flame::label(span)) }
                (pivots(visit, span, trace, &id))
            }
            p.row.quiet {
                code { (span.name) }
                span { (span.service) }
                span { (show::nanos(span.duration_ns)) " (" (show::percent(share)) ")" }
                span { (visit.text(BEGINS_AT)) " " (show::nanos(span.start_ns.saturating_sub(tree.from_ns))) }
                @if flame::is_cold(span) { (Shape::Cold.beside(visit.text(COLD_START))) }
            }
            @if span.error { (error(visit, span, trace, &id)) }
            @if request.is_some() || response.is_some() {
                div.payloads {
                    (listing(visit, PAYLOAD_REQUEST, request, trace, &id, "request"))
                    (listing(visit, PAYLOAD_RESPONSE, response, trace, &id, "response"))
                }
            } @else if span.name == "aws.lambda" {
                p.quiet { (visit.text(NO_PAYLOAD)) }
            }
            (tags(visit, span))
        }
    }
}

fn pivots(visit: &Visit, span: &Span, trace: u128, id: &str) -> Markup {
    let query = match span.meta.get("request_id") {
        Some(request) => log_lines::term("@lambda.request_id", request),
        None => format!("trace_id:{trace:032x}"),
    };
    // Wide enough for lines that extensions hold back.
    let from = (span.start_ns / 1_000_000)
        .saturating_sub(60_000)
        .to_string();
    let to = (end_ns(span) / 1_000_000)
        .saturating_add(600_000)
        .to_string();
    let mut logs = vec![
        ("query", query.as_str()),
        ("from_ts", &from),
        ("to_ts", &to),
    ];
    if let Some(lang) = visit.get("lang") {
        logs.push(("lang", lang));
    }
    html! {
        div.row {
            a.button href=(format!("{}#trace", visit.with(&[("zoom", Some(id)), ("window", None), ("graphType", None)]))) data-fold { (visit.text(ZOOM)) }
            a.button href=(visit.bare("/logs", &logs)) { (visit.text(LOGS)) }
            @if span.name == "aws.lambda" {
                a.button href=(visit.link(&format!("/functions/{}", segment(&span.resource)), &[("tab", "metrics")])) {
                    (visit.text(METRICS))
                }
            }
        }
    }
}

fn error(visit: &Visit, span: &Span, trace: u128, id: &str) -> Markup {
    let tag = |key: &str| span.meta.get(key).map(String::as_str);
    let message = tag("error.message")
        .or_else(|| tag("error.msg"))
        .unwrap_or_default();
    let text = tag("error.stack").unwrap_or_default();
    let stack = StackTrace::read(cut(text));
    html! {
        div.stack {
            h3.raised { (Shape::Error.drawn()) " " (error_type(span)) }
            @if !message.is_empty() { p { (cut(message)) } }
            @if let Some(frame) = stack.frame() {
                p.quiet { (visit.text(RAISED_AT)) " " code { (show::cut(frame, 300)) } }
            }
            @if !text.is_empty() {
                h3.visually-hidden { (visit.text(STACK_TRACE)) }
                pre.listing tabindex="0" aria-label=(visit.text(STACK_TRACE)) {
                    @let [before, marked, after] = stack.parts();
                    (before) @if !marked.is_empty() { mark { (marked) } } (after)
                }
                @if cut(text).len() < text.len() { (whole(visit, trace, id, "stack", text.len())) }
            }
        }
    }
}

fn listing(
    visit: &Visit,
    name: crate::lang::Text,
    text: Option<String>,
    trace: u128,
    id: &str,
    part: &str,
) -> Markup {
    html! {
        div {
            h3 { (visit.text(name)) }
            @match &text {
                Some(text) => {
                    pre.listing.listing-wrap tabindex="0" aria-label=(visit.text(name)) { (cut(text)) }
                    @if cut(text).len() < text.len() { (whole(visit, trace, id, part, text.len())) }
                }
                None => p.quiet { (visit.text(NO_PART)) },
            }
        }
    }
}

fn whole(visit: &Visit, trace: u128, id: &str, part: &str, length: usize) -> Markup {
    let path = format!("/apm/trace/{trace:032x}/payload");
    html! {
        p { a href=(visit.bare(&path, &[("spanID", id), ("part", part)])) {
            (say(OPEN_WHOLE, visit.lang, &[&show::bytes(length)]))
        } }
    }
}

/// As much as is shown at once.
fn cut(text: &str) -> &str {
    show::cut(text, MOST_TEXT)
}

fn tags(visit: &Visit, span: &Span) -> Markup {
    let numbers = span
        .metrics
        .iter()
        .map(|(key, value)| (key, show::number(*value)));
    let texts = span.meta.iter().map(|(key, value)| {
        let cut = show::cut(value, LONGEST_VALUE);
        let more = if cut.len() < value.len() { " …" } else { "" };
        (key, format!("{cut}{more}"))
    });
    let n = span.meta.len() + span.metrics.len();
    html! {
        details.unfold {
            summary { (say(ALL_TAGS, visit.lang, &[&n.to_string()])) }
            dl.pairs {
                dt { "span_id" } dd { code { (span.span_id) } }
                dt { "parent_id" } dd { code { (span.parent_id) } }
                @for (key, value) in texts.chain(numbers).take(MOST_TAGS) {
                    dt { (show::cut(key, 120)) } dd { code { (value) } }
                }
            }
            @if n > MOST_TAGS { p.quiet { (say(TAGS_LEFT_OUT, visit.lang, &[&(n - MOST_TAGS).to_string()])) } }
        }
    }
}
