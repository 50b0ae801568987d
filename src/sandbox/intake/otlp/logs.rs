//! Log records of OpenTelemetry as Datadog's agent makes logs of them.
//!
//! Source: DataDog/datadog-agent, `pkg/opentelemetry-mapping-go/otlp/logs`, read in November 2026.

use serde_json::{Map, Value, json};

use super::values::{attributes, each, integer, meaning, said, text, unified};
use crate::telemetry::store::LogEntry;

/// The log lines of a request. A record without a time has that of its arrival.
pub(super) fn entries(request: &Value, now_ms: i64) -> Vec<LogEntry> {
    each(request, ["resourceLogs", "scopeLogs", "logRecords"])
        .map(|(resource, record)| entry_of(&attributes(resource), record, now_ms))
        .collect()
}

fn entry_of(resource: &Map<String, Value>, record: &Value, now_ms: i64) -> LogEntry {
    let at_ns = |name: &str| integer(&record[name]).filter(|ns| *ns > 0);
    let at_ns = at_ns("timeUnixNano").or_else(|| at_ns("observedTimeUnixNano"));
    let mut own = attributes(record);
    for (name, written) in [("trace_id", "traceId"), ("span_id", "spanId")] {
        let id = text(record, written);
        let low = id.get(id.len().saturating_sub(16)..).unwrap_or_default();
        if let Ok(low) = u64::from_str_radix(low, 16) {
            put(&mut own, "otel", name, json!(id));
            put(&mut own, "dd", name, json!(low.to_string()));
        }
    }
    let mut made = LogEntry {
        at_ms: at_ns.map_or(now_ms, |ns| ns / 1_000_000),
        status: status(record).to_owned(),
        service: String::new(),
        host: String::new(),
        source: "otlp_log_ingestion".to_owned(),
        message: said(&meaning(&record["body"])),
        tags: vec!["otel_source:otlp_log_ingestion".to_owned()],
        attributes: Value::Object(own),
    };
    for (tag, value) in unified(resource) {
        match tag {
            "service" => made.service = value,
            "host" => made.host = value,
            tag => made.tags.push(format!("{tag}:{value}")),
        }
    }
    made
}

/// Puts a value into an object among the attributes, in place of what was none.
fn put(attributes: &mut Map<String, Value>, object: &str, name: &str, value: Value) {
    let object = attributes.entry(object).or_insert_with(|| json!({}));
    if !object.is_object() {
        *object = json!({});
    }
    object[name] = value;
}

/// The status by the severity's number, or its text.
fn status(record: &Value) -> &'static str {
    let severity = integer(&record["severityNumber"]).unwrap_or_default();
    match (
        severity,
        text(record, "severityText").to_lowercase().as_str(),
    ) {
        (1..=4, _) | (0, "trace") => "trace",
        (5..=8, _) | (0, "debug") => "debug",
        (13..=16, _) | (0, "warn" | "warning") => "warn",
        (17..=20, _) | (0, "error") => "error",
        (21..=24, _) | (0, "fatal" | "critical") => "critical",
        _ => "info",
    }
}
