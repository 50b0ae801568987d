//! A search, and a page of its result.

use crate::telemetry::search::Query;

/// Which way a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchOrder {
    /// `timestamp`
    OldestFirst,
    /// `-timestamp`
    NewestFirst,
}

/// A place between two finds: the last find before it. Exact under inserts, since ids only grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The find's time, in nanoseconds since 1970.
    pub at_ns: i64,
    /// The find's id.
    pub id: i64,
}

/// What is searched for.
#[derive(Clone, Copy, Debug)]
pub struct EventSearch<'a> {
    /// What a find must be.
    pub query: &'a Query,
    /// From this time on, in milliseconds since 1970; a span's time is its start.
    pub from_ms: i64,
    /// Up to and with this millisecond.
    pub to_ms: i64,
    /// Which come first.
    pub order: SearchOrder,
    /// Only those after this cursor.
    pub after: Option<Cursor>,
}

/// A stored record with its number.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored<T> {
    /// Unique among spans, or among logs, and never used again.
    pub id: i64,
    /// The record.
    pub value: T,
}

/// A page of finds.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchPage<T> {
    /// At most as many as were asked for.
    pub items: Vec<Stored<T>>,
    /// Where the next page begins. None: there are no more.
    pub next: Option<Cursor>,
    /// Where the search was given up, since too many rows before it held no find: `next`. None: the
    /// page is full, or all was looked at.
    pub left_at: Option<Cursor>,
}

impl<T> SearchPage<T> {
    /// The same page of what `make` makes of each.
    pub fn map<U>(self, make: impl Fn(T) -> U) -> SearchPage<U> {
        let made = |Stored { id, value }| Stored {
            id,
            value: make(value),
        };
        SearchPage {
            items: self.items.into_iter().map(made).collect(),
            next: self.next,
            left_at: self.left_at,
        }
    }
}

pub(super) const NS_PER_MS: i64 = 1_000_000;
