//! Evaluating a monitor, minute by minute.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    alert::{AlertMonitor, AlertState},
    events::EventEntry,
    query::MonitorSubject,
};
use crate::telemetry::{
    query::{
        aggregate::Aggregation,
        evaluate,
        events::{EventQuery, EventSource, EventWindow, events},
        expression::{ExpressionValue, GroupedValues},
        rollup::Buckets,
    },
    store::{StoreError, StoreReader},
};

const MINUTE_MS: i64 = 60_000;
/// How far back missed evaluations are made up for. Of a longer idle time only the end counts.
const LONGEST_BACKLOG_MS: i64 = 31 * 86_400_000;

impl AlertMonitor {
    /// Evaluates it at every minute since the last one, up to `now_ms`.
    pub(super) fn evaluate(
        &mut self,
        reader: &StoreReader,
        now_ms: i64,
    ) -> Result<Vec<EventEntry>, StoreError> {
        let last_ms = now_ms.div_euclid(MINUTE_MS) * MINUTE_MS;
        let first_ms = (self.evaluated_ms + MINUTE_MS).max(last_ms - LONGEST_BACKLOG_MS);
        if first_ms > last_ms {
            return Ok(Vec::new());
        }
        let minutes = self.minutes(reader, first_ms, last_ms)?;
        let mut changes = Vec::new();
        let mut at_ms = first_ms;
        while at_ms <= last_ms {
            let values = minutes.at(at_ms, self.query.window_ms, self.query.over_time);
            changes.extend(self.judge(values, at_ms));
            // Where nothing enters or leaves a window, nothing changes.
            at_ms = minutes
                .next_change(at_ms, self.query.window_ms)
                .min(last_ms + MINUTE_MS);
        }
        self.evaluated_ms = last_ms;
        Ok(changes)
    }

    fn judge(&mut self, values: BTreeMap<Vec<String>, f64>, at_ms: i64) -> Vec<EventEntry> {
        let missing: Vec<Vec<String>> = match self.query.is_multi() {
            true => self.groups.keys().cloned().collect(),
            false => vec![Vec::new()],
        };
        let mut states: BTreeMap<Vec<String>, AlertState> = missing
            .into_iter()
            .filter_map(|group| Some((group, self.without_data()?)))
            .collect();
        for (group, value) in values {
            states.insert(group, self.state_of(value));
        }
        let states = states.into_iter();
        states
            .filter_map(|(group, state)| self.enter(&group, state, at_ms))
            .collect()
    }

    /// The state of a window without data. None: it stays as it was.
    fn without_data(&self) -> Option<AlertState> {
        if self.body.options.notify_no_data {
            return Some(AlertState::NoData);
        }
        // Datadog takes a missing sum for 0, and keeps the last state of anything else.
        (self.query.over_time == Aggregation::Sum).then(|| self.state_of(0.0))
    }

    fn state_of(&self, value: f64) -> AlertState {
        let thresholds = self.body.options.thresholds.unwrap_or_default();
        let met = |limit| self.query.comparison.is_met(value, limit);
        if met(self.query.limit) {
            AlertState::Alert
        } else if thresholds.warning.is_some_and(met) {
            AlertState::Warn
        } else {
            AlertState::Ok
        }
    }

    /// What is watched, by minute, from the first window's beginning on.
    fn minutes(
        &self,
        reader: &StoreReader,
        first_ms: i64,
        last_ms: i64,
    ) -> Result<Minutes, StoreError> {
        let from_ms = first_ms - self.query.window_ms;
        let buckets = Buckets::between(from_ms, last_ms, MINUTE_MS);
        let tables = match &self.query.watched {
            MonitorSubject::Metrics(expression) => expression
                .leaves()
                .map(|query| evaluate::metric(reader, query, buckets, i64::MAX))
                .collect::<Result<_, _>>()?,
            MonitorSubject::Logs {
                search,
                aggregation,
                measure,
                by,
            } => {
                let query = EventQuery {
                    source: EventSource::Logs,
                    search: search.clone(),
                    aggregation: *aggregation,
                    measure: measure.clone(),
                    by: by.clone(),
                    missing: Vec::new(),
                };
                let to_ms = last_ms - 1;
                let range = EventWindow { from_ms, to_ms };
                vec![events(reader, &query, range, Some(buckets))?]
            }
        };
        Ok(Minutes {
            watched: self.query.watched.clone(),
            tables,
        })
    }
}

/// The values of each query of a monitor, by group and minute.
struct Minutes {
    watched: MonitorSubject,
    tables: Vec<GroupedValues>,
}

impl Minutes {
    /// The value of each group over the window that ends at `at_ms`.
    fn at(&self, at_ms: i64, window_ms: i64, over_time: Aggregation) -> BTreeMap<Vec<String>, f64> {
        let within = |row: &BTreeMap<i64, f64>| -> Vec<(f64, u64)> {
            let values = row.range(at_ms - window_ms..at_ms);
            values.map(|(_, value)| (*value, 1)).collect()
        };
        // Each query is taken over the window first, so that a share is that of the full window.
        let mut over_window = self.tables.iter().map(|table| -> GroupedValues {
            let groups = table.iter().filter_map(|(group, row)| {
                let value = over_time.of(&within(row))?;
                Some((group.clone(), BTreeMap::from([(0, value)])))
            });
            groups.collect()
        });
        let value = match &self.watched {
            MonitorSubject::Metrics(expression) => expression
                .evaluate(&[0], |_| -> Result<_, StoreError> {
                    Ok(over_window.next().unwrap_or_default())
                })
                .map_or_else(|_| GroupedValues::new(), |value| value.into_table(&[0])),
            MonitorSubject::Logs { .. } => {
                let table = over_window.next().unwrap_or_default();
                ExpressionValue::Table(table).into_table(&[0])
            }
        };
        let value = value.into_iter();
        value
            .filter_map(|(group, row)| Some((group, *row.get(&0)?)))
            .collect()
    }

    /// The next minute after `at_ms` at which a value enters or leaves the window.
    fn next_change(&self, at_ms: i64, window_ms: i64) -> i64 {
        let rows = self.tables.iter().flat_map(BTreeMap::values);
        let next: BTreeSet<i64> = rows
            .flat_map(|row| {
                let entering = row
                    .range(at_ms..)
                    .next()
                    .map(|(minute, _)| minute + MINUTE_MS);
                let leaving = row.range(at_ms - window_ms..at_ms).next();
                let leaving = leaving.map(|(minute, _)| minute + window_ms + MINUTE_MS);
                entering.into_iter().chain(leaving)
            })
            .filter(|minute| *minute > at_ms)
            .collect();
        next.first().copied().unwrap_or(i64::MAX)
    }
}
