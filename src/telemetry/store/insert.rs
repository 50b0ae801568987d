//! One record into its table.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    DeploymentEvent, LogEntry, MetricKind, MetricPoint, Span, StoreError, TelemetryRecord,
    words::Interner,
};

/// How many series are remembered; beyond, they are looked up again.
const SERIES_REMEMBERED: usize = 65_536;

/// Numbers that the writer has learnt from the file.
#[derive(Default)]
pub(super) struct Caches {
    words: Interner,
    series: HashMap<(String, MetricKind, String), i64>,
}

impl Caches {
    pub(super) fn forget(&mut self) {
        self.words.forget();
        self.series.clear();
    }
}

pub(super) fn insert(
    db: &Connection,
    caches: &mut Caches,
    record: &TelemetryRecord,
) -> Result<(), StoreError> {
    match record {
        TelemetryRecord::Metric(point) => metric(db, caches, point),
        TelemetryRecord::Span(one) => span(db, &mut caches.words, one),
        TelemetryRecord::Log(event) => log(db, &mut caches.words, event),
        TelemetryRecord::Deployment(change) => deployment(db, change),
    }
}

fn metric(db: &Connection, caches: &mut Caches, point: &MetricPoint) -> Result<(), StoreError> {
    if !point.value.is_finite() {
        return Ok(()); // neither a sum nor a maximum could be taken of it
    }
    let mut tags: Vec<&str> = point.tags.iter().map(String::as_str).collect();
    tags.sort_unstable();
    tags.dedup();
    let tags = serde_json::Value::from(tags).to_string();
    let key = (point.name.clone(), point.kind, tags);
    let series = match caches.series.get(&key) {
        Some(series) => *series,
        None => {
            let series = series_number(db, &key.0, key.1, &key.2)?;
            if caches.series.len() >= SERIES_REMEMBERED {
                caches.series.clear();
            }
            caches.series.insert(key, series);
            series
        }
    };
    db.prepare_cached(
        "INSERT INTO point (series, at_ms, value, n) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT DO UPDATE SET n = n + 1",
    )?
    .execute(params![series, point.at_ms, point.value])?;
    Ok(())
}

fn series_number(
    db: &Connection,
    name: &str,
    kind: MetricKind,
    tags: &str,
) -> Result<i64, StoreError> {
    let kind = kind.number();
    let known = db
        .prepare_cached("SELECT id FROM series WHERE name = ?1 AND kind = ?2 AND tags = ?3")?
        .query_row(params![name, kind, tags], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    db.prepare_cached("INSERT INTO series (name, kind, tags) VALUES (?1, ?2, ?3)")?
        .execute(params![name, kind, tags])?;
    Ok(db.last_insert_rowid())
}

fn span(db: &Connection, words: &mut Interner, span: &Span) -> Result<(), StoreError> {
    let mut tags = Vec::with_capacity(512);
    let meta = span.meta.iter();
    words.encode(db, meta.map(|(k, v)| (k.as_str(), v.as_str())), &mut tags)?;
    let numbers: Vec<(&str, String)> = span
        .metrics
        .iter()
        .map(|(key, number)| (key.as_str(), number.to_string()))
        .collect();
    words.encode(db, numbers.iter().map(|(k, v)| (*k, v.as_str())), &mut tags)?;
    let name = words.cell(db, "span.name", &span.name)?;
    let service = words.cell(db, "span.service", &span.service)?;
    let resource = words.cell(db, "span.resource", &span.resource)?;
    let kind = words.cell(db, "span.kind", &span.kind)?;
    db.prepare_cached(
        "INSERT INTO span (start_ns, trace_low, trace_high, span_id, parent_id, duration_ns,
             error, name, service, resource, kind, tags)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        span.start_ns,
        // SQLite's integers are signed: the same 64 bits.
        span.trace_id as u64 as i64,
        (span.trace_id >> 64) as u64 as i64,
        span.span_id as i64,
        span.parent_id as i64,
        span.duration_ns,
        span.error,
        name,
        service,
        resource,
        kind,
        tags,
    ])?;
    Ok(())
}

fn log(db: &Connection, words: &mut Interner, event: &LogEntry) -> Result<(), StoreError> {
    let mut tags = Vec::with_capacity(64);
    let pairs = event.tags.iter().map(|tag| tag_pair(tag));
    words.encode(db, pairs, &mut tags)?;
    let status = words.cell(db, "log.status", &event.status)?;
    let service = words.cell(db, "log.service", &event.service)?;
    let host = words.cell(db, "log.host", &event.host)?;
    let source = words.cell(db, "log.source", &event.source)?;
    db.prepare_cached(
        "INSERT INTO log (at_ms, status, service, host, source, message, tags, attributes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        event.at_ms,
        status,
        service,
        host,
        source,
        event.message,
        tags,
        event.attributes.to_string(),
    ])?;
    Ok(())
}

/// `key:value` as a pair; a tag without a colon has an empty key.
fn tag_pair(tag: &str) -> (&str, &str) {
    tag.split_once(':').unwrap_or(("", tag))
}

fn deployment(db: &Connection, change: &DeploymentEvent) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO deployment (at_ms, function, event, detail) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        change.at_ms,
        change.function,
        change.event,
        change.detail
    ])?;
    Ok(())
}
