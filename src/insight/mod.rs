//! The catalogue of Datadog's Insights, one file per Insight, and the one evaluation that serves
//! prediction (from a plan), expectation (from samples) and verification (from Datadog's answers).
//!
//! The names and conditions are those of Datadog's page "Serverless Warnings"
//! (docs.datadoghq.com/serverless/guide/serverless_warnings). Its English text says "more than",
//! its Korean text "or more"; the English one counts here, so exactly 1 % does not fire.
//! The page does not publish the queries behind the badges: what is evaluated is the documented
//! condition, always for one function over one time range.

mod band;
mod client;
mod condition;
mod definition;
mod id;
mod monitor;
mod observation;
mod quantity;
mod settings;

mod cold_starts;
mod errors;
mod high_duration;
mod high_errors;
mod high_iterator_age;
mod high_memory;
mod out_of_memory;
mod over_provisioned;
mod provisioned_concurrency;
mod threats_detected;
mod throttles;
mod timeouts;

pub use band::Band;
pub use client::ClientView;
pub use condition::{Condition, Evaluation, Met, Ratio};
pub use definition::{Insight, Need, Provoked};
pub use id::Id;
pub use monitor::MonitorDemand;
pub use observation::{Basis, Doubt, Observation};
pub use quantity::{Aggregator, MOST_ERRORS_PER_FAILURE, Quantity, tag_value};
pub use settings::KnownSettings;

impl Insight {
    /// Everything that may follow from it, directly or not.
    pub fn implied(&self) -> Vec<Id> {
        let mut found: Vec<Id> = Vec::new();
        let mut open: Vec<Id> = self.implies.to_vec();
        while let Some(id) = open.pop() {
            if id != self.id && !found.contains(&id) {
                found.push(id);
                open.extend(id.insight().implies);
            }
        }
        found.sort();
        found
    }
}

impl Id {
    /// Its entry in the catalogue.
    pub fn insight(self) -> &'static Insight {
        match self {
            Id::Errors => &errors::INSIGHT,
            Id::HighErrors => &high_errors::INSIGHT,
            Id::HighDuration => &high_duration::INSIGHT,
            Id::HighMemory => &high_memory::INSIGHT,
            Id::ColdStarts => &cold_starts::INSIGHT,
            Id::OutOfMemory => &out_of_memory::INSIGHT,
            Id::Timeouts => &timeouts::INSIGHT,
            Id::Throttles => &throttles::INSIGHT,
            Id::HighIteratorAge => &high_iterator_age::INSIGHT,
            Id::OverProvisioned => &over_provisioned::INSIGHT,
            Id::ProvisionedConcurrency => &provisioned_concurrency::INSIGHT,
            Id::ThreatsDetected => &threats_detected::INSIGHT,
        }
    }
}

#[cfg(test)]
mod tests;
