//! Single invocations: their spans, and what their REPORT lines add.

use std::{collections::HashMap, ops::ControlFlow};

use crate::{
    lambda::{LogLine, ReportLine},
    pages::visit::Visit,
    telemetry::{
        search::{Field, NumberRange, Pattern, Predicate, Query},
        store::{Cursor, EventSearch, SearchOrder, SearchPage, Span, StoreError, StoreReader},
    },
};

/// The most REPORT lines that are read for one page.
const MOST_REPORTS: usize = 2_000;

/// How long after its invocation's end a REPORT line may come, in milliseconds.
const REPORTED_MS: i64 = 2_000;

/// One invocation, as its `aws.lambda` span tells it.
#[derive(Clone, Debug)]
pub(in crate::pages) struct InvocationSpan {
    /// When it began, in milliseconds since 1970.
    pub(in crate::pages) at_ms: i64,
    /// Its span's id, decimal.
    pub(in crate::pages) span_id: u64,
    /// Its trace.
    pub(in crate::pages) trace_id: u128,
    /// How long it took, in nanoseconds.
    pub(in crate::pages) duration_ns: i64,
    /// Whether it failed, and as what.
    pub(in crate::pages) error: Option<String>,
    /// Whether it was a cold start, where the span says so.
    pub(in crate::pages) cold: Option<bool>,
    /// Lambda's request id.
    pub(in crate::pages) request_id: Option<String>,
}

/// Which invocations are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::pages) struct InvocationFilter {
    /// Only those that failed.
    pub(in crate::pages) failed: bool,
    /// Only cold starts.
    pub(in crate::pages) cold: bool,
    /// Only those that took longer than so many nanoseconds.
    pub(in crate::pages) longer_ns: Option<f64>,
    /// Only those with one of these request ids. All of them began from this time on.
    pub(in crate::pages) requests: Option<(Vec<String>, i64)>,
}

/// The latest invocations of a function, newest first.
pub(in crate::pages) fn invocations(
    reader: &StoreReader,
    function: &str,
    (from_ms, to_ms): (i64, i64),
    wanted: &InvocationFilter,
    after: Option<Cursor>,
    mut limit: usize,
) -> Result<SearchPage<InvocationSpan>, StoreError> {
    let mut since_ms = from_ms;
    let named = |name: &str, value: &str| is(Field::Named(name.to_owned()), value);
    let tagged = |name: &str, value: &str| is(Field::Attribute(name.to_owned()), value);
    let mut parts = vec![
        named("operation_name", "aws.lambda"),
        tagged("functionname", &function.to_lowercase()),
    ];
    if wanted.failed {
        parts.push(named("status", "error"));
    }
    if wanted.cold {
        parts.push(tagged("cold_start", "true"));
    }
    if let Some(ns) = wanted.longer_ns {
        let range = NumberRange {
            low: Some((ns, false)),
            high: None,
        };
        let duration = Field::Attribute("duration".to_owned());
        parts.push(Query::Field(duration, Predicate::Within(range)));
    }
    if let Some((ids, began_ms)) = &wanted.requests {
        since_ms = from_ms.max(*began_ms);
        limit = limit.min(ids.len());
        parts.push(Query::Or(
            ids.iter().map(|id| tagged("request_id", id)).collect(),
        ));
    }
    let search = EventSearch {
        query: &Query::And(parts),
        from_ms: since_ms,
        to_ms,
        order: SearchOrder::NewestFirst,
        after,
    };
    let page = match wanted.requests {
        Some(_) => reader.first_spans(&search, limit)?,
        None => reader.spans(&search, limit)?,
    };
    Ok(page.map(|span| InvocationSpan::of(&span)))
}

fn is(field: Field, value: &str) -> Query {
    Query::Field(field, Predicate::Is(Pattern::Exact(value.to_owned())))
}

