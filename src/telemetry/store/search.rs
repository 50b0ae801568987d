//! Searching spans and logs.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OptionalExtension, Row, params_from_iter, types::Value};

use super::{
    LogEntry, Span, StoreError, StoreReader,
    attribute::{REQUEST_ID, request_number},
    insert::INVOCATION,
    words,
    words::Dictionary,
};
use crate::telemetry::search::{Field, Predicate, Query};

mod request;
mod rows;

pub use request::{Cursor, EventSearch, SearchOrder, SearchPage, Stored};
pub use rows::{LogRow, SpanRow};

use request::NS_PER_MS;

impl StoreReader {
    /// At most `limit` spans.
    pub fn spans(
        &self,
        search: &EventSearch<'_>,
        limit: usize,
    ) -> Result<SearchPage<Span>, StoreError> {
        let mut page = PageCollector::new(limit);
        self.with(|db, words| {
            each_span(db, words, search, |row| match page.full() {
                true => Ok(ControlFlow::Break(())),
                false => {
                    page.take(row.place(), row.span())?;
                    Ok(ControlFlow::Continue(()))
                }
            })
        })?;
        Ok(page.page())
    }

    /// The first `limit` spans, without looking whether there are more.
    pub fn first_spans(
        &self,
        search: &EventSearch<'_>,
        limit: usize,
    ) -> Result<SearchPage<Span>, StoreError> {
        let mut page = PageCollector::new(limit);
        if limit == 0 {
            return Ok(page.page());
        }
        self.with(|db, words| {
            each_span(db, words, search, |row| {
                page.take(row.place(), row.span())?;
                match page.items.len() < limit {
                    true => Ok(ControlFlow::Continue(())),
                    false => Ok(ControlFlow::Break(())),
                }
            })
        })?;
        Ok(page.page())
    }

    /// At most `limit` log lines.
    pub fn logs(
        &self,
        search: &EventSearch<'_>,
        limit: usize,
    ) -> Result<SearchPage<LogEntry>, StoreError> {
        let mut page = PageCollector::new(limit);
        self.with(|db, words| {
            each_log(db, words, search, |row| match page.full() {
                true => Ok(ControlFlow::Break(())),
                false => {
                    page.take(row.place(), row.event())?;
                    Ok(ControlFlow::Continue(()))
                }
            })
        })?;
        Ok(page.page())
    }

