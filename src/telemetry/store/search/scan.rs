//! A walk over spans or logs in the order of time, window by window.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use rusqlite::{
    CachedStatement, Connection, OptionalExtension, Row, params_from_iter, types::Value,
};

use super::request::{Cursor, EventSearch, NS_PER_MS, SearchOrder};
use crate::telemetry::store::{StoreError, words};

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// Through everything.
    All,
    /// As far as a page may take: through [`WINDOW`] rows.
    Page,
}

/// How many rows of an index are looked at in one go: up to some 100 ms, and a page of logs looks twice.
const WINDOW: usize = 50_000;

/// The content of an untyped column whose text is `text`. A text that is stored as it is got no
/// number when it was written, and never gets one.
pub(super) fn word(db: &Connection, key: &str, text: &str) -> Result<Value, StoreError> {
    let number: Option<i64> = db
        .prepare_cached("SELECT id FROM word WHERE key = ?1 AND value = ?2")?
        .query_row([key, text], |row| row.get(0))
        .optional()?;
    Ok(number.map_or_else(|| Value::Text(text.to_owned()), Value::Integer))
}

/// How long a search may take: the client may have left.
const LONGEST_SEARCH: Duration = Duration::from_secs(20);

/// A walk over a table in the order of time.
pub(super) struct Scan {
    select: &'static str,
    table: &'static str,
    time: &'static str,
    /// How many nanoseconds one step of the column `time` is.
    unit_ns: i64,
    order: SearchOrder,
    range: (i64, i64),
    after: Option<Cursor>,
    index: &'static str,
    /// What narrows the index.
    walk: (&'static str, Option<Value>),
    /// Whether the index has its rows in the order of time, so that windows of it can be counted off.
    in_windows: bool,
    /// What a row must be besides.
    conditions: String,
    values: Vec<Value>,
}

impl Scan {
    pub(super) fn new(
        search: &EventSearch<'_>,
        select: &'static str,
        (table, time, unit_ns): (&'static str, &'static str, i64),
    ) -> Scan {
        let units = |ms: i64| ms.saturating_mul(NS_PER_MS) / unit_ns;
        // The last nanosecond of `to_ms` is still in it.
        let last = search
            .to_ms
            .saturating_mul(NS_PER_MS)
            .saturating_add(NS_PER_MS - 1)
            / unit_ns;
        Scan {
            select,
            table,
            time,
            unit_ns,
            order: search.order,
            range: (units(search.from_ms), last),
            after: search.after,
            index: match table {
                "span" => "span_by_time",
                _ => "log_by_time",
            },
            walk: ("TRUE", None),
            in_windows: true,
            conditions: String::new(),
            values: Vec::new(),
        }
    }

    /// Goes through `index`, which `condition` narrows, in the order of time.
    pub(super) fn in_time_order(
        &mut self,
        index: &'static str,
        condition: &'static str,
        value: Option<Value>,
    ) {
        self.index = index;
        self.walk = (condition, value);
    }

    /// Goes through `index`, which `condition` narrows, and sorts.
    pub(super) fn through(
        &mut self,
        index: &'static str,
        condition: &'static str,
        value: Option<Value>,
    ) {
        self.in_time_order(index, condition, value);
        self.in_windows = false;
    }

    pub(super) fn narrow<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.conditions.push_str(" AND ");
        self.conditions.push_str(condition);
        self.values.extend(values);
    }

    /// Narrows to rows whose `column` is `text`, stored as a number or as the text itself.
    pub(super) fn narrow_to_word(
        &mut self,
        db: &Connection,
        text: Option<&str>,
        column: &str,
    ) -> Result<(), StoreError> {
        if let Some(text) = text {
            let word = word(db, &format!("{}.{column}", self.table), text)?;
            self.narrow(&format!("{column} = ?"), [word]);
        }
        Ok(())
    }

