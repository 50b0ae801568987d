//! Monitors and events, as far as an alarm on a function needs them.
//!
//! A monitor is evaluated at each minute of the model's clock, in order, also where idling was
//! skipped. The evaluation happens on request. Its data is stored with its time, so the answer is
//! the same as it would have been at that minute.

mod alert;
mod evaluate;
mod events;
mod query;

pub(super) use alert::{AlertMonitor, MonitorBody};
pub(super) use events::EventEntry;

use std::collections::BTreeMap;

use crate::telemetry::store::{StoreError, StoreReader};

/// How many monitors are kept.
const MOST_MONITORS: usize = 1_000;
/// How many events are kept. The oldest are dropped first.
const MOST_EVENTS: usize = 10_000;

/// All monitors and events of a sandbox. They end with it.
#[derive(Debug, Default)]
pub(super) struct MonitorRegistry {
    monitors: BTreeMap<u64, AlertMonitor>,
    events: Vec<EventEntry>,
    last_id: u64,
}

impl MonitorRegistry {
    /// Adds a monitor; None: there are too many.
    pub(super) fn create(&mut self, mut monitor: AlertMonitor) -> Option<AlertMonitor> {
        if self.monitors.len() >= MOST_MONITORS {
            return None;
        }
        monitor.id = self.next_id();
        self.monitors.insert(monitor.id, monitor.clone());
        Some(monitor)
    }

    pub(super) fn monitors(&self) -> impl Iterator<Item = &AlertMonitor> {
        self.monitors.values()
    }

    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut AlertMonitor> {
        self.monitors.get_mut(&id)
    }

    pub(super) fn delete(&mut self, id: u64) -> bool {
        self.monitors.remove(&id).is_some()
    }

    /// Adds an event and gives it its id.
    pub(super) fn post(&mut self, mut event: EventEntry) -> EventEntry {
        event.id = self.next_id();
        self.events.push(event.clone());
        let beyond = self.events.len().saturating_sub(MOST_EVENTS);
        self.events.drain(..beyond);
        event
    }

    pub(super) fn events(&self) -> &[EventEntry] {
        &self.events
    }

    /// Evaluates every monitor at each minute up to `now_ms`; each change of state is an event.
    pub(super) fn evaluate(&mut self, reader: &StoreReader, now_ms: i64) -> Result<(), StoreError> {
        let mut changes = Vec::new();
        for monitor in self.monitors.values_mut() {
            changes.extend(monitor.evaluate(reader, now_ms)?);
        }
        changes.sort_by_key(|event: &EventEntry| event.at_ms);
        for event in changes {
            self.post(event);
        }
        Ok(())
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}