impl InvocationSpan {
    /// Reads an `aws.lambda` span.
    pub(in crate::pages) fn of(span: &Span) -> InvocationSpan {
        let tag = |key: &str| span.meta.get(key).cloned();
        InvocationSpan {
            at_ms: span.start_ns.div_euclid(1_000_000),
            span_id: span.span_id,
            trace_id: span.trace_id,
            duration_ns: span.duration_ns,
            error: span
                .error
                .then(|| tag("error.type").unwrap_or_else(|| "error".to_owned())),
            cold: tag("cold_start").and_then(|cold| cold.parse().ok()),
            request_id: tag("request_id"),
        }
    }

    /// The way to its trace, with its own span selected.
    pub(in crate::pages) fn link(&self, visit: &Visit) -> String {
        let path = format!("/apm/trace/{:032x}", self.trace_id);
        visit.link(&path, &[("spanID", &self.span_id.to_string())])
    }

    fn end_ms(&self) -> i64 {
        self.at_ms
            .saturating_add(self.duration_ns.max(0) / 1_000_000)
    }
}

/// The REPORT lines of these invocations by request id, as far as they are stored.
pub(in crate::pages) fn reports(
    reader: &StoreReader,
    invocations: &[&InvocationSpan],
) -> Result<HashMap<String, ReportLine>, StoreError> {
    // The line follows the end of its invocation, sooner or later: extensions hold it back.
    let mut windows: Vec<(i64, i64, Vec<&str>)> = invocations
        .iter()
        .filter_map(|one| {
            let ids = vec![one.request_id.as_deref()?];
            let around = |ms| one.end_ms().saturating_add(ms);
            Some((around(-50), around(REPORTED_MS), ids))
        })
        .collect();
    windows.sort_unstable();
    windows.dedup_by(|next, kept| {
        let touch = next.0 <= kept.1;
        if touch {
            kept.1 = kept.1.max(next.1);
            kept.2.append(&mut next.2);
        }
        touch
    });
    let query = Query::Text(Pattern::Exact("REPORT RequestId".to_owned()));
    let mut found = HashMap::new();
    for (from_ms, to_ms, mut ids) in windows {
        let search = EventSearch {
            query: &query,
            from_ms,
            to_ms,
            order: SearchOrder::OldestFirst,
            after: None,
        };
        let mut left = MOST_REPORTS;
        reader.each_log(&search, &mut |row| {
            left -= 1;
            if let Some(LogLine::Report(report)) = LogLine::parse(row.message)
                && let Some(place) = ids.iter().position(|id| *id == report.request_id)
            {
                ids.swap_remove(place);
                found.insert(report.request_id.clone(), report);
            }
            match left == 0 || ids.is_empty() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })?;
    }
    Ok(found)
}

/// The request ids of the latest invocations of a function that used more than `percent` % of
/// their memory size, at most `limit`, as their REPORT lines say; and when the first of them began.
pub(in crate::pages) fn memory_above(
    reader: &StoreReader,
    function: &str,
    (from_ms, to_ms): (i64, i64),
    percent: u64,
    limit: usize,
) -> Result<(Vec<String>, i64), StoreError> {
    let query = Query::And(vec![
        is(Field::Named("functionname".to_owned()), function),
        Query::Text(Pattern::Exact("REPORT RequestId".to_owned())),
    ]);
    let search = EventSearch {
        query: &query,
        from_ms,
        to_ms,
        order: SearchOrder::NewestFirst,
        after: None,
    };
    let above = |report: &ReportLine| match (report.memory_used_mb, report.memory_mb) {
        (Some(used), Some(size)) => used.saturating_mul(100) > size.saturating_mul(percent),
        _ => false,
    };
    let mut since_ms = to_ms;
    let lines = reader.logs(&search, MOST_REPORTS)?.items;
    let ids = lines
        .iter()
        .filter_map(|stored| match LogLine::parse(&stored.value.message) {
            Some(LogLine::Report(report)) if above(&report) => {
                let took_ms = report.duration_ms as i64 + REPORTED_MS;
                since_ms = since_ms.min(stored.value.at_ms.saturating_sub(took_ms));
                Some(report.request_id)
            }
            _ => None,
        })
        .take(limit)
        .collect();
    Ok((ids, since_ms))
}
