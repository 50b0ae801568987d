//! The twelve Insights by name.

use std::{fmt, str::FromStr};

use crate::lang::{Phrase, texts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

texts! {
    const;
    no_insight(found: &str, list: String): "`{}` is no Insight; there are: {}", "`{}`: 없는 인사이트입니다. 사용할 수 있는 값: {}";
}

/// An Insight, as Datadog's "Serverless Warnings" page lists them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each is documented in the file of its name.
pub enum Id {
    Errors,
    HighErrors,
    HighDuration,
    HighMemory,
    ColdStarts,
    OutOfMemory,
    Timeouts,
    Throttles,
    HighIteratorAge,
    OverProvisioned,
    ProvisionedConcurrency,
    ThreatsDetected,
}

impl Id {
    /// All Insights, in the order of Datadog's page.
    pub const ALL: [Id; 12] = [
        Id::Errors,
        Id::HighErrors,
        Id::HighDuration,
        Id::HighMemory,
        Id::ColdStarts,
        Id::OutOfMemory,
        Id::Timeouts,
        Id::Throttles,
        Id::HighIteratorAge,
        Id::OverProvisioned,
        Id::ProvisionedConcurrency,
        Id::ThreatsDetected,
    ];

    /// The name in scenarios, files and reports: `cold_starts`.
    pub fn key(self) -> &'static str {
        match self {
            Id::Errors => "errors",
            Id::HighErrors => "high_errors",
            Id::HighDuration => "high_duration",
            Id::HighMemory => "high_memory",
            Id::ColdStarts => "cold_starts",
            Id::OutOfMemory => "out_of_memory",
            Id::Timeouts => "timeouts",
            Id::Throttles => "throttles",
            Id::HighIteratorAge => "high_iterator_age",
            Id::OverProvisioned => "over_provisioned",
            Id::ProvisionedConcurrency => "provisioned_concurrency",
            Id::ThreatsDetected => "threats_detected",
        }
    }
}

impl FromStr for Id {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Id, Phrase> {
        Id::ALL
            .into_iter()
            .find(|id| id.key() == text)
            .ok_or_else(|| no_insight(text, Id::ALL.map(Id::key).join(", ")))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}
