//! What is about to be sent, what it costs, and what must follow.

use super::target::Destination;
use crate::{
    aws::price,
    insight::Quantity,
    predict::{Assumptions, Prediction, predict},
    record::{FunctionNames, TargetKind},
    scenario::Scenario,
    schedule::Schedule,
    units::Memory,
};

/// What is about to be sent.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What should happen.
    pub scenario: &'a Scenario,
    /// When.
    pub schedule: &'a Schedule,
    /// Where.
    pub target: &'a Destination,
    /// What must follow.
    pub predicted: &'a Prediction,
}

impl Plan<'_> {
    /// Where the requests go, in words.
    pub fn place(&self) -> String {
        match &self.target.sandbox {
            Some(_) => format!("the sandbox at {}", self.target.url),
            None => self.target.url.to_string(),
        }
    }

    /// What the run costs, in a sentence.
    pub fn cost(&self) -> String {
        cost(
            self.scenario,
            self.schedule,
            self.predicted,
            self.target.kind,
        )
    }
}

/// What must follow at this target.
pub(super) fn prediction(
    scenario: &Scenario,
    schedule: &Schedule,
    target: &Destination,
    functions: &FunctionNames,
) -> Prediction {
    let wanted = &scenario.function;
    let ground = match (&target.sandbox, target.kind) {
        (Some(_), _) if target.embedded_info().is_some() => Assumptions::embedded(wanted),
        (Some(info), _) => Assumptions::sandbox(info, wanted),
        (None, kind) => Assumptions::aws(
            functions.entry_or_unnamed(),
            wanted,
            kind == TargetKind::Aws && functions.is_sample_app(),
        ),
    };
    predict(schedule, &ground)
}

/// What a run costs, in a sentence: nothing in the sandbox, and what it would cost on AWS.
pub fn cost(
    scenario: &Scenario,
    schedule: &Schedule,
    prediction: &Prediction,
    kind: TargetKind,
) -> String {
    let cold = prediction.entry.get(Quantity::ColdStarts);
    let usage = price::Usage {
        requests: schedule.total(),
        cold_starts: cold.high().unwrap_or(schedule.total()),
        memory_mb: scenario.function.memory.map_or(512, Memory::mb),
        span: schedule.length(),
        ..price::Usage::THOUSAND
    };
    let sentence = price::estimate(&usage).sentence();
    match kind {
        TargetKind::Sandbox => format!("Free here; deployed it costs {sentence}"),
        TargetKind::Aws => format!("It costs {sentence}"),
        TargetKind::Http => "What this server costs is not known here".to_owned(),
    }
}
