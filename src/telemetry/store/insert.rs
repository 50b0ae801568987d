//! A batch of records into their tables.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use super::{
    DeploymentEvent, LogEntry, MetricKind, Span, StoreError, TelemetryRecord, points::PointBlock,
    words::Interner,
};

/// A series and the minute that a block of its points lies in.
type BlockKey<'a> = (&'a str, MetricKind, Vec<&'a str>, i64);

pub(super) fn insert(
    db: &Connection,
    words: &mut Interner,
    records: &[TelemetryRecord],
) -> Result<(), StoreError> {
    let mut blocks: HashMap<BlockKey<'_>, PointBlock> = HashMap::new();
    for record in records {
        match record {
            // Neither a sum nor a maximum could be taken of it.
            TelemetryRecord::Metric(point) if !point.value.is_finite() => {}
            TelemetryRecord::Metric(point) => blocks
                .entry(block_key(&point.name, point.kind, &point.tags, point.at_ms))
                .or_default()
                .push(point.at_ms, point.value, 1),
            TelemetryRecord::Sketch(sketch) => {
                let kind = MetricKind::Distribution;
                let key = block_key(&sketch.name, kind, &sketch.tags, sketch.at_ms);
                let block = blocks.entry(key).or_default();
                for (value, n) in &sketch.bins {
                    block.push(sketch.at_ms, *value, *n);
                }
            }
            TelemetryRecord::Span(one) => span(db, words, one)?,
            TelemetryRecord::Log(entry) => log(db, words, entry)?,
            TelemetryRecord::Deployment(change) => deployment(db, change)?,
        }
    }
    blocks
        .iter()
        .try_for_each(|((name, kind, tags, _), block)| {
            block.insert(db, series(db, name, *kind, tags)?)
        })
}

fn block_key<'a>(name: &'a str, kind: MetricKind, tags: &'a [String], at_ms: i64) -> BlockKey<'a> {
    let mut tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    tags.sort_unstable();
    tags.dedup();
    (name, kind, tags, at_ms.div_euclid(60_000))
}

/// The number of a series, which it gets where it has none yet.
fn series(db: &Connection, name: &str, kind: MetricKind, tags: &[&str]) -> Result<i64, StoreError> {
    let (kind, tags) = (kind.number(), json!(tags).to_string());
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
