//! `run.json`: the schema `loadgen.run/2`, which `--json` prints too.

use std::{collections::BTreeMap, path::Path};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Connections, FailureKind, Finding, FunctionReport, InitTimes, Kept, MonitorFinding, Overall,
    PartReport, PhaseReport, RecordError, ReportLines, SCHEMA, ScheduleReport, ShardReport,
    ShardResult, SignInReport, Statement, Target, ThresholdResult,
    error::{SCHEMA_1, other_schema},
};
use crate::{
    anatomy::AnatomySum,
    sample::{Outcome, Temperature},
    stats::{
        Class, ColdShare, Latencies, Measure, OutcomeCounts, PartTally, Requests, SendLag, Summary,
        Tally,
    },
};

/// A run: written when it starts, completed when it ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The version of loadgen that wrote it.
    pub tool_version: String,
    /// The value of the header `x-loadgen-run`, unique to this run.
    pub run_id: String,
    /// The scenario.
    pub scenario: ScenarioInfo,
    /// Where the requests went.
    pub target: Target,
    /// Whether no request was sent, and the model answered in virtual time.
    pub simulated: bool,
    /// When it started, by the wall clock.
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// When it ended, by the wall clock. None while it is in progress, and in the record of a
    /// killed run.
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<Timestamp>,
    /// Whether it was cut short.
    pub interrupted: bool,
    /// Why loadgen ended it early: a condition of `--abort-on`, a target where too many requests
    /// fail, a sandbox that did not skip an idle phase, or a cold start that could not be forced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aborted: Option<Statement>,
    /// The command that `loadgen watch` watched instead of sending requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched: Option<WatchedCommand>,
    /// The outcomes of the requests, counted.
    pub requests: Requests,
    /// The connections that carried them. None if nothing was sent, and in records of versions
    /// without this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<Connections>,
    /// Complete responses per second, of `bench`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<f64>,
    /// How closely the schedule was kept.
    pub schedule: ScheduleReport,
    /// Latencies in milliseconds by measure (`response`, `service`, `connect`) and class (`all`,
    /// `ok`, `error`, `cold`, `warm`, `unknown`), and `init` of `cold` alone, if it is known.
    pub latency_ms: BTreeMap<Measure, BTreeMap<Class, Summary>>,
    /// Cold starts.
    pub cold: ColdShare,
    /// What Lambda's REPORT lines say about the entry function, if they were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub report_lines: Vec<ReportLines>,
    /// How long the entry function's environments initialised, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_times: Option<InitTimes>,
    /// The parts of the cold starts, if there is evidence of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anatomy: Option<AnatomySum>,
    /// Answers by HTTP status.
    pub status: BTreeMap<u16, u64>,
    /// Requests that did not succeed, by class.
    pub failures: BTreeMap<String, u64>,
    /// The failures that no fault requested, by class and status. Above 1 % of the requests they
    /// make the run `missed`, unless something else explains them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures_unasked: Vec<FailureKind>,
    /// The phases in order, their repetitions added up.
    pub phases: Vec<PhaseReport>,
    /// Each function by itself, where several were invoked, in the order of
    /// `target.functions`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<FunctionReport>,
    /// Each named request by itself, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_request: Vec<PartReport>,
    /// Each flow by itself, where there are several: its requests together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_flow: Vec<PartReport>,
    /// The sign-ins, which are no requests of the schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_ins: Option<SignInReport>,
    /// The finding on each Insight of each function.
    pub insights: Vec<Finding>,
    /// The finding on each monitor that the scenario names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub monitors: Vec<MonitorFinding>,
    /// The results of the scenario's thresholds.
    pub thresholds: Vec<ThresholdResult>,
    /// Whether Datadog or the sandbox was asked about the run.
    #[serde(default)]
    pub verification: Verification,
    /// The verdict.
    pub verdict: Overall,
    /// The reasons for the verdict.
    #[serde(default)]
    pub reasons: Vec<Statement>,
    /// The verdict with its reasons as an English sentence.
    #[serde(default)]
    pub sentence: String,
    /// What a reader must know to trust the figures.
    pub notes: Vec<Statement>,
    /// Which samples are in `samples.ndjson`.
    pub samples: Kept,
    /// The part of a run that several processes share, if this is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardReport>,
    /// The shards that it was merged from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<ShardResult>,
}

