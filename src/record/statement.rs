//! A fact that a run keeps: a code with its values. Programs read these; people read the sentence
//! that each report makes of them in its reader's language.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::insight::Id;

/// One fact, for example why a run is `missed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// What kind of fact it is: `no_answer`.
    pub code: String,
    /// What it is about, in the order that the kind of fact fixes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<StatementValue>,
    /// The same in English, for programs that show it as it is.
    pub text: String,
}

/// A value of a [`Statement`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementValue {
    /// A number of things.
    Count(u64),
    /// Insights, each on a function.
    Insights(Vec<InsightOn>),
    /// Failures by kind.
    Failures(Vec<FailureKind>),
    /// Thresholds whose figure has too few samples.
    TooFew(Vec<TooFewSamples>),
    /// Names in files: figures, keys.
    Names(Vec<String>),
    /// A text to be shown as it is, in no language.
    Verbatim(String),
    /// A kind of value that this version does not know.
    #[serde(untagged)]
    Other(serde_json::Value),
}

/// An Insight on a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InsightOn {
    /// Which Insight.
    pub id: Id,
    /// On which function; None: the entry function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
}

/// How many requests failed in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureKind {
    /// The class, as in `failures`: `http_error`.
    pub class: String,
    /// The HTTP status, where an answer had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How many.
    pub count: u64,
}

/// A threshold that its samples cannot support.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TooFewSamples {
    /// The figure: `response.cold.p95`.
    pub metric: String,
    /// How many samples there are.
    pub samples: u64,
    /// How many the figure needs.
    pub needed: u64,
}
