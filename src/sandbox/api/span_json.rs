//! A span as the API shows it.

use serde_json::{Map, Value, json};

use crate::telemetry::{
    query::time,
    store::{Span, Stored, fnv},
};

/// How many dots of a tag's name become nesting; the rest stays a name with dots.
const DEEPEST: usize = 16;

/// An event of `data`.
pub(super) fn event(stored: &Stored<Span>) -> Value {
    let span = &stored.value;
    let tag = |key: &str| span.meta.get(key).map(String::as_str);
    let end_ns = span.start_ns.saturating_add(span.duration_ns);
    json!({
        "id": event_id(stored.id),
        "type": "spans",
        "attributes": {
            "service": span.service,
            "resource_name": span.resource,
            "operation_name": span.name,
            "env": tag("env").unwrap_or("none"),
            "type": span.kind,
            "trace_id": trace_id(span.trace_id),
            "span_id": span.span_id.to_string(),
            "parent_id": span.parent_id.to_string(),
            "start_timestamp": time::shown(span.start_ns.div_euclid(1_000_000)),
            "end_timestamp": time::shown(end_ns.div_euclid(1_000_000)),
            "host": tag("_dd.hostname").unwrap_or_default(),
            "tags": tags(span),
            "custom": custom(span),
            "ingestion_reason": "auto",
            "retained_by": "retention_filter",
            "resource_hash": format!("{:016x}", fnv(span.resource.bytes())),
            "single_span": false,
        },
    })
}

/// The id of an event: the same for the same event, and of no meaning.
pub(super) fn event_id(id: i64) -> String {
    format!("AwAAA{:016X}", fnv(id.to_le_bytes().into_iter()))
}

/// 32 hexadecimal digits; of a trace with 64 bits only, their decimal number.
fn trace_id(id: u128) -> String {
    match id >> 64 {
        0 => id.to_string(),
        _ => format!("{id:032x}"),
    }
}

fn tags(span: &Span) -> Vec<String> {
    ["env", "functionname", "region", "version"]
        .iter()
        .filter_map(|key| Some(format!("{key}:{}", span.meta.get(*key)?)))
        .chain([format!("service:{}", span.service)])
        .collect()
}

/// All tags, nested by the dots of their names.
fn custom(span: &Span) -> Value {
    let mut custom = Map::new();
    custom.insert("duration".to_owned(), json!(span.duration_ns));
    for (key, value) in &span.meta {
        nest(&mut custom, key, json!(value), 0);
    }
    for (key, value) in &span.metrics {
        nest(&mut custom, key, json!(value), 0);
    }
    Value::Object(custom)
}

/// Where a name is a value and a prefix at once (`function.response` and
/// `function.response.body`), the longer one keeps its dots.
fn nest(level: &mut Map<String, Value>, key: &str, value: Value, depth: usize) {
    if depth < DEEPEST
        && let Some((first, rest)) = key.split_once('.')
        && !first.is_empty()
        && !rest.is_empty()
    {
        let inner = level.entry(first).or_insert_with(|| json!({}));
        if let Value::Object(inner) = inner {
            return nest(inner, rest, value, depth + 1);
        }
    }
    match level.get(key) {
        Some(Value::Object(_)) => {}
        _ => {
            level.insert(key.to_owned(), value);
        }
    }
}
