//! The findings in a run's record: on each Insight, and on the run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    insight::{Basis, Id, Met, MonitorDemand},
    lang::Statement,
};

/// What the scenario demands of an Insight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// It must appear.
    Present,
    /// It must not appear: `absent` names it.
    Absent,
    /// It must not appear, as one of all the others (`absent = ["*"]`). If one of them cannot be
    /// determined, that is no failure, since some Insights have no metric at all. If none can be
    /// determined, it is.
    Others,
}

/// The result of comparing expectation and observation.
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
    /// The data allows both.
    CannotTell,
}

/// The verdict on a run.
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
    /// What was demanded, if anything.
    pub expected: Option<Demand>,
    /// What the plan predicted.
    pub predicted: Option<Met>,
    /// What the client's samples show.
    pub client: Option<Met>,
    /// What the sandbox or Datadog shows.
    pub observed: Option<Met>,
    /// The arithmetic behind the verdict.
    pub measured: Statement,
    /// What the verdict rests on.
    pub basis: Basis,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: Statement,
    /// Where to read more: Datadog's page of warnings, or the function in Datadog.
    pub link: String,
    /// The queries that were sent, for a verdict that rests on their answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<String>,
}

/// One Datadog monitor: an entry of `monitors` in `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitorFinding {
    /// Its name.
    pub monitor: String,
    /// What was demanded of it.
    pub expected: MonitorDemand,
    /// The verdict: `seen` if the demand was met, `missing` or `unexpected` if not.
    pub verdict: Verdict,
    /// Why.
    pub reason: Statement,
    /// Its page in Datadog; empty if unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
}

impl Finding {
    /// Whether it makes the run missed.
    pub fn missed(&self) -> bool {
        matches!(self.verdict, Verdict::Missing | Verdict::Unexpected)
    }

    /// Whether a demand by name could not be determined.
    pub fn is_undetermined(&self) -> bool {
        matches!(self.expected, Some(Demand::Present | Demand::Absent))
            && matches!(self.verdict, Verdict::CannotTell | Verdict::NotSeenYet)
    }
}

/// The result of a threshold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdResult {
    /// The figure: `response.warm.p95`.
    pub metric: String,
    /// The limit as written: `< 800ms`.
    pub limit: String,
    /// Whether it is a condition of `--abort-on`, which must not be met.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_run: bool,
    /// The figure's value in its own unit. None if it has no value, for example a percentile with
    /// too few samples.
    pub value: Option<f64>,
    /// Whether the threshold was met. None without a value, which counts as missed.
    pub met: Option<bool>,
    /// For a figure without a value: how many samples it has, and how many it needs.
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
