//! What a deployment sets, as the template's parameters.

use std::time::Duration;

use serde_json::{Value, json};

use super::stack::TEMPLATE;
use crate::units::Memory;

/// What `deploy` sets; what is `None` keeps its value, or gets the template's default at first.
#[derive(Default)]
pub struct Deployment {
    /// `DdApiKey`.
    pub api_key: Option<String>,
    /// `DdSite`.
    pub site: Option<String>,
    /// `LoadgenFaultKey`; made up at first where it is `None`.
    pub fault_key: Option<String>,
    /// `MemorySize`.
    pub memory: Option<Memory>,
    /// `Timeout`, in whole seconds.
    pub timeout: Option<Duration>,
    /// `ReservedConcurrency`.
    pub reserved_concurrency: Option<u32>,
}

impl Deployment {
    /// The stack's parameters for CloudFormation: what is set here, and for the rest what the stack
    /// `before` has. `hide` puts asterisks in place of secrets.
    pub(super) fn parameters(&self, before: Option<&Value>, hide: bool) -> Vec<Value> {
        let secret = |value: &Option<String>| {
            value.as_ref().map(|value| {
                if hide {
                    "***".to_owned()
                } else {
                    value.clone()
                }
            })
        };
        let values = [
            ("DdApiKey", secret(&self.api_key)),
            ("DdSite", self.site.clone()),
            ("LoadgenFaultKey", secret(&self.fault_key)),
            (
                "MemorySize",
                self.memory.map(|memory| memory.mb().to_string()),
            ),
            (
                "Timeout",
                self.timeout.map(|timeout| timeout.as_secs().to_string()),
            ),
            (
                "ReservedConcurrency",
                self.reserved_concurrency.map(|limit| limit.to_string()),
            ),
        ];
        let known = before.map(|found| found["Parameters"].as_array().cloned().unwrap_or_default());
        let known: Vec<String> = known
            .into_iter()
            .flatten()
            .filter_map(|parameter| parameter["ParameterKey"].as_str().map(str::to_owned))
            .collect();
        let set: Vec<&str> = values
            .iter()
            .filter(|(_, value)| value.is_some())
            .map(|(key, _)| *key)
            .collect();
        let kept = known
            .iter()
            .filter(|key| {
                !set.contains(&key.as_str()) && TEMPLATE.contains(&format!("\n  {key}:\n"))
            })
            .map(|key| json!({ "ParameterKey": key, "UsePreviousValue": true }));
        let new = values.iter().filter_map(|(key, value)| {
            value
                .as_ref()
                .map(|value| json!({ "ParameterKey": key, "ParameterValue": value }))
        });
        new.chain(kept).collect()
    }
}