/// Whether Datadog or the sandbox was asked about a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// No API could be asked: no keys, or no name of a function. Also the value of a run in
    /// progress, and of records of versions without this field.
    #[default]
    None,
    /// An API was asked, and answered.
    Done,
    /// Asking failed; a note says why.
    Failed,
    /// `--no-verify` was asked for.
    Skipped,
}

/// The scenario of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioInfo {
    /// Its name.
    pub name: String,
    /// What it does, in a line.
    pub title: Statement,
    /// The seed of everything random in it.
    pub seed: u64,
    /// The scenario's file as it was read, secrets as `${NAME}`. None for `bench`.
    pub toml: Option<String>,
    /// The names of its requests, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<String>,
    /// The names of its flows, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<String>,
    /// What flags changed in it: `burst = 50`.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Which of its keys were set from outside, as typed. Settings of what is sent are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
}

/// A command that ran while functions were watched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WatchedCommand {
    /// The command as it was typed; empty if none was run.
    pub line: String,
    /// Its exit code, if it exited by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The signal that ended it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
}

impl ScenarioInfo {
    /// Its name, and its title where it has one.
    pub fn heading(&self) -> String {
        named_and_titled(&self.name, &self.title.to_string())
    }
}

/// A scenario's `name`, and its `title` where it has one.
pub fn named_and_titled(name: &str, title: &str) -> String {
    match title.is_empty() {
        true => name.to_owned(),
        false => format!("{name}: {title}"),
    }
}

impl Run {
    /// Parses `run.json`. Errors name `path`.
    ///
    /// # Errors
    /// When it is damaged, or of another schema.
    pub fn parse(text: &[u8], path: &Path) -> Result<Run, RecordError> {
        let damaged = |error| RecordError::damaged(path, &error);
        let value: serde_json::Value = serde_json::from_slice(text).map_err(damaged)?;
        match value.get("schema").and_then(|schema| schema.as_str()) {
            // From here on, the run has this version's schema.
            Some(SCHEMA | SCHEMA_1) => serde_json::from_value(value)
                .map(|run| Run {
                    schema: SCHEMA.to_owned(),
                    ..run
                })
                .map_err(damaged),
            found => {
                let (path, found) = (path.display().to_string(), found.unwrap_or("none"));
                Err(RecordError::Refused(other_schema(path, found, SCHEMA)))
            }
        }
    }

    /// Fills in every figure from the sums.
    pub fn fill(&mut self, tally: &Tally) {
        let counts = &tally.counts;
        self.requests = Requests {
            planned: self.requests.planned,
            ..counts.requests
        };
        self.schedule.send_lag_ms = SendLag::of(&tally.lag);
        self.latency_ms = latency_table(&tally.latencies);
        self.cold = counts.cold_share();
        self.status = counts.status.clone();
        self.failures = counts
            .failures
            .iter()
            .map(|(outcome, count)| (outcome.key().to_owned(), *count))
            .collect();
        self.failures_unasked = counts
            .unasked
            .iter()
            .map(|((outcome, status), count)| FailureKind {
                class: outcome.key().to_owned(),
                status: *status,
                count: *count,
            })
            .collect();
        if !tally.functions.is_empty() {
            let report = |of: &PartTally| FunctionReport::of(of, latency_table(&of.latencies));
            self.functions = tally.functions.iter().map(report).collect();
        }
        let parts = |parts: &[PartTally]| {
            let report = |of: &PartTally| PartReport::of(of, latency_table(&of.latencies));
            parts.iter().map(report).collect()
        };
        if !tally.requests.is_empty() || !tally.flows.is_empty() {
            (self.by_request, self.by_flow) = (parts(&tally.requests), parts(&tally.flows));
        }
        let phases = self.phases.len();
        for (index, phase) in self.phases.iter_mut().enumerate() {
            let sum = tally.phase_counts(index, phases);
            let cold = sum.cold_share();
            phase.sent = sum.requests.sent;
            phase.ok = sum.requests.completed - sum.error_answers;
            phase.failed = sum.bad();
            (phase.cold, phase.warm, phase.unknown) = (cold.cold, cold.warm, cold.unknown);
        }
    }

