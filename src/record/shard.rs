//! What the record of a run says that machines share: of a shard by itself, and of all of them once
//! they are merged.

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
    /// Whether the kernel called this machine's clock synchronised; None where it does not say.
    pub clock_synchronised: Option<bool>,
    /// Requests that all parts together plan; 0 in a closed loop.
    pub planned: u64,
    /// The same for each phase.
    pub phases: Vec<u64>,
    /// The limits of the scenario, which only the merged run is held to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<ThresholdResult>,
}

/// What came of one shard of a merged run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShardResult {
    /// Which shard, from 0.
    pub index: u64,
    /// Whether its record was there.
    pub found: bool,
    /// Whether it went on to its end.
    pub complete: bool,
    /// Requests of its part.
    pub planned: u64,
    /// Of which so many were sent.
    pub sent: u64,
    /// How long after the common start it started, in milliseconds.
    pub start_lag_ms: Option<f64>,
    /// 99 % of its requests were sent at most this late, in milliseconds.
    pub send_lag_p99_ms: Option<f64>,
    /// Whether the kernel called its machine's clock synchronised.
    pub clock_synchronised: Option<bool>,
}
