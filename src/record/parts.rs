//! Each named request and each flow of a run, and its sign-ins.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stats::{Class, ColdShare, Measure, PartTally, Summary};

/// What was measured of the requests of one name, or of one flow: an entry of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PartReport {
    /// Its name.
    pub name: String,
    /// Requests sent.
    pub sent: u64,
    /// Answers that are a success.
    pub ok: u64,
    /// Other answers, failures and timeouts.
    pub failed: u64,
    /// Cold starts.
    pub cold: ColdShare,
    /// Latencies in milliseconds by measure and class, as in the run's own record.
    pub latency_ms: BTreeMap<Measure, BTreeMap<Class, Summary>>,
}

impl PartReport {
    /// From its sums.
    pub(super) fn of(
        tally: &PartTally,
        latency_ms: BTreeMap<Measure, BTreeMap<Class, Summary>>,
    ) -> PartReport {
        let counts = &tally.counts;
        PartReport {
            name: tally.name.clone(),
            sent: counts.requests.sent,
            ok: counts
                .requests
                .completed
                .saturating_sub(counts.error_answers),
            failed: counts.bad(),
            cold: counts.cold_share(),
            latency_ms,
        }
    }

    /// The numbers of one latency.
    pub fn latency(&self, measure: Measure, class: Class) -> Summary {
        let classes = self.latency_ms.get(&measure);
        classes
            .and_then(|classes| classes.get(&class))
            .cloned()
            .unwrap_or_default()
    }
}

/// The sign-ins of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignInReport {
    /// Sent.
    pub sent: u64,
    /// Sign-ins without a usable token.
    pub failed: u64,
    /// How long they took on average, in milliseconds.
    pub mean_ms: f64,
    /// The longest, in milliseconds.
    pub max_ms: f64,
}
