//! Each function of a run that invokes several.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    lambda::cost_usd,
    stats::{Class, ColdShare, Measure, PartTally, Summary},
    units::Memory,
};

/// What was measured of one function of several, an entry of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionReport {
    /// Its name.
    pub name: String,
    /// Requests sent to it.
    pub sent: u64,
    /// Answers that are a success.
    pub ok: u64,
    /// Other answers, failures and timeouts.
    pub failed: u64,
    /// Cold starts.
    pub cold: ColdShare,
    /// Latencies in milliseconds by measure and class, as in the run's `latency_ms`.
    pub latency_ms: BTreeMap<Measure, BTreeMap<Class, Summary>>,
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
        let counts = &tally.counts;
        let (billed_ms, billed) = tally.billed;
        let memory = tally.memory_mb.and_then(|mb| u32::try_from(mb).ok());
        let memory = memory.and_then(|mb| Memory::from_mb(mb).ok());
        let each = (billed > 0).then(|| billed_ms / billed as f64);
        let each = each.and_then(|ms| Duration::try_from_secs_f64(ms / 1e3).ok());
        FunctionReport {
            name: tally.name.clone(),
            sent: counts.sent,
            ok: counts.completed - counts.error_answers,
            failed: counts.bad(),
            cold: counts.cold_share(),
            latency_ms,
            memory_mb: tally.memory_mb,
            memory_used_mb: tally.memory_used_mb,
            usd_per_thousand: (memory.zip(each))
                .map(|(memory, each)| 1e3 * cost_usd(each, memory, false)),
        }
    }

    /// The numbers of one latency.
    pub fn latency(&self, measure: Measure, class: Class) -> Summary {
        let found = self.latency_ms.get(&measure);
        found
            .and_then(|classes| classes.get(&class))
            .cloned()
            .unwrap_or_default()
    }
}