    /// Empty sums of this run, which keep these phases and those with a threshold apart.
    pub fn empty_tally(&self, phases: &[usize]) -> Tally {
        let phases = [&self.limited_phases(), phases].concat();
        let tally = Tally::watching(self.phases.len(), &phases);
        let functions = self.target.functions.sent_to();
        let functions = if functions.len() > 1 {
            functions.as_slice()
        } else {
            &[]
        };
        tally.of_parts(functions, &self.scenario.requests, &self.scenario.flows)
    }

    /// Whether its requests are of flows, which may end before their last one.
    pub fn has_flows(&self) -> bool {
        !self.scenario.requests.is_empty() || !self.scenario.flows.is_empty()
    }

    /// The index of a step's phase, and the repetition that the step belongs to, from 0. The steps
    /// of a run are its phases, repeated.
    pub fn phase_of(&self, step: u32) -> (usize, usize) {
        let (step, phases) = (step as usize, self.phases.len().max(1));
        (step % phases, step / phases)
    }

    /// The indices of the phases whose own figures a threshold names
    /// (`phase.burst.response.all.p95`).
    pub fn limited_phases(&self) -> Vec<usize> {
        let is_named = |phase: &PhaseReport| {
            let begin = format!("phase.{}.", phase.name);
            let mut limits = self.thresholds.iter();
            limits.any(|limit| limit.metric.starts_with(&begin))
        };
        let phases = self.phases.iter().enumerate();
        let named = phases.filter(|(_, phase)| is_named(phase));
        named.map(|(place, _)| place).collect()
    }

    /// The counts over all phases.
    pub fn counts(&self) -> OutcomeCounts {
        let known =
            |temperature: Temperature, count: u64| (count > 0).then_some((temperature, count));
        let failures = Outcome::ALL
            .iter()
            .copied()
            .filter_map(|outcome| Some((outcome, *self.failures.get(outcome.key())?)));
        OutcomeCounts {
            requests: self.requests,
            error_answers: failures
                .clone()
                .filter(|(outcome, _)| outcome.is_answer())
                .map(|(_, count)| count)
                .sum(),
            status: self.status.clone(),
            failures: failures.collect(),
            unasked: self.unasked(),
            temperatures: [
                known(Temperature::Cold, self.cold.cold),
                known(Temperature::Warm, self.cold.warm),
                known(Temperature::Unknown, self.cold.unknown),
            ]
            .into_iter()
            .flatten()
            .collect(),
            evidence: self.cold.evidence.clone(),
        }
    }

    fn unasked(&self) -> BTreeMap<(Outcome, Option<u16>), u64> {
        let of = |kind: &FailureKind| {
            let outcome = Outcome::ALL
                .iter()
                .copied()
                .find(|o| o.key() == kind.class)?;
            Some(((outcome, kind.status), kind.count))
        };
        self.failures_unasked.iter().filter_map(of).collect()
    }

    /// The numbers of one measure and class.
    pub fn latency(&self, measure: Measure, class: Class) -> Summary {
        self.latency_ms
            .get(&measure)
            .and_then(|classes| classes.get(&class))
            .copied()
            .unwrap_or_default()
    }
}

fn latency_table(latencies: &Latencies) -> BTreeMap<Measure, BTreeMap<Class, Summary>> {
    let table = |measure: Measure| {
        let classes = measure.classes().iter();
        let classes: BTreeMap<Class, Summary> = classes
            .map(|class| (*class, latencies.summary(measure, *class)))
            .collect();
        (measure, classes)
    };
    // Omit the measure: a reader would take 0 for "initialised in no time".
    let is_there = |measure: &Measure| {
        *measure != Measure::Init || latencies.get(Measure::Init, Class::Cold).is_some()
    };
    let measures = Measure::ALL.iter().copied().filter(is_there);
    measures.map(table).collect()
}