    /// Narrows to rows whose tags hold what `key`=`value` is written as: its number, or the bytes
    /// of `value`. Some others may hold them too, but not all have to be decoded.
    pub(super) fn narrow_to_tag(
        &mut self,
        db: &Connection,
        key: &str,
        value: &str,
    ) -> Result<(), StoreError> {
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
    pub(super) fn narrow_to_attribute(&mut self, value: &str) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b);
        if !value.is_empty() && value.bytes().all(plain) {
            self.narrow("instr(attributes, ?) > 0", [Value::Text(value.to_owned())]);
        }
    }

    /// Shows `look` the rows until it breaks off. Returns where a search for a page was given up.
    pub(super) fn run(
        &mut self,
        db: &Connection,
        effort: Effort,
        mut look: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<Option<Cursor>, StoreError> {
        let began = Instant::now();
        loop {
            let end = match self.in_windows {
                true => self.window_end(db)?,
                false => None,
            };
            let filter = format!("{}{}", self.walk.0, self.conditions);
            let (mut asked, mut values) = self.prepare(db, (self.select, &filter, ""), end)?;
            values.extend(self.values.iter().cloned());
            let mut rows = asked.query(params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                if began.elapsed() > LONGEST_SEARCH {
                    return Err(StoreError::TooLong);
                }
                if look(row)?.is_break() {
                    return Ok(None);
                }
            }
            match end {
                Some(_) if began.elapsed() > LONGEST_SEARCH => return Err(StoreError::TooLong),
                Some(_) if effort == Effort::All => self.after = end,
                _ => return Ok(end),
            }
        }
    }

    /// The last row of the window that begins here. None: fewer are left.
    fn window_end(&self, db: &Connection) -> Result<Option<Cursor>, StoreError> {
        let select = format!("SELECT {}, id", self.time);
        let limit = format!(" LIMIT 1 OFFSET {}", WINDOW - 1);
        let (mut asked, values) = self.prepare(db, (&select, self.walk.0, &limit), None)?;
        let place = |row: &Row<'_>| {
            let at: i64 = row.get(0)?;
            Ok(Cursor {
                at_ns: at.saturating_mul(self.unit_ns),
                id: row.get(1)?,
            })
        };
        let end = asked.query_row(params_from_iter(values), place);
        Ok(end.optional()?)
    }

    /// The statement for the rows up to and with `end`, with the values of its range and its walk.
    fn prepare<'a>(
        &self,
        db: &'a Connection,
        (select, filter, limit): (&str, &str, &str),
        end: Option<Cursor>,
    ) -> Result<(CachedStatement<'a>, Vec<Value>), StoreError> {
        let (time, table) = (self.time, self.table);
        let (direction, beyond, upto) = match self.order {
            SearchOrder::OldestFirst => ("ASC", ">", "<="),
            SearchOrder::NewestFirst => ("DESC", "<", ">="),
        };
        let (mut from, mut to) = self.range;
        let mut places = (String::new(), Vec::new());
        for (place, sign) in [(self.after, beyond), (end, upto)] {
            let Some(place) = place else { continue };
            let at = place.at_ns / self.unit_ns;
            // Of the time alone, too: the index goes straight to it.
            match sign.starts_with('>') {
                true => from = from.max(at),
                false => to = to.min(at),
            }
            places
                .0
                .push_str(&format!(" AND ({time}, id) {sign} (?, ?)"));
            (places.1).extend([Value::Integer(at), Value::Integer(place.id)]);
        }
        let asked = db.prepare_cached(&format!(
            "{select} FROM {table} INDEXED BY {} WHERE {time} BETWEEN ? AND ?{} AND {filter} \
             ORDER BY {time} {direction}, id {direction}{limit}",
            self.index, places.0
        ))?;
        let mut values = vec![Value::Integer(from), Value::Integer(to)];
        values.append(&mut places.1);
        values.extend(self.walk.1.clone());
        Ok((asked, values))
    }
}
