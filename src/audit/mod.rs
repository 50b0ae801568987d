//! Where the functions of a service stand towards every Insight, without sending any load: what
//! is met, how far the rest is from its limit, and what would cross it.
//!
//! What may be claimed is what `verify` claims: that the documented condition is met in the data
//! that was asked for. There is no expectation here, and no run whose requests could be counted.

mod apply;
mod ask;
mod crossing;
mod monitor;
mod standing;
mod tag;

use serde::Serialize;

pub use apply::{MonitorChange, apply_monitor, monitor_changes};
pub use ask::{Answers, AuditScope, answers, functions, services};
pub use crossing::{ChangeDirection, Crossing, Effect, MeasuredLevel, crossing, level};
pub use monitor::{
    LeftOut, Monitor, MonitorOptions, MonitorThresholds, Monitors, monitors, terraform,
};
pub use standing::{InsightStanding, standings};
pub use tag::{NoTagValue, TagValue};

use crate::{
    insight::{Basis, Met, Observation, Quantity},
    lang::Statement,
    record::Overall,
};

/// How a service's functions stand over one time range.
#[derive(Clone, Debug, Serialize)]
pub struct Audit {
    /// The format: [`Audit::SCHEMA`].
    pub schema: &'static str,
    /// The version of the loadgen that wrote it.
    pub tool_version: &'static str,
    /// Where the numbers come from.
    pub source: Statement,
    /// Whose answers they are.
    pub basis: Basis,
    /// The service that was asked for.
    pub service: Option<String>,
    /// The environment that was asked for.
    pub env: Option<String>,
    /// The time range in milliseconds since 1970.
    pub from_ms: i64,
    /// Its end.
    pub to_ms: i64,
    /// The functions, the most urgent first.
    pub functions: Vec<Audited>,
    /// What a reader must know to read the numbers right.
    pub notes: Vec<Statement>,
}

/// How one function stands.
#[derive(Clone, Debug, Serialize)]
pub struct Audited {
    /// The function's name, in lower case as Datadog has it.
    pub function: String,
    /// Every Insight, the most urgent first.
    pub insights: Vec<InsightStanding>,
    /// What was measured, for monitors of it.
    #[serde(skip)]
    pub seen: Observation,
}

impl Audited {
    /// How many Insights' conditions are met.
    pub fn met(&self) -> usize {
        let met = |standing: &&InsightStanding| standing.met == Met::Yes;
        self.insights.iter().filter(met).count()
    }

    /// Whether anything is known of it: something ran, and some condition could be determined.
    pub fn is_determined(&self) -> bool {
        let ran = [Quantity::Invocations, Quantity::CloudwatchInvocations]
            .iter()
            .any(|quantity| self.seen.get(*quantity).low() > 0);
        ran && self.insights.iter().any(|one| one.met != Met::CannotTell)
    }

    /// How near the nearest condition that is not met comes to its limit, from 0 to 1.
    fn nearest(&self) -> f64 {
        let unmet = self.insights.iter().filter(|one| one.met == Met::No);
        unmet.filter_map(|one| one.nearness).fold(0.0, f64::max)
    }
}

impl Audit {
    /// The format's name and version.
    pub const SCHEMA: &str = "loadgen.audit/2";

    /// How many functions meet the condition of at least one Insight.
    pub fn troubled(&self) -> usize {
        self.functions.iter().filter(|one| one.met() > 0).count()
    }

    /// How it stands: `missed` where some condition is met, and `met` only where something ran whose
    /// conditions could be determined.
    pub fn verdict(&self) -> Overall {
        match self.troubled() {
            0 if self.functions.iter().any(Audited::is_determined) => Overall::Met,
            0 => Overall::NotVerified,
            _ => Overall::Missed,
        }
    }

    /// Puts the most urgent functions first: those that meet most, then those that come nearest.
    pub fn sort(&mut self) {
        self.functions.sort_by(|a, b| {
            b.met()
                .cmp(&a.met())
                .then(b.nearest().total_cmp(&a.nearest()))
                .then_with(|| a.function.cmp(&b.function))
        });
    }
}
