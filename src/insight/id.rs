//! The twelve Insights by name.

use std::str::FromStr;

use crate::lang::{Phrase, texts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

texts! {
    const;
    no_insight(found: &str, list: String): "`{}` is no Insight; there are: {}", "`{}`: 없는 인사이트입니다. 사용할 수 있는 값: {}";
}

/// An Insight, as Datadog's "Serverless Warnings" page lists them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
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
    pub const ALL: &[Id] = <Id as strum::VariantArray>::VARIANTS;

    /// The name in scenarios, files and reports: `cold_starts`.
    pub fn key(self) -> &'static str {
        self.into()
    }
}

impl FromStr for Id {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Id, Phrase> {
        Id::ALL
            .iter()
            .copied()
            .find(|id| id.key() == text)
            .ok_or_else(|| {
                let keys: Vec<&str> = Id::ALL.iter().map(|id| id.key()).collect();
                no_insight(text, keys.join(", "))
            })
    }
}
