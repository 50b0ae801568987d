//! How far a service's functions are from every Insight, without sending any load: which conditions
//! are met, how far the others are from their limits, and what would cross them.
//!
//! An audit claims what `verify` claims: that the documented condition is met in the queried data.
//! There is no expectation here, and no run whose requests could be counted.

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
pub use tag::TagValue;

use crate::{
    insight::{Basis, Met, Observation, Quantity},
    lang::Statement,
    record::Overall,
};

/// The state of a service's functions over one time range.
#[derive(Clone, Debug, Serialize)]
pub struct Audit {
    /// The format: [`Audit::SCHEMA`].
    pub schema: &'static str,
    /// The version of the loadgen that wrote it.
    pub tool_version: &'static str,
    /// The source of the numbers.
    pub source: Statement,
    /// The API that answered.
    pub basis: Basis,
    /// The requested service.
    pub service: Option<String>,
    /// The requested environment.
    pub env: Option<String>,
    /// The time range in milliseconds since 1970.
    pub from_ms: i64,
    /// Its end.
    pub to_ms: i64,
    /// The functions, the most urgent first.
    pub functions: Vec<Audited>,
    /// What a reader must know to interpret the numbers.
    pub notes: Vec<Statement>,
}

/// The state of one function.
#[derive(Clone, Debug, Serialize)]
pub struct Audited {
    /// The function's name, in lower case as Datadog has it.
    pub function: String,
    /// Every Insight, the most urgent first.
    pub insights: Vec<InsightStanding>,
    /// What was measured, for its monitors.
    #[serde(skip)]
    pub seen: Observation,
}

impl Audited {
    /// How many Insights' conditions are met.
    pub fn met(&self) -> usize {
        let met = |standing: &&InsightStanding| standing.met == Met::Yes;
        self.insights.iter().filter(met).count()
    }

    /// Whether its state is known: something ran, and some condition could be determined.
    pub fn is_determined(&self) -> bool {
        let ran = [Quantity::Invocations, Quantity::CloudwatchInvocations]
            .iter()
            .any(|quantity| self.seen.get(*quantity).low() > 0);
        ran && self.insights.iter().any(|one| one.met != Met::CannotTell)
    }

    /// How close the closest condition that is not met is to its limit, from 0 to 1.
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

    /// The verdict: `missed` if some condition is met, and `met` only if something ran whose
    /// conditions could be determined.
    pub fn verdict(&self) -> Overall {
        match self.troubled() {
            0 if self.functions.iter().any(Audited::is_determined) => Overall::Met,
            0 => Overall::NotVerified,
            _ => Overall::Missed,
        }
    }

    /// Sorts by urgency: functions with the most conditions met first, then those closest to a
    /// limit.
    pub fn sort(&mut self) {
        self.functions.sort_by(|a, b| {
            b.met()
                .cmp(&a.met())
                .then(b.nearest().total_cmp(&a.nearest()))
                .then_with(|| a.function.cmp(&b.function))
        });
    }
}
