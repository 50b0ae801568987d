//! Each function of a run that invokes several.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PartReport;
use crate::{
    lambda::cost_usd,
    stats::{Class, Measure, PartTally, Summary},
    units::Memory,
};

/// What was measured of one function of several, an entry of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionReport {
    /// Its requests.
    #[serde(flatten)]
    pub requests: PartReport,
    /// Its memory size, in MB, where its REPORT lines came with the answers.
    pub memory_mb: Option<u64>,
    /// The most memory that an environment used, in MB.
    pub memory_used_mb: Option<u64>,
    /// What Lambda asks for a thousand such invocations, in US dollars at list price, without free
    /// tiers.
    pub usd_per_thousand: Option<f64>,
}

impl FunctionReport {
    /// From its sums.
    pub(super) fn of(
        tally: &PartTally,
        latency_ms: BTreeMap<Measure, BTreeMap<Class, Summary>>,
    ) -> FunctionReport {
        let (billed_ms, billed) = tally.billed;
        let memory = tally.memory_mb.and_then(|mb| u32::try_from(mb).ok());
        let memory = memory.and_then(|mb| Memory::from_mb(mb).ok());
        let each = (billed > 0).then(|| billed_ms / billed as f64);
        let each = each.and_then(|ms| Duration::try_from_secs_f64(ms / 1e3).ok());
        FunctionReport {
            requests: PartReport::of(tally, latency_ms),
            memory_mb: tally.memory_mb,
            memory_used_mb: tally.memory_used_mb,
            usd_per_thousand: (memory.zip(each))
                .map(|(memory, each)| 1e3 * cost_usd(each, memory, false)),
        }
    }
}
