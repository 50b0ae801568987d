//! What a simulation shows of each function, as Datadog would have measured it.

use serde::Serialize;

use super::scenario::Simulation;
use crate::{
    insight::{
        Band, Basis, Id, KnownSettings, MOST_ERRORS_PER_FAILURE, Met, Observation, Quantity,
    },
    lambda::{End, FunctionId, Invocation, Start, provisioned_usd},
    stats::{Class, Latencies, Measure, Summary},
    units::Memory,
};

/// One function of a simulation, in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionTotals {
    /// The function's name.
    pub function: String,
    /// Its memory size.
    pub memory: Memory,
    /// How often it ran.
    pub invocations: u64,
    /// How often Datadog tags that `cold_start:true`.
    pub cold: u64,
    /// How many of them ran in an environment that a timeout or a kill had reset.
    pub reset: u64,
    /// First invocations of an environment that was initialised ahead or provisioned.
    pub ready_ahead: u64,
    /// How often its limits refused.
    pub throttled: u64,
    /// Invocations that raised, or returned a status from 500 up.
    pub errors: u64,
    /// Invocations stopped at the timeout.
    pub timeouts: u64,
    /// Invocations killed for their memory.
    pub out_of_memory: u64,
    /// The longest reported duration in milliseconds.
    pub longest_ms: Option<f64>,
    /// The most memory used, in MiB.
    pub memory_used_mb: Option<u32>,
    /// What it costs in US dollars, provisioned concurrency included.
    pub cost_usd: f64,
}

impl Simulation {
    /// One function in numbers.
    pub fn totals(&self, id: FunctionId) -> FunctionTotals {
        let function = self.function(id);
        let count = |which: fn(&Invocation) -> bool| -> u64 {
            self.of(id).filter(|i| which(i)).count() as u64
        };
        let provisioned = provisioned_usd(
            function.provisioned_concurrency,
            function.memory,
            self.length,
        );
        FunctionTotals {
            function: function.name.clone(),
            memory: function.memory,
            invocations: count(|_| true),
            cold: count(Invocation::tagged_cold),
            reset: count(|i| matches!(i.start, Start::Reset { .. })),
            ready_ahead: count(|i| matches!(i.start, Start::Proactive { .. } | Start::Provisioned)),
            throttled: self.throttles(id),
            errors: count(|i| matches!(i.end, End::Exception | End::Status(500..))),
            timeouts: count(|i| i.end == End::Timeout),
            out_of_memory: count(|i| i.end == End::OutOfMemory),
            longest_ms: self
                .of(id)
                .map(|i| i.duration.as_secs_f64() * 1e3)
                .reduce(f64::max),
            memory_used_mb: self.of(id).map(|i| i.memory_used_mb).max(),
            cost_usd: provisioned + self.of(id).map(|i| i.cost_usd).sum::<f64>(),
        }
    }

    /// What a client waits, from planned send to the last byte, in milliseconds.
    pub fn response(&self) -> Summary {
        let mut latencies = Latencies::default();
        for sample in &self.samples {
            latencies.record(sample);
        }
        latencies.summary(Measure::Response, Class::All)
    }

    /// One function as Datadog would have measured it. Its basis is the sandbox's, which is the
    /// same model.
    pub fn observation(&self, id: FunctionId) -> Observation {
        let function = self.function(id);
        let totals = self.totals(id);
        let failed = totals.errors + totals.timeouts + totals.out_of_memory;
        let longest = self.of(id).map(|i| i.duration.as_micros()).max();
        let mut seen = Observation::new(function.name.clone(), Basis::Sandbox)
            .with(Quantity::Invocations, Band::exactly(totals.invocations))
            .with(
                Quantity::CloudwatchInvocations,
                Band::exactly(totals.invocations),
            )
            .with(
                Quantity::Errors,
                Band::between(failed, failed.saturating_mul(MOST_ERRORS_PER_FAILURE)),
            )
            .with(Quantity::ColdStarts, Band::exactly(totals.cold))
            .with(Quantity::Timeouts, Band::exactly(totals.timeouts))
            .with(Quantity::OutOfMemory, Band::exactly(totals.out_of_memory))
            .with(Quantity::Throttles, Band::exactly(totals.throttled));
        if let Some(longest) = longest {
            let longest = u64::try_from(longest).unwrap_or(u64::MAX);
            seen.set(Quantity::LongestDuration, Band::exactly(longest));
        }
        if let Some(used) = totals.memory_used_mb {
            seen.set(Quantity::MemoryUsed, Band::exactly(u64::from(used) * 1024));
        }
        if let Some(share) = self.provisioned_use(id) {
            let ppm = (share * 1e6) as u64;
            seen.set(Quantity::ProvisionedUtilization, Band::exactly(ppm));
        }
        self.settings(id).fill(&mut seen);
        seen
    }

    /// The function's configuration, as Insights need it.
    pub fn settings(&self, id: FunctionId) -> KnownSettings {
        let function = self.function(id);
        KnownSettings {
            timeout: Some(function.timeout),
            memory: Some(function.memory),
            provisioned_concurrency: Some(function.provisioned_concurrency),
            sample_app: true,
        }
    }

    /// The Insights whose documented condition the function meets.
    pub fn insights(&self, id: FunctionId) -> Vec<Id> {
        let seen = self.observation(id);
        Id::ALL
            .iter()
            .copied()
            .filter(|id| id.insight().evaluate(&seen).met == Met::Yes)
            .collect()
    }

    /// The share of its provisioned environments' time that was used, 0 to 1.
    fn provisioned_use(&self, id: FunctionId) -> Option<f64> {
        let kept = f64::from(self.function(id).provisioned_concurrency);
        let available = kept * self.length.as_secs_f64();
        if available <= 0.0 {
            return None;
        }
        let used: f64 = self
            .of(id)
            .filter(|i| i.provisioned)
            .map(|i| i.duration.as_secs_f64())
            .sum();
        Some((used / available).min(1.0))
    }
}
