//! What an Insight is: an entry of the catalogue.

use super::{
    condition::{Condition, Evaluation},
    id::Id,
    observation::Observation,
    quantity::Aggregator,
};
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
    pub(super) anchor: &'static str,
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
    pub fn evaluate(&self, seen: &Observation) -> Evaluation {
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
}
