//! The record of a shared run: of a shard by itself, and of all shards once they are merged.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ThresholdResult;
use crate::schedule::Shard;

/// The part of a run that one process sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShardReport {
    /// Which part: `index`, from 0, and `of` how many.
    #[serde(flatten)]
    pub shard: Shard,
    /// When all parts start, by the wall clock.
    #[schemars(with = "String")]
    pub start_at: Timestamp,
    /// How long after that this one started, in milliseconds.
    pub start_lag_ms: f64,
    /// Whether the kernel called this machine's clock synchronised; None if unknown.
    pub clock_synchronised: Option<bool>,
    /// Requests that all parts plan together; 0 in a closed loop.
    pub planned: u64,
    /// The planned requests of each phase.
    pub phases: Vec<u64>,
    /// The thresholds of the scenario. Only the merged run is judged by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<ThresholdResult>,
}

/// The result of one shard of a merged run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShardResult {
    /// Which shard, from 0.
    pub index: u64,
    /// Whether its record was found.
    pub found: bool,
    /// Whether it ran to its end.
    pub complete: bool,
    /// Requests of its part.
    pub planned: u64,
    /// How many of them were sent.
    pub sent: u64,
    /// How long after the common start it started, in milliseconds.
    pub start_lag_ms: Option<f64>,
    /// 99 % of its requests were sent at most this late, in milliseconds.
    pub send_lag_p99_ms: Option<f64>,
    /// Whether the kernel called its machine's clock synchronised.
    pub clock_synchronised: Option<bool>,
}
