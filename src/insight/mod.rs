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
mod id;
mod observation;
pub mod predict;
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
pub use condition::{Condition, Met, Reading};
pub use id::{Id, UnknownInsight};
pub use observation::{Basis, Doubt, Observation};
pub use quantity::{Aggregator, Quantity, tag_value};
pub use settings::Settings;

use crate::lang::Text;

/// One Insight: when it appears, what it needs and brings, and what to do about it.
#[derive(Clone, Copy, Debug)]
pub struct Insight {
    /// Which one.
    pub id: Id,
    /// Datadog's name for it.
    pub name: Text,
    /// When it appears, in words.
    pub when: Text,
    /// When it appears, to be evaluated.
    pub condition: Condition,
    /// What must be known or set up for Datadog to show it.
    pub needs: &'static [Need],
    /// What may follow from it: `absent = ["*"]` does not forbid these where this one is expected.
    pub implies: &'static [Id],
    /// What to do about it.
    pub advice: Text,
    /// Its section on Datadog's page.
    anchor: &'static str,
    /// What provokes it.
    pub provoked_by: Provoked,
}

/// What an Insight needs before it can appear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Enhanced Lambda metrics: Datadog's extension or forwarder.
    EnhancedMetrics,
    /// CloudWatch's metrics through Datadog's AWS integration, minutes late.
    AwsIntegration,
    /// The function's timeout setting.
    Timeout,
    /// The function's memory size.
    MemorySize,
    /// Provisioned concurrency on a version or alias that the traffic reaches.
    ProvisionedConcurrency,
    /// An event source that is a stream.
    Stream,
    /// Datadog's app security for serverless, `DD_SERVERLESS_APPSEC_ENABLED`.
    AppSecurity,
}

/// What provokes an Insight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provoked {
    /// A built-in scenario.
    By(&'static str),
    /// Nothing that can be sent to the sample app, and why.
    Never(Text),
}

impl Insight {
    /// Its section on Datadog's page of warnings.
    pub fn link(&self) -> String {
        format!(
            "https://docs.datadoghq.com/serverless/guide/serverless_warnings/#{}",
            self.anchor
        )
    }

    /// What `seen` says of it.
    pub fn evaluate(&self, seen: &Observation) -> Reading {
        self.condition.read(seen)
    }

    /// The Datadog queries that establish it for `function`.
    pub fn queries(&self, function: &str) -> Vec<(Aggregator, String)> {
        self.condition
            .quantities()
            .into_iter()
            .filter_map(|quantity| quantity.query(function))
            .collect()
    }

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

/// The texts of all that is said of an Insight on a function, in English where a run keeps it.
pub fn texts() -> Vec<Text> {
    let mut texts = [band::TEXTS, condition::TEXTS, observation::TEXTS].concat();
    texts.extend(quantity::texts());
    texts.extend(
        Id::ALL
            .iter()
            .filter_map(|id| match id.insight().condition {
                Condition::Unmeasured(why) => Some(why),
                _ => None,
            }),
    );
    texts
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
