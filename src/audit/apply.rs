//! Writes monitors to Datadog: new ones are created, and those that loadgen created before are
//! changed.

use serde_json::json;

use super::{Monitor, tag::CREATED_BY};
use crate::datadog::{ApiError, Client, FoundMonitor};

/// The change to a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonitorChange {
    /// No monitor has this name: it is created.
    Create,
    /// loadgen created the monitor with this id: it is changed.
    Update(u64),
    /// Another user created a monitor of this name, or several have it: they stay unchanged.
    Leave,
}

/// The change that each monitor needs. Changes nothing; the API validates each monitor that would
/// be written.
///
/// # Errors
/// What the API refuses, and the errors of any request.
pub async fn monitor_changes(
    client: &Client,
    monitors: &[Monitor],
) -> Result<Vec<MonitorChange>, ApiError> {
    let mut changes = Vec::with_capacity(monitors.len());
    for monitor in monitors {
        let change = change(&client.monitors(&monitor.name).await?);
        if change != MonitorChange::Leave {
            client.validate_monitor(&json!(monitor)).await?;
        }
        changes.push(change);
    }
    Ok(changes)
}

/// Makes the change.
///
/// # Errors
/// What the API refuses, and the errors of any request.
pub async fn apply_monitor(
    client: &Client,
    monitor: &Monitor,
    change: MonitorChange,
) -> Result<(), ApiError> {
    match change {
        MonitorChange::Create => client.put_monitor(None, &json!(monitor)).await,
        MonitorChange::Update(id) => client.put_monitor(Some(id), &json!(monitor)).await,
        MonitorChange::Leave => Ok(()),
    }
}

fn change(there: &[FoundMonitor]) -> MonitorChange {
    match there {
        [] => MonitorChange::Create,
        [one] if one.tags.iter().any(|tag| tag == CREATED_BY) => MonitorChange::Update(one.id),
        _ => MonitorChange::Leave,
    }
}
