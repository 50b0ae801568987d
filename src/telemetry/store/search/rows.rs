//! A row of a search: what a query asks about, without building the record.

use std::{cell::OnceCell, collections::BTreeMap};

use rusqlite::Row;
use serde_json::Value;

use super::request::{Cursor, NS_PER_MS};
use crate::telemetry::{
    search::{Field, Searchable},
    store::{
        LogEntry, Span, StoreError,
        attribute::at_path,
        words::{Dictionary, Pairs},
    },
};

pub(super) const SELECT_SPAN: &str = "SELECT id, start_ns, trace_low, trace_high, span_id, \
    parent_id, duration_ns, error, name, service, resource, kind, tags";
pub(super) const SELECT_LOG: &str =
    "SELECT id, at_ms, status, service, host, source, message, tags, attributes";

/// Reserved attributes of spans with the columns that hold them.
pub(super) const SPAN_COLUMNS: [(&str, &str); 4] = [
    ("operation_name", "name"),
    ("service", "service"),
    ("resource_name", "resource"),
    ("type", "kind"),
];
/// Reserved attributes of logs with the columns that hold them.
pub(super) const LOG_COLUMNS: [(&str, &str); 4] = [
    ("status", "status"),
    ("service", "service"),
    ("host", "host"),
    ("source", "source"),
];

/// A span as it lies in the file.
pub struct SpanRow<'a> {
    /// Its number.
    pub id: i64,
    /// Nanoseconds since 1970.
    pub start_ns: i64,
    /// 128 bits; the high half is 0 where it is not known.
    pub trace_id: u128,
    /// The span's own id.
    pub span_id: u64,
    /// 0: no parent.
    pub parent_id: u64,
    /// In nanoseconds.
    pub duration_ns: i64,
    /// Whether it failed.
    pub error: bool,
    /// The operation.
    pub name: &'a str,
    /// The service.
    pub service: &'a str,
    /// The resource.
    pub resource: &'a str,
    /// The span type.
    pub kind: &'a str,
    /// Decoded only where something asks for them: most of the time that a search takes.
    tags: OnceCell<(Pairs<'a>, Pairs<'a>)>,
    encoded: &'a [u8],
    words: &'a Dictionary,
}

impl<'a> SpanRow<'a> {
    pub(super) fn of(row: &'a Row<'_>, words: &'a Dictionary) -> Result<SpanRow<'a>, StoreError> {
        let text = |column| words.text(row.get_ref(column)?);
        let bits = |column| row.get(column).map(|number: i64| number as u64);
        Ok(SpanRow {
            id: row.get(0)?,
            start_ns: row.get(1)?,
            trace_id: u128::from(bits(3)?) << 64 | u128::from(bits(2)?),
            span_id: bits(4)?,
            parent_id: bits(5)?,
            duration_ns: row.get(6)?,
            error: row.get(7)?,
            name: text(8)?,
            service: text(9)?,
            resource: text(10)?,
            kind: text(11)?,
            tags: OnceCell::new(),
            encoded: row.get_ref(12)?.as_blob().unwrap_or_default(),
            words,
        })
    }

    fn decoded(&self) -> Result<(Pairs<'a>, Pairs<'a>), StoreError> {
        let (meta, rest) = self.words.decode(self.encoded)?;
        let (metrics, _) = self.words.decode(rest)?;
        Ok((meta, metrics))
    }

    /// Tags with text values, and with numbers. A damaged row has none to be searched by;
    /// [`SpanRow::span`] tells.
    fn tags(&self) -> &(Pairs<'a>, Pairs<'a>) {
        self.tags.get_or_init(|| self.decoded().unwrap_or_default())
    }

    pub(super) fn place(&self) -> Cursor {
        Cursor {
            at_ns: self.start_ns,
            id: self.id,
        }
    }

    pub(super) fn span(&self) -> Result<Span, StoreError> {
        let (meta, metrics) = self.decoded()?;
        let metrics: Option<BTreeMap<String, f64>> = metrics
            .iter()
            .map(|(key, number)| Some(((*key).to_owned(), number.parse().ok()?)))
            .collect();
        Ok(Span {
            trace_id: self.trace_id,
            span_id: self.span_id,
            parent_id: self.parent_id,
            name: self.name.to_owned(),
            service: self.service.to_owned(),
            resource: self.resource.to_owned(),
            kind: self.kind.to_owned(),
            start_ns: self.start_ns,
            duration_ns: self.duration_ns,
            error: self.error,
            meta: meta
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            metrics: metrics.ok_or(StoreError::Damaged("a span's number does not read"))?,
        })
    }

    fn tagged(&self, key: &str, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let (meta, metrics) = self.tags();
        let mut both = meta.iter().chain(metrics);
        both.any(|(found, value)| *found == key && test(value))
    }
}

impl Searchable for SpanRow<'_> {
    fn any_value(&self, field: &Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::Named(name) => match name.as_str() {
                "service" => test(self.service),
                "operation_name" => test(self.name),
                "resource_name" => test(self.resource),
                "type" => test(self.kind),
                "status" => test(if self.error { "error" } else { "ok" }),
                "trace_id" => test(&format!("{:032x}", self.trace_id)),
                "span_id" => test(&self.span_id.to_string()),
                "parent_id" => test(&self.parent_id.to_string()),
                key => self.tagged(key, test),
            },
            Field::Attribute(path) if path == "duration" => test(&self.duration_ns.to_string()),
            Field::Attribute(path) => self.tagged(path, test),
        }
    }

    fn any_text(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        [self.name, self.service, self.resource]
            .into_iter()
            .any(&mut *test)
            || self.tags().0.iter().any(|(_, value)| test(value))
    }
}

