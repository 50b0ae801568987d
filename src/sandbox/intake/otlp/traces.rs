//! Spans of OpenTelemetry as Datadog's agent makes spans of them.
//!
//! Source: DataDog/datadog-agent, `pkg/trace/transform` and `pkg/trace/traceutil/otel_util.go`
//! (operation and resource names, version 2), read in November 2026.

use serde_json::{Map, Value};

use super::values::{attributes, each, integer, list, said, text, unified};
use crate::telemetry::store::Span;

/// The spans of a request, by trace in the order that they came.
pub(super) fn spans(request: &Value) -> Result<Vec<Span>, &'static str> {
    each(request, ["resourceSpans", "scopeSpans", "spans"])
        .map(|(resource, span)| span_of(&attributes(resource), span))
        .collect()
}

fn span_of(resource: &Map<String, Value>, span: &Value) -> Result<Span, &'static str> {
    let id = |name| u64::from_str_radix(text(span, name), 16);
    let own = attributes(span);
    let kind = integer(&span["kind"]).unwrap_or_default();
    let start_ns = integer(&span["startTimeUnixNano"]).unwrap_or_default();
    let end_ns = integer(&span["endTimeUnixNano"]).unwrap_or_default();
    let trace_id = u128::from_str_radix(text(span, "traceId"), 16);
    let mut made = Span {
        trace_id: trace_id.map_err(|_| "a span has no trace id of 16 bytes")?,
        span_id: id("spanId").map_err(|_| "a span has no id of 8 bytes")?,
        parent_id: id("parentSpanId").unwrap_or_default(),
        name: operation(&own, kind),
        service: "otlpresourcenoservicename".to_owned(),
        resource: resource_name(&own, text(span, "name")),
        kind: span_type(&own, kind).to_owned(),
        start_ns,
        duration_ns: end_ns.saturating_sub(start_ns).max(0),
        error: integer(&span["status"]["code"]) == Some(2),
        ..Span::default()
    };
    for (tag, value) in unified(resource) {
        match tag {
            "service" => made.service = value,
            tag => drop(made.meta.insert(tag.to_owned(), value)),
        }
    }
    for (key, value) in resource.iter().chain(&own) {
        match value.as_f64() {
            Some(number) => drop(made.metrics.insert(key.clone(), number)),
            None => drop(made.meta.insert(key.clone(), said(value))),
        }
    }
    made.meta
        .insert("span.kind".to_owned(), kind_word(kind).to_owned());
    made.meta.insert(
        "_dd.p.tid".to_owned(),
        format!("{:016x}", made.trace_id >> 64),
    );
    if made.error {
        add_error(&mut made, span);
    }
    Ok(made)
}

/// What went wrong: the status, and the last exception that is among the events.
fn add_error(made: &mut Span, span: &Value) {
    let message = text(&span["status"], "message");
    if !message.is_empty() {
        made.meta.insert("error.msg".to_owned(), message.to_owned());
    }
    let events = list(span, "events").iter();
    for event in events.filter(|event| text(event, "name") == "exception") {
        let said_there = attributes(event);
        for (from, to) in [
            ("exception.type", "error.type"),
            ("exception.message", "error.msg"),
            ("exception.stacktrace", "error.stack"),
        ] {
            if let Some(value) = said_there.get(from) {
                made.meta.insert(to.to_owned(), said(value));
            }
        }
    }
}

fn kind_word(kind: i64) -> &'static str {
    match kind {
        1 => "internal",
        2 => "server",
        3 => "client",
        4 => "producer",
        5 => "consumer",
        _ => "unspecified",
    }
}

fn operation(own: &Map<String, Value>, kind: i64) -> String {
    let of = |key: &str| own.get(key).map(said);
    let http = of("http.request.method").or_else(|| of("http.method"));
    if let Some(name) = of("operation.name") {
        return name;
    }
    match (kind, http, of("db.system"), of("faas.trigger")) {
        (2, Some(_), ..) => "http.server.request".to_owned(),
        (3, Some(_), ..) => "http.client.request".to_owned(),
        (3, _, Some(system), _) => format!("{system}.query"),
        (2, _, _, Some(trigger)) => format!("{trigger}.invoke"),
        (2 | 3, ..) => format!("{}.request", kind_word(kind)),
        _ => kind_word(kind).to_owned(),
    }
}

fn resource_name(own: &Map<String, Value>, name: &str) -> String {
    let of = |key: &str| own.get(key).map(said);
    if let Some(resource) = of("resource.name") {
        return resource;
    }
    let http = of("http.request.method").or_else(|| of("http.method"));
    match (http, of("http.route")) {
        (Some(method), Some(route)) => format!("{method} {route}"),
        (Some(method), None) => method,
        _ => name.to_owned(),
    }
}

fn span_type(own: &Map<String, Value>, kind: i64) -> &'static str {
    match kind {
        2 => "web",
        3 if own.contains_key("db.system") => "db",
        3 => "http",
        _ => "custom",
    }
}
