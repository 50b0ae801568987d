//! Counting and measuring spans and logs.

use std::collections::{BTreeMap, HashSet};

use super::{aggregate::Aggregation, expression::GroupedValues, rollup::Buckets};
use crate::telemetry::{
    search::{Field, Query, Searchable},
    store::{CountedBy, EventSearch, SearchOrder, SpanRow, StoreError, StoreReader},
};

/// Which events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventSource {
    /// Spans.
    Spans,
    /// Log lines.
    Logs,
}

/// What is computed of the events that a search finds.
#[derive(Clone, Debug)]
pub struct EventQuery {
    /// Spans or logs.
    pub source: EventSource,
    /// Which of them.
    pub search: Query,
    /// How their values become one.
    pub aggregation: Aggregation,
    /// Whose values; None for a count.
    pub measure: Option<Field>,
    /// The facets to group by.
    pub by: Vec<Field>,
    /// The group of an event without a facet, for each of `by`; None: it belongs to no group.
    pub missing: Vec<Option<String>>,
}

/// The time range that is looked at: milliseconds since 1970, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventWindow {
    /// The first millisecond.
    pub from_ms: i64,
    /// The last.
    pub to_ms: i64,
}

/// How many different groups are kept; more are left out.
const MOST_GROUPS: usize = 10_000;

/// The value of every group (the facets' values, in order): by interval, or over the full range at
/// time 0. May wait for the disk.
pub fn events(
    reader: &StoreReader,
    query: &EventQuery,
    range: EventWindow,
    buckets: Option<Buckets>,
) -> Result<GroupedValues, StoreError> {
    let mut groups: BTreeMap<Vec<String>, BTreeMap<i64, Cell>> = BTreeMap::new();
    let search = EventSearch {
        query: &query.search,
        from_ms: range.from_ms,
        to_ms: range.to_ms,
        order: SearchOrder::OldestFirst,
        after: None,
    };
    let mut take = |subject: &dyn Searchable, at_ms: i64, n: u64| {
        let facet = |(place, field)| {
            let missing = || query.missing.get(place).cloned().flatten();
            first(subject, field).or_else(missing)
        };
        let facets: Option<Vec<String>> = query.by.iter().enumerate().map(facet).collect();
        let Some(group) = facets else { return };
        if groups.len() >= MOST_GROUPS && !groups.contains_key(&group) {
            return;
        }
        let at = buckets.map_or(0, |buckets| buckets.of(at_ms));
        let cell = groups.entry(group).or_default().entry(at).or_default();
        cell.take(subject, query, n);
    };
    let fields: Vec<&Field> = query.by.iter().chain(&query.measure).collect();
    let by = CountedBy {
        fields: &fields,
        interval_ms: buckets.map_or(0, |buckets| buckets.interval_ms),
    };
    match query.source {
        EventSource::Spans => {
            let take = &mut |row: &SpanRow<'_>, n| take(row, row.start_ns.div_euclid(1_000_000), n);
            reader.count_spans(&search, &by, take)?;
        }
        EventSource::Logs => {
            reader.count_logs(&search, &by, &mut |row, n| take(row, row.at_ms, n))?;
        }
    }
    if query.by.is_empty() && groups.is_empty() && buckets.is_none() {
        groups.insert(Vec::new(), BTreeMap::from([(0, Cell::default())]));
    }
    Ok(groups
        .into_iter()
        .map(|(group, cells)| {
            let values = cells.into_iter();
            let row: BTreeMap<i64, f64> = values
                .filter_map(|(at, cell)| Some((at, cell.value(query.aggregation)?)))
                .collect();
            (group, row)
        })
        .filter(|(_, row)| !row.is_empty())
        .collect())
}

#[derive(Default)]
struct Cell {
    count: u64,
    values: Vec<(f64, u64)>,
    different: HashSet<String>,
}

impl Cell {
    fn take(&mut self, subject: &dyn Searchable, query: &EventQuery, n: u64) {
        let value = query.measure.as_ref().map(|field| first(subject, field));
        match (query.aggregation, value) {
            (Aggregation::Count, None | Some(Some(_))) => self.count += n,
            (Aggregation::Cardinality, Some(Some(value))) => {
                self.different.insert(value);
            }
            (_, Some(Some(value))) => self.values.extend(
                value
                    .parse()
                    .ok()
                    .filter(|value: &f64| value.is_finite())
                    .map(|value| (value, n)),
            ),
            _ => {}
        }
    }

    fn value(&self, aggregation: Aggregation) -> Option<f64> {
        match aggregation {
            Aggregation::Count => Some(self.count as f64),
            Aggregation::Cardinality => Some(self.different.len() as f64),
            other => other.of(&self.values),
        }
    }
}

fn first(subject: &dyn Searchable, field: &Field) -> Option<String> {
    let mut found = None;
    subject.any_value(field, &mut |value| {
        found = Some(value.to_owned());
        true
    });
    found
}
