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
    /// What the run costs, in a sentence.
    pub fn cost(&self) -> String {
        let path = self.target.paid_path();
        cost(self.scenario, self.schedule, self.predicted, path)
    }
}

impl Destination {
    /// Where the requests go, in words.
    pub fn place(&self) -> String {
        match &self.sandbox {
            Some(_) => the_sandbox_at(self.url.to_string()).to_string(),
            None => self.url.to_string(),
        }
    }

    /// What is paid for on the way there.
    pub fn paid_path(&self) -> PaidPath {
        match (self.kind, &self.invoked) {
            (TargetKind::Sandbox, _) => PaidPath::Sandbox,
            (TargetKind::Aws, Some(_)) => PaidPath::Invoke,
            (TargetKind::Aws, None) => PaidPath::Gateway,
            (TargetKind::Http, _) => PaidPath::Unknown,
        }
    }
}

/// What must follow at this target, for the functions behind it.
pub fn prediction(
    scenario: &Scenario,
    schedule: &Schedule,
    target: &Destination,
    functions: &FunctionNames,
) -> Prediction {
    let of = |name: &str| prediction_of(scenario, schedule, target, functions, name);
    let others = functions.invoked.iter().skip(1);
    Prediction {
        others: others.map(|name| of(name).entry).collect(),
        ..of(functions.entry_or_unnamed())
    }
}

/// What must follow of one function, which is sent `schedule`.
fn prediction_of(
    scenario: &Scenario,
    schedule: &Schedule,
    target: &Destination,
    functions: &FunctionNames,
    name: &str,
) -> Prediction {
    let wanted = &scenario.function;
    let is_embedded = target.embedded_info().is_some();
    let mut ground = match (&target.sandbox, target.kind) {
        (Some(_), _) if is_embedded && target.invoked.is_none() && !target.is_hosted() => {
            Assumptions::embedded(wanted)
        }
        (Some(info), _) => Assumptions::sandbox(info, name, wanted),
        (None, kind) => {
            let sample_app = kind == TargetKind::Aws && functions.is_sample_app();
            Assumptions::aws(name, wanted, sample_app)
        }
    };
    ground.limits.fresh |= is_embedded;
    // Lambda hands no header on, and so no fault; a sandbox does as it is asked.
    ground.faults &= target.invoked.is_none() || target.sandbox.is_some();
    if ground.limits.shared {
        // Other functions may have taken all but a share of the account.
        let all = functions.invoked.len().max(1) as u64;
        ground.limits.concurrency.0 /= all;
    }
    predict(&schedule.of_function(name), &ground)
}

/// What is paid for on the way to a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidPath {
    /// Nothing: the sandbox.
    Sandbox,
    /// API Gateway, and what the sample app has behind it.
    Gateway,
    /// The function alone, by Lambda's Invoke API.
    Invoke,
    /// A server whose prices are not known here.
    Unknown,
}

/// What a run costs, in a sentence: nothing in the sandbox, and what it would cost on AWS.
pub fn cost(
    scenario: &Scenario,
    schedule: &Schedule,
    prediction: &Prediction,
    path: PaidPath,
) -> String {
    let cold = prediction.entry.get(Quantity::ColdStarts);
    let usage = price::Usage {
        requests: schedule.total(),
        cold_starts: cold.high().unwrap_or(schedule.total()),
        memory_mb: scenario.function.memory.map_or(512, Memory::mb),
        span: schedule.length(),
        ..price::Usage::THOUSAND
    };
    let estimate = match path {
        PaidPath::Invoke => price::estimate_invoked(&usage),
        _ => price::estimate(&usage),
    };
    let sentence = Reason::of(estimate.sentence());
    match path {
        PaidPath::Sandbox => free_here(sentence).to_string(),
        PaidPath::Gateway | PaidPath::Invoke => costs(sentence).to_string(),
        PaidPath::Unknown => COST_UNKNOWN.to_string(),
    }
}
