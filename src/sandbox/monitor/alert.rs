//! A monitor: what it watches, and its state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    events::EventEntry,
    query::{AlertQuery, AlertQueryError},
};

/// The state of a monitor, or of one of its groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(in crate::sandbox) enum AlertState {
    #[serde(rename = "OK")]
    Ok,
    #[default]
    #[serde(rename = "No Data")]
    NoData,
    Warn,
    Alert,
}

impl AlertState {
    pub(in crate::sandbox) fn name(self) -> &'static str {
        match self {
            AlertState::Ok => "OK",
            AlertState::NoData => "No Data",
            AlertState::Warn => "Warn",
            AlertState::Alert => "Alert",
        }
    }

    fn alert_type(self) -> &'static str {
        match self {
            AlertState::Ok => "success",
            AlertState::NoData | AlertState::Warn => "warning",
            AlertState::Alert => "error",
        }
    }
}

/// A monitor as the API takes and returns it.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::sandbox) struct MonitorBody {
    #[serde(rename = "type")]
    pub(in crate::sandbox) kind: String,
    pub(in crate::sandbox) query: String,
    #[serde(default)]
    pub(in crate::sandbox) name: Option<String>,
    #[serde(default)]
    pub(in crate::sandbox) message: Option<String>,
    #[serde(default)]
    pub(in crate::sandbox) tags: Option<Vec<String>>,
    #[serde(default)]
    pub(in crate::sandbox) priority: Option<i64>,
    #[serde(default)]
    pub(in crate::sandbox) options: AlertOptions,
}

/// How a monitor is evaluated. Options that have no effect here are stored unchanged.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::sandbox) struct AlertOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) thresholds: Option<AlertThresholds>,
    pub(in crate::sandbox) notify_no_data: bool,
    pub(in crate::sandbox) silenced: Map<String, Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::sandbox) struct AlertThresholds {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) critical: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) warning: Option<f64>,
}

/// The state of a group, and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::sandbox) struct GroupState {
    pub(in crate::sandbox) state: AlertState,
    pub(in crate::sandbox) since_ms: i64,
    pub(in crate::sandbox) alerted_ms: Option<i64>,
}

/// A monitor with its state.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct AlertMonitor {
    pub(in crate::sandbox) id: u64,
    pub(in crate::sandbox) body: MonitorBody,
    pub(in crate::sandbox) query: AlertQuery,
    pub(in crate::sandbox) created_ms: i64,
    pub(in crate::sandbox) modified_ms: i64,
    /// The minute up to which it is evaluated.
    pub(in crate::sandbox) evaluated_ms: i64,
    pub(in crate::sandbox) groups: BTreeMap<Vec<String>, GroupState>,
}

impl AlertMonitor {
    pub(in crate::sandbox) fn new(
        body: MonitorBody,
        now_ms: i64,
    ) -> Result<AlertMonitor, AlertQueryError> {
        let query = AlertQuery::parse(&body.kind, &body.query)?;
        let thresholds = body.options.thresholds.unwrap_or_default();
        if thresholds
            .critical
            .is_some_and(|critical| critical != query.limit)
        {
            return Err(AlertQueryError::new(
                "the value in the query must match options.thresholds.critical",
            ));
        }
        Ok(AlertMonitor {
            id: 0,
            body,
            query,
            created_ms: now_ms,
            modified_ms: now_ms,
            evaluated_ms: now_ms.div_euclid(60_000) * 60_000,
            groups: BTreeMap::new(),
        })
    }

    /// The state of the monitor: that of its worst group.
    pub(in crate::sandbox) fn overall(&self) -> AlertState {
        let states = self.groups.values().map(|group| group.state);
        states.max().unwrap_or_default()
    }

    /// When the state of any group last changed.
    pub(in crate::sandbox) fn changed_ms(&self) -> Option<i64> {
        self.groups.values().map(|group| group.since_ms).max()
    }

    pub(in crate::sandbox) fn name(&self) -> &str {
        self.body.name.as_deref().unwrap_or(&self.body.query)
    }

    /// Whether it is muted, so that its changes are no events.
    fn is_muted(&self, at_ms: i64) -> bool {
        self.body.options.silenced.get("*").is_some_and(|until| {
            until
                .as_i64()
                .is_none_or(|until_s| at_ms < until_s.saturating_mul(1000))
        })
    }

    /// Sets a group's state at a minute. A change is an event, unless the monitor is muted.
    pub(super) fn enter(
        &mut self,
        group: &[String],
        state: AlertState,
        at_ms: i64,
    ) -> Option<EventEntry> {
        let muted = self.is_muted(at_ms);
        let known = self.groups.entry(group.to_vec()).or_default();
        if known.state == state {
            return None;
        }
        let before = std::mem::replace(&mut known.state, state);
        known.since_ms = at_ms;
        if state == AlertState::Alert {
            known.alerted_ms = Some(at_ms);
        }
        let is_first = before == AlertState::NoData && state == AlertState::Ok;
        (!muted && !is_first).then(|| self.event(group, before, state, at_ms))
    }

    fn event(
        &self,
        group: &[String],
        before: AlertState,
        state: AlertState,
        at_ms: i64,
    ) -> EventEntry {
        let verb = match state {
            AlertState::Ok => "Recovered",
            AlertState::NoData => "No data",
            AlertState::Warn => "Warn",
            AlertState::Alert => "Triggered",
        };
        let on = match group {
            [] => String::new(),
            tags => format!(" on {}", tags.join(",")),
        };
        let own = ["source:alert".to_owned(), format!("monitor_id:{}", self.id)];
        let tags = self.body.tags.iter().flatten().chain(group).cloned();
        EventEntry {
            at_ms,
            title: format!("[{verb}{on}] {}", self.name()),
            text: format!(
                "{} -> {}: {}",
                before.name(),
                state.name(),
                self.body.message.as_deref().unwrap_or_default()
            ),
            tags: tags.chain(own).collect(),
            alert_type: state.alert_type().to_owned(),
            source: "alert".to_owned(),
            aggregation_key: Some(format!("monitor_{}", self.id)),
            ..EventEntry::default()
        }
    }
}
