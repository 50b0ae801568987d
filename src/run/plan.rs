//! What is about to be sent, what it costs, and what must follow.

use super::target::Destination;
use crate::{
    aws::price,
    insight::Quantity,
    lang::{Reason, texts},
    predict::{Assumptions, Prediction, predict},
    record::{FunctionNames, TargetKind},
    scenario::Scenario,
    schedule::Schedule,
    units::Memory,
};

texts! {
    const;
    the_sandbox_at(url: String): "the sandbox at {}", "샌드박스 {}";
    free_here(cost: Reason): "Free here; deployed it costs {}", "여기서는 무료이며 배포하면 비용은 {}";
    costs(cost: Reason): "It costs {}", "비용은 {}";
    COST_UNKNOWN: "What this server costs is not known here", "이 서버의 비용은 여기서 알 수 없습니다";
}

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
            Some(_) => the_sandbox_at(self.target.url.to_string()).to_string(),
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
    let sentence = Reason::of(price::estimate(&usage).sentence());
    match kind {
        TargetKind::Sandbox => free_here(sentence).to_string(),
        TargetKind::Aws => costs(sentence).to_string(),
        TargetKind::Http => COST_UNKNOWN.to_string(),
    }
}
