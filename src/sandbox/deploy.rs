//! What CloudTrail would record of a change to a function.

use crate::{lambda::Changes, units::show_duration};

/// The events of `changes`, each with its name in CloudTrail and what it did. Durations that
/// only the sandbox knows are no change to the function.
pub(super) fn deployments(changes: &Changes) -> Vec<(&'static str, String)> {
    let mut events = Vec::new();
    let memory = changes.memory.map(|memory| format!("memory {memory}"));
    let timeout = changes
        .timeout
        .map(|timeout| format!("timeout {}", show_duration(timeout)));
    let configuration: Vec<String> = memory.into_iter().chain(timeout).collect();
    if !configuration.is_empty() {
        events.push(("UpdateFunctionConfiguration", configuration.join(", ")));
    }
    match changes.reserved_concurrency {
        Some(Some(reserved)) => events.push((
            "PutFunctionConcurrency",
            format!("reserved concurrency {reserved}"),
        )),
        Some(None) => events.push((
            "DeleteFunctionConcurrency",
            "no reserved concurrency".to_owned(),
        )),
        None => {}
    }
    match changes.provisioned_concurrency {
        Some(0) => events.push((
            "DeleteProvisionedConcurrencyConfig",
            "no provisioned concurrency".to_owned(),
        )),
        Some(provisioned) => events.push((
            "PutProvisionedConcurrencyConfig",
            format!("provisioned concurrency {provisioned}"),
        )),
        None => {}
    }
    events
}
