//! What a deployment sets: the template and its parameters.

use std::time::Duration;

use serde_json::{Value, json};

use crate::units::Memory;

/// The template that `deploy` sends.
pub(super) const TEMPLATE: &str = include_str!("../../book/sample-app/template.yaml");
/// The template's parameters that are never shown.
const SECRETS: [&str; 2] = ["DdApiKey", "LoadgenFaultKey"];

/// What `deploy` sets. `None` keeps the deployed value; a new stack gets the template's default.
#[derive(Default)]
pub struct Deployment {
    /// `DdApiKey`.
    pub api_key: Option<String>,
    /// `DdSite`.
    pub site: Option<String>,
    /// `LoadgenFaultKey`.
    pub fault_key: Option<String>,
    /// `MemorySize`.
    pub memory: Option<Memory>,
    /// `Timeout`, which Lambda takes in seconds.
    pub timeout: Option<Duration>,
    /// `ReservedConcurrency`.
    pub reserved_concurrency: Option<u32>,
}

impl Deployment {
    fn values(&self) -> [(&'static str, Option<String>); 6] {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        [
            ("DdApiKey", self.api_key.clone()),
            ("DdSite", self.site.clone()),
            ("LoadgenFaultKey", self.fault_key.clone()),
            (
                "MemorySize",
                number(self.memory.map(|memory| memory.mb().into())),
            ),
            (
                "Timeout",
                number(self.timeout.map(|timeout| timeout.as_secs())),
            ),
            (
                "ReservedConcurrency",
                number(self.reserved_concurrency.map(u64::from)),
            ),
        ]
    }

    /// CloudFormation's parameters: the values set here, and of the parameters that are `deployed`
    /// the previous values. `hide` shows asterisks in place of secrets.
    pub(super) fn parameters(&self, deployed: &[&str], hide: bool) -> Vec<Value> {
        let values = self.values();
        // Only parameters of this template: an older stack may have others.
        let is_kept = |key: &str| {
            let is_set = values
                .iter()
                .any(|(set, value)| *set == key && value.is_some());
            !is_set && TEMPLATE.contains(&format!("\n  {key}:\n"))
        };
        let kept = deployed.iter().filter(|key| is_kept(key));
        let kept = kept.map(|key| json!({ "ParameterKey": key, "UsePreviousValue": true }));
        let set = values.iter().filter_map(|(key, value)| {
            let value = value.as_deref()?;
            let shown = if hide && SECRETS.contains(key) {
                "***"
            } else {
                value
            };
            Some(json!({ "ParameterKey": key, "ParameterValue": shown }))
        });
        set.chain(kept).collect()
    }
}
