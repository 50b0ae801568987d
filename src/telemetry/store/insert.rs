//! A batch of records into their tables.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::{
    DeploymentEvent, MetricKind, StoreError,
    packed::{PackedLog, PackedRecord, PackedRecords, PackedSpan},
    points::PointBlock,
    rolled::{self, CountKey},
    tens::down,
    words::Interner,
};

/// A series (its name, kind and tags) and when the ten seconds begin that a block of its points lies in.
type BlockKey<'a> = (&'a str, i64, &'a str, i64);

const SPAN: &str = "INSERT INTO span (start_ns, trace_low, trace_high, span_id, parent_id, \
    duration_ns, error, name, service, resource, kind, tags, function, cold, request) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, nullif(?15, 0))";
const LOG: &str = "INSERT INTO log (at_ms, status, service, host, source, message, tags, \
    attributes, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, nullif(?9, 0))";

/// The statements and the memory that all rows of a batch share.
struct RowInsertion<'a> {
    db: &'a Connection,
    words: &'a mut Interner,
    span: CachedStatement<'a>,
    log: CachedStatement<'a>,
    tags: Vec<u8>,
    counts: HashMap<CountKey<'a>, i64, RandomState>,
}

pub(super) fn insert(
    db: &Connection,
    words: &mut Interner,
    batch: &[PackedRecords],
) -> Result<(), StoreError> {
    let mut blocks: HashMap<BlockKey<'_>, PointBlock, RandomState> = HashMap::default();
    let mut rows = RowInsertion {
        db,
        words,
        span: db.prepare_cached(SPAN)?,
        log: db.prepare_cached(LOG)?,
        tags: Vec::with_capacity(1024),
        counts: HashMap::default(),
    };
    for record in batch.iter().flat_map(PackedRecords::each) {
        match record {
            PackedRecord::Points(points) => {
                let from_ms = down(points.at_ms);
                let key = (points.name, points.kind, points.tags, from_ms);
                let block = blocks.entry(key).or_default();
                for (value, n) in points.bins {
                    block.push(points.at_ms, value, n);
                }
            }
            PackedRecord::Span(one) => rows.span(one)?,
            PackedRecord::Log(entry) => rows.log(entry)?,
            PackedRecord::Deployment(change) => deployment(db, &change)?,
        }
    }
    let mut counts = rows.counts.into_iter();
    counts.try_for_each(|(key, n)| rolled::count(db, rows.words, key, n))?;
    let mut blocks = blocks.iter();
    blocks.try_for_each(|((name, kind, tags, from_ms), block)| {
        let series = series(db, name, *kind, tags)?;
        block.insert(db, series)?;
        match *kind == MetricKind::Distribution.number() {
            true => rolled::add(db, series, *from_ms, block),
            false => Ok(()),
        }
    })
}

/// The number of a series, which it gets where it has none yet.
fn series(db: &Connection, name: &str, kind: i64, tags: &str) -> Result<i64, StoreError> {
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

/// The operation of the span that is a function's invocation.
pub(super) const INVOCATION: &str = "aws.lambda";

/// Whose invocation a span is, and whether it was a cold start.
fn invocation<'a>(span: &PackedSpan<'a>) -> Option<(&'a str, bool)> {
    let [name, ..] = span.columns;
    let (mut function, mut cold) = (None, false);
    for (key, value) in span.meta.clone().filter(|_| name == INVOCATION) {
        match key {
            "functionname" => function = Some(value),
            "cold_start" => cold = value == "true",
            _ => {}
        }
    }
    Some((function?, cold))
}

impl<'a> RowInsertion<'a> {
    fn span(&mut self, span: PackedSpan<'a>) -> Result<(), StoreError> {
        let (db, words) = (self.db, &mut *self.words);
        let (function, cold) = invocation(&span).unzip();
        let [name, service, resource, kind] = span.columns;
        self.tags.clear();
        words.encode(db, name, span.meta, &mut self.tags)?;
        words.encode(db, "span.metrics", span.metrics, &mut self.tags)?;
        let [start, low, high, id, parent, duration, error, request] = span.numbers;
        let from_ms = down(start.div_euclid(1_000_000));
        let key = ("span", from_ms, span.columns, error);
        *self.counts.entry(key).or_default() += 1;
        self.span.execute(params![
            start,
            low,
            high,
            id,
            parent,
            duration,
            error,
            words.cell(db, "span.name", name)?,
            words.cell(db, "span.service", service)?,
            words.cell(db, "span.resource", resource)?,
            words.cell(db, "span.kind", kind)?,
            &*self.tags,
            function
                .map(|name| words.cell(db, "functionname", name))
                .transpose()?,
            cold,
            request,
        ])?;
        Ok(())
    }

    fn log(&mut self, entry: PackedLog<'a>) -> Result<(), StoreError> {
        let (db, words) = (self.db, &mut *self.words);
        let [status, service, host, source] = entry.columns;
        let key = ("log", down(entry.at_ms), entry.columns, 0);
        *self.counts.entry(key).or_default() += 1;
        self.tags.clear();
        words.encode(db, "log.tags", entry.tags, &mut self.tags)?;
        self.log.execute(params![
            entry.at_ms,
            words.cell(db, "log.status", status)?,
            words.cell(db, "log.service", service)?,
            words.cell(db, "log.host", host)?,
            words.cell(db, "log.source", source)?,
            entry.message,
            &*self.tags,
            entry.attributes,
            entry.request,
        ])?;
        Ok(())
    }
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