/// A log line as it lies in the file.
pub struct LogRow<'a> {
    /// Its number.
    pub id: i64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// `info`, `error`, ...
    pub status: &'a str,
    /// The service.
    pub service: &'a str,
    /// The host.
    pub host: &'a str,
    /// The source.
    pub source: &'a str,
    /// The line itself.
    pub message: &'a str,
    tags: Pairs<'a>,
    attributes: &'a str,
    parsed: OnceCell<Value>,
}

impl<'a> LogRow<'a> {
    pub(super) fn of(row: &'a Row<'_>, words: &'a Dictionary) -> Result<LogRow<'a>, StoreError> {
        let text = |column| words.text(row.get_ref(column)?);
        let (tags, _) = words.decode(row.get_ref(7)?.as_blob().unwrap_or_default())?;
        Ok(LogRow {
            id: row.get(0)?,
            at_ms: row.get(1)?,
            status: text(2)?,
            service: text(3)?,
            host: text(4)?,
            source: text(5)?,
            message: text(6)?,
            tags,
            attributes: text(8)?,
            parsed: OnceCell::new(),
        })
    }

    pub(super) fn place(&self) -> Cursor {
        Cursor {
            at_ns: self.at_ms.saturating_mul(NS_PER_MS),
            id: self.id,
        }
    }

    fn attributes(&self) -> &Value {
        self.parsed
            .get_or_init(|| serde_json::from_str(self.attributes).unwrap_or(Value::Null))
    }

    pub(super) fn event(&self) -> Result<LogEntry, StoreError> {
        Ok(LogEntry {
            at_ms: self.at_ms,
            status: self.status.to_owned(),
            service: self.service.to_owned(),
            host: self.host.to_owned(),
            source: self.source.to_owned(),
            message: self.message.to_owned(),
            tags: self
                .tags
                .iter()
                .map(|(key, value)| match *key {
                    "" => (*value).to_owned(),
                    key => format!("{key}:{value}"),
                })
                .collect(),
            attributes: self.attributes().clone(),
        })
    }

    fn tagged(&self, key: &str, test: &mut dyn FnMut(&str) -> bool) -> bool {
        self.tags
            .iter()
            .any(|(found, value)| *found == key && test(value))
    }
}

impl Searchable for LogRow<'_> {
    fn any_value(&self, field: &Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::Named(name) => match name.as_str() {
                "status" => test(self.status),
                "service" => test(self.service),
                "host" => test(self.host),
                "source" => test(self.source),
                "message" | "content" => test(self.message),
                "trace_id" => ["dd.trace_id", "trace_id"]
                    .iter()
                    .any(|path| at_path(self.attributes(), path, test)),
                key => self.tagged(key, test),
            },
            Field::Attribute(path) => at_path(self.attributes(), path, test),
        }
    }

    fn any_text(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        test(self.message)
    }
}
