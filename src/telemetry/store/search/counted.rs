//! Counting: what only columns tell apart is looked at as it is rolled up.

use std::ops::{ControlFlow, Range};

use rusqlite::Connection;

use super::{
    EventSearch, LogRow, SpanRow, each_log, each_span,
    request::NS_PER_MS,
    rows::{LOG_COLUMNS, SPAN_COLUMNS},
    scan::Effort,
};
use crate::telemetry::{
    search::Field,
    store::{
        StoreError, StoreReader,
        tens::{ROLLED_MS, down, up},
    },
};

/// What tells the events apart that are counted, besides the search.
pub struct CountedBy<'a> {
    /// The fields that are looked at.
    pub fields: &'a [&'a Field],
    /// The resolution of times: those of one interval of this many milliseconds need not be
    /// distinguished. 0: none need be.
    pub interval_ms: i64,
}

/// Rolled-up spans as rows of [`super::rows::SELECT_SPAN`], then how many each is. The first
/// nanoseconds that there are do not begin at ten seconds.
const SPANS: &str = "SELECT 0, max(from_ms, -9223372036854) * 1000000, 0, 0, 0, 0, 0, error, \
    first, second, third, fourth, x'', n \
    FROM counted WHERE what = 'span' AND from_ms >= ?1 AND from_ms < ?2";
/// The same for logs and [`super::rows::SELECT_LOG`].
const LOGS: &str = "SELECT 0, from_ms, first, second, third, fourth, '', x'00', '{}', n \
    FROM counted WHERE what = 'log' AND from_ms >= ?1 AND from_ms < ?2";

impl StoreReader {
    /// Looks at every span found, and how many it stands for: spans of ten seconds that `by` and
    /// the search do not tell apart come as one, in no order. Its time is then when these begin.
    pub fn count_spans(
        &self,
        search: &EventSearch<'_>,
        by: &CountedBy<'_>,
        look: &mut dyn FnMut(&SpanRow<'_>, u64),
    ) -> Result<(), StoreError> {
        self.with(|db, words| {
            let failed = ("status", "error");
            let fields = SPAN_COLUMNS.into_iter().chain([failed]);
            let rolled = rolled(db, search, by, fields, ("span", "start_ns", NS_PER_MS))?;
            for edge in edges(search, &rolled) {
                each_span(db, words, (&edge, Effort::All), |row| {
                    look(row, 1);
                    Ok(ControlFlow::Continue(()))
                })?;
            }
            let mut asked = db.prepare_cached(SPANS)?;
            let mut rows = asked.query([rolled.start, rolled.end])?;
            while let Some(row) = rows.next()? {
                let span = SpanRow::of(row, words)?;
                if search.query.matches(&span) {
                    look(&span, row.get(13).map(i64::unsigned_abs)?);
                }
            }
            Ok(())
        })
    }

    /// The same for log lines.
    pub fn count_logs(
        &self,
        search: &EventSearch<'_>,
        by: &CountedBy<'_>,
        look: &mut dyn FnMut(&LogRow<'_>, u64),
    ) -> Result<(), StoreError> {
        self.with(|db, words| {
            let rolled = rolled(db, search, by, LOG_COLUMNS, ("log", "at_ms", 1))?;
            for edge in edges(search, &rolled) {
                each_log(db, words, (&edge, Effort::All), |row| {
                    look(row, 1);
                    Ok(ControlFlow::Continue(()))
                })?;
            }
            let mut asked = db.prepare_cached(LOGS)?;
            let mut rows = asked.query([rolled.start, rolled.end])?;
            while let Some(row) = rows.next()? {
                let line = LogRow::of(row, words)?;
                if search.query.matches(&line) {
                    look(&line, row.get(9).map(i64::unsigned_abs)?);
                }
            }
            Ok(())
        })
    }
}

/// The time whose events are looked at as they are rolled up; empty where single ones matter.
fn rolled(
    db: &Connection,
    search: &EventSearch<'_>,
    by: &CountedBy<'_>,
    columns: impl IntoIterator<Item = (&'static str, &'static str)>,
    (table, time, per_ms): (&str, &str, i64),
) -> Result<Range<i64>, StoreError> {
    let columns: Vec<&str> = columns.into_iter().map(|(field, _)| field).collect();
    let is_column =
        |field: &Field| matches!(field, Field::Named(name) if columns.contains(&name.as_str()));
    let all = by.interval_ms.rem_euclid(ROLLED_MS) == 0
        && by.fields.iter().all(|field| is_column(field))
        && search.query.looks_only_at(&is_column);
    let ends: (Option<i64>, Option<i64>) = db
        .prepare_cached(&format!(
            "SELECT (SELECT min({time}) FROM {table}), (SELECT max({time}) FROM {table})"
        ))?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (true, Some(first), Some(last)) = (all, ends.0, ends.1) else {
        return Ok(0..0);
    };
    // Ten seconds that the search cuts are complete where nothing lies outside.
    let from = match search.from_ms <= first.div_euclid(per_ms) {
        true => down(first.div_euclid(per_ms)),
        false => up(search.from_ms),
    };
    let to = match search.to_ms >= last.div_euclid(per_ms) {
        true => down(last.div_euclid(per_ms)).saturating_add(ROLLED_MS),
        false => down(search.to_ms.saturating_add(1)),
    };
    Ok(from..to.max(from))
}

/// What of a search lies before and after `rolled`.
fn edges<'a>(
    search: &EventSearch<'a>,
    rolled: &Range<i64>,
) -> impl Iterator<Item = EventSearch<'a>> + use<'a> {
    let (mut before, mut after) = (*search, *search);
    after.from_ms = rolled.end.max(search.from_ms);
    match rolled.is_empty() {
        true => after = *search,
        false => before.to_ms = rolled.start.saturating_sub(1).min(search.to_ms),
    }
    let both = [(!rolled.is_empty()).then_some(before), Some(after)];
    let both = both.into_iter().flatten();
    both.filter(|edge| edge.from_ms <= edge.to_ms)
}
