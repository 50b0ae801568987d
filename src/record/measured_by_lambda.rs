//! What Lambda itself measured in a run: its REPORT lines, and how long environments initialised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::insight::Basis;

/// What Lambda's REPORT lines say about a run; an entry of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportLines {
    /// The function.
    pub function: String,
    /// How many of its REPORT lines lie in the run's time range, including those of other traffic.
    pub lines: u64,
    /// How many of them initialised or restored an environment.
    pub cold: u64,
    /// How many of them ran in an environment that existed already.
    pub warm: u64,
    /// How many of them are unknown, because the platform does not log initialisations.
    pub unknown: u64,
    /// How many of them were stopped at the timeout.
    pub timeouts: u64,
    /// At most this many requests reached the function and have no line.
    #[serde(default)]
    pub missing: u64,
    /// Requests of the run that an id joined with a line.
    pub joined: u64,
    /// The least share of the run's requests that can have met a cold environment, 0 to 1, if
    /// every line of the run has come.
    pub share_low: Option<f64>,
    /// The largest share.
    pub share_high: Option<f64>,
}

/// How long a function's environments initialised; an entry of `run.json`.
///
/// A marker gives the age of an environment, not its init time. The response time of a cold start
/// minus that of a warm one contains more than the initialisation. So only what Lambda itself
/// measured counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InitTimes {
    /// The function.
    pub function: String,
    /// The API or log that was asked.
    pub basis: Basis,
    /// The source of the times.
    pub source: InitSource,
    /// Initialisations in the run's time range, including those of other traffic.
    pub n: u64,
    /// Their mean, in milliseconds.
    pub mean_ms: Option<f64>,
    /// The longest of them, in milliseconds.
    pub max_ms: Option<f64>,
    /// Requests of the run that an id joined with the initialisation that they waited for. They are
    /// in `latency_ms.init.cold`.
    pub joined: u64,
}

/// The source of init times.
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