    /// Looks at every span found, without building it.
    pub fn each_span(
        &self,
        search: &EventSearch<'_>,
        look: &mut dyn FnMut(&SpanRow<'_>),
    ) -> Result<(), StoreError> {
        self.with(|db, words| {
            each_span(db, words, search, |row| {
                look(row);
                Ok(ControlFlow::Continue(()))
            })
        })
    }

    /// Looks at every log line found, without building it, until `look` breaks off.
    pub fn each_log(
        &self,
        search: &EventSearch<'_>,
        look: &mut dyn FnMut(&LogRow<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.with(|db, words| each_log(db, words, search, |row| Ok(look(row))))
    }

    /// A complete trace by the low 64 bits of its id, sorted by start; at most 10,000 spans.
    pub fn trace(&self, trace_low: u64) -> Result<Vec<Stored<Span>>, StoreError> {
        let query = Query::Field(
            Field::Named("trace_id".to_owned()),
            Predicate::Trace(u128::from(trace_low)),
        );
        let search = EventSearch {
            query: &query,
            from_ms: i64::MIN,
            to_ms: i64::MAX,
            order: SearchOrder::OldestFirst,
            after: None,
        };
        Ok(self.spans(&search, 10_000)?.items)
    }
}

/// Collects a page, and whether there is more.
struct PageCollector<T> {
    limit: usize,
    items: Vec<Stored<T>>,
    last: Option<Cursor>,
    more: bool,
}

impl<T> PageCollector<T> {
    fn new(limit: usize) -> PageCollector<T> {
        PageCollector {
            limit,
            items: Vec::new(),
            last: None,
            more: false,
        }
    }

    fn take(&mut self, place: Cursor, record: Result<T, StoreError>) -> Result<(), StoreError> {
        self.items.push(Stored {
            id: place.id,
            value: record?,
        });
        self.last = Some(place);
        Ok(())
    }

    fn full(&mut self) -> bool {
        self.more = self.items.len() == self.limit;
        self.more
    }

    fn page(self) -> SearchPage<T> {
        SearchPage {
            items: self.items,
            next: self.last.filter(|_| self.more),
        }
    }
}

fn each_span(
    db: &Connection,
    words: &Dictionary,
    search: &EventSearch<'_>,
    mut found: impl FnMut(&SpanRow<'_>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let mut scan = Scan::new(search, "start_ns", 1);
    let trace = search.query.required_trace();
    if let Some(trace) = trace {
        scan.narrow("trace_low = ?", [Value::Integer(trace as u64 as i64)]);
    }
    for (reserved, column) in rows::SPAN_COLUMNS {
        scan.narrow_to_word(db, search.query.required(reserved), "span", column)?;
    }
    let attributes = search.query.required_attributes();
    let tag = |name| {
        let attribute = attributes.iter().find(|(path, _)| *path == name);
        let attribute = attribute.map(|(_, value)| *value);
        search.query.required(name).or(attribute)
    };
    let failed = search.query.required("status") == Some("error");
    if failed {
        scan.narrow("error = 1", []);
    }
    let invocations = search.query.required("operation_name") == Some(INVOCATION);
    let function = tag("functionname").filter(|_| invocations && trace.is_none());
    if let Some(name) = function {
        let name = word(db, "functionname", name)?;
        scan.narrow("function = ? AND function IS NOT NULL", [name]);
        if tag("cold_start") == Some("true") {
            scan.narrow("cold = 1", []);
        }
        if let Some(longer) = search.query.required_above("duration") {
            scan.narrow("duration_ns >= ?", [Value::Real(longer)]);
        }
    }
    for (path, value) in attributes {
        scan.narrow_to_tag(db, path, value)?;
    }
    let index = match (trace, function, failed) {
        (Some(_), ..) => "span_by_trace",
        (_, Some(_), _) => "span_by_function",
        (_, _, true) => "span_failed",
        _ => "span_by_time",
    };
    let table = format!("{} FROM span INDEXED BY {index}", rows::SELECT_SPAN);
    scan.run(db, &table, |row| {
        let row = SpanRow::of(row, words)?;
        match search.query.matches(&row) {
            true => found(&row),
            false => Ok(ControlFlow::Continue(())),
        }
    })
}

fn each_log(
    db: &Connection,
    words: &Dictionary,
    search: &EventSearch<'_>,
    mut found: impl FnMut(&LogRow<'_>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let mut scan = Scan::new(search, "at_ms", NS_PER_MS);
    for (reserved, column) in rows::LOG_COLUMNS {
        scan.narrow_to_word(db, search.query.required(reserved), "log", column)?;
    }
    let mut request = None;
    for (path, value) in search.query.required_attributes() {
        request = request.or((path == REQUEST_ID).then(|| request_number(value)));
        scan.narrow_to_attribute(value);
    }
    let status = search.query.required("status");
    let index = match (request, status) {
        (Some(number), _) => {
            scan.narrow(
                "request = ? AND request IS NOT NULL",
                [Value::Integer(number)],
            );
            "log_by_request"
        }
        (None, Some(status)) if status != "info" => {
            scan.narrow("status <> 1", []); // the number of `info`
            "log_by_status"
        }
        _ => "log_by_time",
    };
    let table = format!("{} FROM log INDEXED BY {index}", rows::SELECT_LOG);
    scan.run(db, &table, |row| {
        let row = LogRow::of(row, words)?;
        match search.query.matches(&row) {
            true => found(&row),
            false => Ok(ControlFlow::Continue(())),
        }
    })
}

/// The content of an untyped column whose text is `text`. A text that is stored as it is got no
/// number when it was written, and never gets one.
fn word(db: &Connection, key: &str, text: &str) -> Result<Value, StoreError> {
    let number: Option<i64> = db
        .prepare_cached("SELECT id FROM word WHERE key = ?1 AND value = ?2")?
        .query_row([key, text], |row| row.get(0))
        .optional()?;
    Ok(number.map_or_else(|| Value::Text(text.to_owned()), Value::Integer))
}

/// How long a search may take: the client may have left.
const LONGEST_SEARCH: Duration = Duration::from_secs(20);

/// A walk over a table in the order of time.
struct Scan {
    time: &'static str,
    conditions: String,
    values: Vec<Value>,
    direction: &'static str,
}

impl Scan {
    /// `unit_ns`: how many nanoseconds one step of the column `time` is.
    fn new(search: &EventSearch<'_>, time: &'static str, unit_ns: i64) -> Scan {
        let units = |ms: i64| ms.saturating_mul(NS_PER_MS) / unit_ns;
        // The last nanosecond of `to_ms` is still in it.
        let last = search
            .to_ms
            .saturating_mul(NS_PER_MS)
            .saturating_add(NS_PER_MS - 1)
            / unit_ns;
        let (mut from, mut to) = (units(search.from_ms), last);
        let (direction, beyond) = match search.order {
            SearchOrder::OldestFirst => ("ASC", ">"),
            SearchOrder::NewestFirst => ("DESC", "<"),
        };
        let mut conditions = format!("{time} BETWEEN ? AND ?");
        let mut values = Vec::new();
        if let Some(place) = search.after {
            let at = place.at_ns / unit_ns;
            match search.order {
                SearchOrder::OldestFirst => from = from.max(at),
                SearchOrder::NewestFirst => to = to.min(at),
            }
            conditions.push_str(&format!(" AND ({time}, id) {beyond} (?, ?)"));
            values = vec![Value::Integer(at), Value::Integer(place.id)];
        }
        values.splice(0..0, [Value::Integer(from), Value::Integer(to)]);
        Scan {
            time,
            conditions,
            values,
            direction,
        }
    }

    fn narrow(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.conditions.push_str(" AND ");
        self.conditions.push_str(condition);
        self.values.extend(values);
    }

    /// Narrows to rows whose `column` is `text`, stored as a number or as the text itself.
    fn narrow_to_word(
        &mut self,
        db: &Connection,
        text: Option<&str>,
        table: &str,
        column: &str,
    ) -> Result<(), StoreError> {
        if let Some(text) = text {
            let word = word(db, &format!("{table}.{column}"), text)?;
            self.narrow(&format!("{column} = ?"), [word]);
        }
        Ok(())
    }

    /// Narrows to rows whose tags hold what `key`=`value` is written as: its number, or the bytes
    /// of `value`. Some others may hold them too; but a request id is found without decoding all.
    fn narrow_to_tag(&mut self, db: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
        let bytes = match word(db, key, value)? {
            Value::Integer(number) => words::pair_bytes(number),
            _ => value.as_bytes().to_vec(),
        };
        // A duration is a column, not a tag.
        if key != "duration" && !bytes.is_empty() {
            self.narrow("instr(tags, ?) > 0", [Value::Blob(bytes)]);
        }
        Ok(())
    }

    /// Narrows to logs whose attributes hold `value`, where JSON writes it as it is.
    fn narrow_to_attribute(&mut self, value: &str) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b);
        if !value.is_empty() && value.bytes().all(plain) {
            self.narrow("instr(attributes, ?) > 0", [Value::Text(value.to_owned())]);
        }
    }

    fn run(
        &self,
        db: &Connection,
        select: &str,
        mut look: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let Scan {
            time,
            conditions,
            direction,
            ..
        } = self;
        let mut asked = db.prepare_cached(&format!(
            "{select} WHERE {conditions} ORDER BY {time} {direction}, id {direction}"
        ))?;
        let mut rows = asked.query(params_from_iter(&self.values))?;
        let began = Instant::now();
        while let Some(row) = rows.next()? {
            if began.elapsed() > LONGEST_SEARCH {
                return Err(StoreError::TooLong);
            }
            if look(row)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}
