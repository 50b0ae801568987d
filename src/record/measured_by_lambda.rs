//! What Lambda itself measured of a run: its REPORT lines and how long environments initialised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::insight::Basis;

/// What Lambda's REPORT lines say of a run as a whole, an entry of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportLines {
    /// The function.
    pub function: String,
    /// How many of its REPORT lines lie in the run's time range, whoever caused them.
    pub lines: u64,
    /// Of them: an environment was initialised or restored for it.
    pub cold: u64,
    /// Of them: its environment had been there before.
    pub warm: u64,
    /// Of them: the platform does not write initialisations down.
    pub unknown: u64,
    /// Of them: stopped at the timeout.
    pub timeouts: u64,
    /// Requests that may have reached the function and have no line, at most.
    #[serde(default)]
    pub missing: u64,
    /// Requests of the run that an id joined with a line.
    pub joined: u64,
    /// The least share of the run's requests that can have met a cold environment, 0 to 1, if
    /// every line of the run has come.
    pub share_low: Option<f64>,
    /// The largest such share.
    pub share_high: Option<f64>,
}

/// What says how long a function's environments initialised, an entry of `run.json`.
///
/// A marker says how old an environment is and not how long it took to come up, and the response
/// time of a cold start less that of a warm one holds more than the initialisation. So only what
/// Lambda itself measured counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InitTimes {
    /// The function.
    pub function: String,
    /// Who was asked.
    pub basis: Basis,
    /// What it rests on.
    pub source: InitSource,
    /// Initialisations in the run's time range, whoever caused them.
    pub n: u64,
    /// Their mean, in milliseconds.
    pub mean_ms: Option<f64>,
    /// The longest of them, in milliseconds.
    pub max_ms: Option<f64>,
    /// Requests of the run that an id joined with the initialisation that they waited for: those
    /// are in `latency_ms.init.cold`.
    pub joined: u64,
}

/// What an init time rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InitSource {
    /// `Init Duration` or `Restore Duration` in Lambda's REPORT lines.
    ReportLines,
    /// The metric `aws.lambda.enhanced.init_duration`: count, sum and largest value.
    Metric,
    /// The model of a simulation.
    Model,
}
