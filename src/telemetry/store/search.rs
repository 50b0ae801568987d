//! Searching spans and logs.

use std::ops::ControlFlow;

use rusqlite::{Connection, types::Value};

use super::{
    LogEntry, Span, StoreError, StoreReader,
    attribute::{REQUEST_ID, SPAN_REQUEST, request_number},
    insert::INVOCATION,
    words::Dictionary,
};
use crate::telemetry::search::{Field, Predicate, Query};

mod counted;
mod request;
mod rows;
mod scan;

pub use counted::CountedBy;
pub use request::{Cursor, EventSearch, SearchOrder, SearchPage, Stored};
pub use rows::{LogRow, SpanRow};

use request::NS_PER_MS;
use scan::{Effort, Scan, word};

impl StoreReader {
    /// At most `limit` spans; fewer, with a place to continue at, where a page's rows were
    /// looked at.
    pub fn spans(
        &self,
        search: &EventSearch<'_>,
        limit: usize,
    ) -> Result<SearchPage<Span>, StoreError> {
        self.page(limit, true, |db, words, page| {
            each_span(db, words, (search, Effort::Page), |row| {
                page.take(row.place(), || row.span())
            })
        })
    }

    /// The first `limit` spans, without looking whether there are more.
    pub fn first_spans(
        &self,
        search: &EventSearch<'_>,
        limit: usize,
    ) -> Result<SearchPage<Span>, StoreError> {
        self.page(limit, false, |db, words, page| {
            each_span(db, words, (search, Effort::Page), |row| {
                page.take(row.place(), || row.span())
            })
        })
    }

    /// At most `limit` log lines; fewer, with a place to continue at, where a page's rows were
    /// looked at.
    pub fn logs(
        &self,
        search: &EventSearch<'_>,
        limit: usize,
    ) -> Result<SearchPage<LogEntry>, StoreError> {
        self.page(limit, true, |db, words, page| {
            each_log(db, words, (search, Effort::Page), |row| {
                page.take(row.place(), || row.event())
            })
        })
    }

    /// What `find` takes, up to `limit`; `looks_on` for whether there is more.
    fn page<T>(
        &self,
        limit: usize,
        looks_on: bool,
        find: impl FnOnce(
            &Connection,
            &Dictionary,
            &mut PageCollector<T>,
        ) -> Result<Option<Cursor>, StoreError>,
    ) -> Result<SearchPage<T>, StoreError> {
        let mut page = PageCollector {
            limit,
            looks_on,
            items: Vec::new(),
            last: None,
            more: false,
        };
        // Where the search was given up.
        let left_at = self.with(|db, words| find(db, words, &mut page))?;
        Ok(SearchPage {
            items: page.items,
            next: left_at.or(page.last.filter(|_| page.more)),
            left_at,
        })
    }

    /// Looks at every log line found, without building it, until `look` breaks off.
    pub fn each_log(
        &self,
        search: &EventSearch<'_>,
        look: &mut dyn FnMut(&LogRow<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.with(|db, words| each_log(db, words, (search, Effort::All), |row| Ok(look(row))))?;
        Ok(())
    }

    /// As [`StoreReader::each_log`], through as many rows as a page may take. Returns where that
    /// was, if there are more.
    pub fn each_log_of_page(
        &self,
        search: &EventSearch<'_>,
        look: &mut dyn FnMut(&LogRow<'_>) -> ControlFlow<()>,
    ) -> Result<Option<Cursor>, StoreError> {
        self.with(|db, words| each_log(db, words, (search, Effort::Page), |row| Ok(look(row))))
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
    looks_on: bool,
    items: Vec<Stored<T>>,
    last: Option<Cursor>,
    more: bool,
}

impl<T> PageCollector<T> {
    fn take(
        &mut self,
        place: Cursor,
        record: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<ControlFlow<()>, StoreError> {
        if self.items.len() == self.limit {
            self.more = true;
            return Ok(ControlFlow::Break(()));
        }
        self.items.push(Stored {
            id: place.id,
            value: record()?,
        });
        self.last = Some(place);
        Ok(match self.looks_on || self.items.len() < self.limit {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    }
}

fn each_span(
    db: &Connection,
    words: &Dictionary,
    (search, effort): (&EventSearch<'_>, Effort),
    mut found: impl FnMut(&SpanRow<'_>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<Option<Cursor>, StoreError> {
    let mut scan = Scan::new(search, rows::SELECT_SPAN, ("span", "start_ns", 1));
    let trace = search.query.required_trace();
    let attributes = search.query.required_attributes();
    let tag = |name| {
        let attribute = attributes.iter().find(|(path, _)| *path == name);
        let attribute = attribute.map(|(_, value)| *value);
        search.query.required(name).or(attribute)
    };
    let failed = search.query.required("status") == Some("error");
    let invocations = search.query.required("operation_name") == Some(INVOCATION);
    let function = tag("functionname").filter(|_| invocations);
    if let Some(trace) = trace {
        let low = Value::Integer(trace as u64 as i64);
        scan.through("span_by_trace", "trace_low = ?", Some(low));
    } else if let Some(name) = function {
        let name = word(db, "functionname", name)?;
        let named = "function = ? AND function IS NOT NULL";
        scan.through("span_by_function", named, Some(name));
        if tag("cold_start") == Some("true") {
            scan.narrow("cold = 1", []);
        }
        if let Some(longer) = search.query.required_above("duration") {
            scan.narrow("duration_ns >= ?", [Value::Real(longer)]);
        }
    } else if let Some(id) = tag(SPAN_REQUEST) {
        let number = Value::Integer(request_number(id));
        let named = "request = ? AND request IS NOT NULL";
        scan.in_time_order("span_by_request", named, Some(number));
    } else if failed {
        scan.in_time_order("span_failed", "error = 1", None);
    } else if let Some(name) = search.query.required("operation_name") {
        let name = word(db, "span.name", name)?;
        scan.in_time_order("span_by_name", "name = ?", Some(name));
    }
    if failed {
        scan.narrow("error = 1", []);
    }
    for (reserved, column) in rows::SPAN_COLUMNS {
        scan.narrow_to_word(db, search.query.required(reserved), column)?;
    }
    for (path, value) in &attributes {
        scan.narrow_to_tag(db, path, value)?;
    }
    scan.run(db, effort, |row| {
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
    (search, effort): (&EventSearch<'_>, Effort),
    mut found: impl FnMut(&LogRow<'_>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<Option<Cursor>, StoreError> {
    let mut scan = Scan::new(search, rows::SELECT_LOG, ("log", "at_ms", NS_PER_MS));
    let attributes = search.query.required_attributes();
    let request = attributes.iter().find(|(path, _)| *path == REQUEST_ID);
    match (request, search.query.required("status")) {
        (Some((_, id)), _) => {
            let number = Value::Integer(request_number(id));
            let named = "request = ? AND request IS NOT NULL";
            scan.in_time_order("log_by_request", named, Some(number));
        }
        // 1 is the number of `info`.
        (None, Some(status)) if status != "info" => {
            let status = word(db, "log.status", status)?;
            let named = "status = ? AND status <> 1";
            scan.in_time_order("log_by_status", named, Some(status));
        }
        _ => {}
    }
    for (reserved, column) in rows::LOG_COLUMNS {
        scan.narrow_to_word(db, search.query.required(reserved), column)?;
    }
    for (_, value) in &attributes {
        scan.narrow_to_attribute(value);
    }
    scan.run(db, effort, |row| {
        let row = LogRow::of(row, words)?;
        match search.query.matches(&row) {
            true => found(&row),
            false => Ok(ControlFlow::Continue(())),
        }
    })
}
