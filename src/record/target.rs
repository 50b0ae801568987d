//! Where a run's requests went, and the functions behind it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::FunctionInfo;

/// What kind of target it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A loadgen sandbox, embedded or not.
    Sandbox,
    /// The sample app, or the reader's own function, on AWS.
    Aws,
    /// Any other HTTP server.
    #[default]
    Http,
}

/// Where the requests went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// What kind of target it is.
    pub kind: TargetKind,
    /// The address.
    pub url: String,
    /// The base address of its Datadog API, where known.
    pub datadog_url: Option<String>,
    /// The functions behind it.
    pub functions: FunctionNames,
    /// The AWS region of functions that were named, where their logs are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The emulator that stood in for AWS, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_endpoint: Option<String>,
    /// The functions' configuration that the sandbox reported when the run started; empty
    /// elsewhere.
    #[serde(default)]
    pub configured: Vec<FunctionInfo>,
    /// The run's time range on the target's own clock: the sandbox's runs ahead once idle
    /// phases were skipped.
    pub range: TimeRange,
}

impl Target {
    /// Whether the target is no sandbox and the function that answers was not named. Then no
    /// telemetry can be queried about it.
    pub fn unnamed(&self) -> bool {
        self.kind != TargetKind::Sandbox && self.functions.entry.is_none()
    }

    /// Whether functions of the reader's own ran there, as real processes.
    pub fn is_hosted(&self) -> bool {
        self.configured.iter().any(|function| function.hosted)
    }

    /// Whether it is known to be the sample app, deployed on AWS itself.
    pub fn is_deployed_sample(&self) -> bool {
        self.kind == TargetKind::Aws && self.functions.is_sample_app()
    }
}

/// The functions behind a target, as far as they were named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionNames {
    /// The function that answers the requests; None if it was not named.
    pub entry: Option<String>,
    /// The function that the sample app's queue feeds; None elsewhere.
    pub consumer: Option<String>,
    /// Further functions of the reader's own that are watched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watched: Vec<String>,
    /// The functions that requests invoked by Lambda's own API, the entry function first; empty where
    /// requests went to an address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invoked: Vec<String>,
    /// The functions that the scenario's requests name, the entry function first; empty where they name
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answering: Vec<String>,
    /// Their tag `service` in Datadog, if it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Their tag `env` in Datadog, if it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
}

impl FunctionNames {
    /// Stands for an entry function that was not named. No function can have this name.
    pub const UNNAMED: &str = "(unnamed function)";

    /// The sample app's.
    pub fn sample_app() -> FunctionNames {
        FunctionNames {
            entry: Some("datadog-sample-entry-function".to_owned()),
            consumer: Some("datadog-sample-sqs-consumer-function".to_owned()),
            ..FunctionNames::default()
        }
    }

    /// Whether they are the sample app's: only that one is known to have a queue and its consumer.
    pub fn is_sample_app(&self) -> bool {
        self.consumer.is_some()
    }

    /// The functions that requests were sent to, the entry function first.
    pub fn sent_to(&self) -> Vec<String> {
        match (self.invoked.as_slice(), self.answering.as_slice()) {
            ([], []) => vec![self.entry_or_unnamed().to_owned()],
            ([], several) | (several, _) => several.to_vec(),
        }
    }

    /// The entry function's name, or the name that stands for it.
    pub fn entry_or_unnamed(&self) -> &str {
        self.entry.as_deref().unwrap_or(FunctionNames::UNNAMED)
    }
}

/// From when to when, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimeRange {
    /// The start.
    pub from_ms: i64,
    /// The end.
    pub to_ms: i64,
}
