//! What CloudTrail would record of a change to a function.

use crate::{lambda::FunctionSettings, units::show_duration};

/// The events of `changes`, each with its name in CloudTrail and what it did. Durations that
/// only the sandbox knows are no change to the function.
pub(super) fn deployments(changes: &FunctionSettings) -> Vec<(&'static str, String)> {
    let mut events = Vec::new();
    let memory = changes.memory.map(|memory| format!("memory {memory}"));
    let timeout = changes
        .timeout
        .map(|timeout| format!("timeout {}", show_duration(timeout)));
    let configuration: Vec<String> = memory.into_iter().chain(timeout).collect();
    if !configuration.is_empty() {
        events.push(("UpdateFunctionConfiguration", configuration.join(", ")));
    }
    events.extend((changes.reserved_concurrency).map(|reserved| {
        let detail = format!("reserved concurrency {reserved}");
        ("PutFunctionConcurrency", detail)
    }));
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
