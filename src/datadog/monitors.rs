//! Monitors and events: `/api/v1/monitor`, `/api/v1/events`.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiError, Client};

/// A monitor as the API shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundMonitor {
    /// Its id.
    pub id: u64,
    /// What it is called.
    pub name: String,
    /// How it is found again.
    pub tags: Vec<String>,
    /// How it stands: `OK`, `Warn`, `Alert`, `No Data`.
    pub state: String,
    /// When one of its groups last went to Alert, in milliseconds since 1970.
    pub triggered_ms: Option<i64>,
    /// How long after its time data is evaluated.
    pub evaluation_delay: Duration,
}

/// An event to post.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Its title, at most 500 characters.
    pub title: String,
    /// Its text, at most 4,000 characters.
    pub text: String,
    /// `key:value`.
    pub tags: Vec<String>,
    /// Events with the same key are shown as one.
    pub aggregation_key: String,
}

#[derive(Deserialize)]
struct MonitorAnswer {
    id: u64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    tags: Vec<String>,
    overall_state: Option<String>,
    #[serde(default)]
    options: Value,
    #[serde(default)]
    state: Value,
}

impl MonitorAnswer {
    fn found(self) -> FoundMonitor {
        let groups = self.state.pointer("/groups").and_then(Value::as_object);
        let triggered = groups.into_iter().flatten();
        let triggered = triggered.filter_map(|(_, group)| group["last_triggered_ts"].as_i64());
        let delay = self.options["evaluation_delay"].as_u64();
        FoundMonitor {
            id: self.id,
            name: self.name,
            tags: self.tags,
            state: self.overall_state.unwrap_or_default(),
            triggered_ms: triggered.max().map(|seconds| seconds.saturating_mul(1000)),
            evaluation_delay: Duration::from_secs(delay.unwrap_or_default()),
        }
    }
}

impl Client {
    /// The monitors of exactly this name, with the states of their groups. Needs the scope
    /// `monitors_read`.
    ///
    /// # Errors
    /// The errors of any request, and answers that cannot be read.
    pub async fn monitors(&self, name: &str) -> Result<Vec<FoundMonitor>, ApiError> {
        let name_escaped = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let path = format!("/api/v1/monitor?group_states=all&name={name_escaped}");
        let answer = self.get(&path).await?;
        let found: Vec<MonitorAnswer> =
            serde_json::from_value(answer).map_err(|error| self.unreadable(error))?;
        // The API finds every name that contains this one.
        let found = found.into_iter().map(MonitorAnswer::found);
        Ok(found.filter(|monitor| monitor.name == name).collect())
    }

    /// Checks a monitor without creating it. Needs the scope `monitors_write`, as the other calls
    /// that change monitors.
    ///
    /// # Errors
    /// [`ApiError::Refused`] says what is wrong with it; and the errors of any request.
    pub async fn validate_monitor(&self, body: &Value) -> Result<(), ApiError> {
        let checked = self.post("/api/v1/monitor/validate", body).await;
        checked.map(drop)
    }

    /// Creates a monitor, or changes the one with this id.
    ///
    /// # Errors
    /// The errors of any request.
    pub async fn put_monitor(&self, id: Option<u64>, body: &Value) -> Result<(), ApiError> {
        match id {
            None => self.post("/api/v1/monitor", body).await,
            Some(id) => {
                let path = format!("/api/v1/monitor/{id}");
                self.ask(Method::PUT, &path, Some(body)).await
            }
        }
        .map(drop)
    }

    /// Posts an event that happens now. An API key suffices.
    ///
    /// # Errors
    /// The errors of any request.
    pub async fn post_event(&self, event: &NewEvent) -> Result<(), ApiError> {
        let body = json!({
            "title": event.title,
            "text": event.text,
            "tags": event.tags,
            "aggregation_key": event.aggregation_key,
        });
        self.post("/api/v1/events", &body).await.map(drop)
    }
}
