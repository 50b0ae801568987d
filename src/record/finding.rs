//! What a run's record says of each Insight, and of the run as a whole.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    insight::{Basis, Id, Met, MonitorDemand},
    lang::Statement,
};

/// What was demanded of an Insight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// It must appear.
    Present,
    /// It must not appear, said of this Insight by name.
    Absent,
    /// It must not appear, as one of all the others (`absent = ["*"]`). That one of them cannot be
    /// determined is no failure, since some Insights have no metric at all; that none can be is.
    Others,
}

/// How expectation and observation compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Expected and met.
    Seen,
    /// Expected, and not met in complete data.
    Missing,
    /// Expected, and not met in data that may not be complete yet.
    NotSeenYet,
    /// Forbidden and met.
    Unexpected,
    /// Neither expected nor forbidden, and met.
    AlsoSeen,
    /// Not met and not expected.
    Absent,
    /// What is known allows both.
    CannotTell,
}

/// The verdict on a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overall {
    /// Requests were answered, and everything that was expected, forbidden or limited holds.
    Met,
    /// Something expected was missed.
    Missed,
    /// Nothing was missed, but something that was expected or forbidden could not be determined, or
    /// nothing was checked at all.
    #[default]
    NotVerified,
}

/// One Insight of one function: an entry of `insights` in `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Which Insight.
    pub id: Id,
    /// Which function.
    pub function: String,
    /// What was demanded, where anything was.
    pub expected: Option<Demand>,
    /// What the plan said.
    pub predicted: Option<Met>,
    /// What the client's samples say.
    pub client: Option<Met>,
    /// What the sandbox or Datadog says.
    pub observed: Option<Met>,
    /// The arithmetic behind the verdict.
    pub measured: Statement,
    /// What the verdict rests on.
    pub basis: Basis,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: Statement,
    /// Where to read on: Datadog's page of warnings, or the function in Datadog.
    pub link: String,
    /// The queries that were asked, for a verdict that rests on answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<String>,
}

/// One Datadog monitor: an entry of `monitors` in `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitorFinding {
    /// Its name.
    pub monitor: String,
    /// What it had to do.
    pub expected: MonitorDemand,
    /// The verdict: `seen` where it did, `missing` or `unexpected` where it did not.
    pub verdict: Verdict,
    /// Why.
    pub reason: Statement,
    /// Its page in Datadog; empty where it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
}

impl Finding {
    /// Whether it decides over success.
    pub fn missed(&self) -> bool {
        matches!(self.verdict, Verdict::Missing | Verdict::Unexpected)
    }

    /// Whether something was demanded by name and nobody could tell.
    pub fn is_undetermined(&self) -> bool {
        matches!(self.expected, Some(Demand::Present | Demand::Absent))
            && matches!(self.verdict, Verdict::CannotTell | Verdict::NotSeenYet)
    }
}

/// What came of a limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdResult {
    /// The figure: `response.warm.p95`.
    pub metric: String,
    /// The limit as written: `< 800ms`.
    pub limit: String,
    /// Whether it is a condition of `--abort-on`, which is not to become so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_run: bool,
    /// The figure's value in its own unit; None where it has none, for example a percentile
    /// that too few samples support.
    pub value: Option<f64>,
    /// Whether the limit was kept; None where there is no value, which counts as missed.
    pub met: Option<bool>,
    /// How many samples a figure without value has, and how many it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<Support>,
}

/// The samples of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Support {
    /// How many there are.
    pub samples: u64,
    /// How many it needs.
    pub needed: u64,
}
