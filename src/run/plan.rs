//! What is about to be sent, what it costs, and what is predicted.

use std::time::Duration;

use super::target::Destination;
use crate::{
    aws::price,
    insight::Quantity,
    lambda::{Config, Function},
    lang::{Reason, texts},
    predict::{Assumptions, Prediction, predict, predict_flows},
    record::{FunctionNames, TargetKind},
    scenario::{Flow, Scenario},
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
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The schedule.
    pub schedule: &'a Schedule,
    /// The target.
    pub target: &'a Destination,
    /// The prediction.
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

/// The prediction at this target, for the functions behind it.
pub fn prediction(
    scenario: &Scenario,
    schedule: &Schedule,
    target: &Destination,
    functions: &FunctionNames,
) -> Prediction {
    let of = |name: &str| prediction_of(scenario, schedule, target, functions, name);
    let sent_to = functions.sent_to();
    Prediction {
        others: sent_to.iter().skip(1).map(|name| of(name).entry).collect(),
        ..of(functions.entry_or_unnamed())
    }
}

/// The prediction for one function, which gets the requests of `schedule`.
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
            model_of(scenario, name)
        }
        (Some(info), _) => Assumptions::sandbox(info, name, wanted),
        (None, kind) => {
            let sample_app = kind == TargetKind::Aws && functions.is_sample_app();
            Assumptions::aws(name, wanted, sample_app)
        }
    };
    ground.limits.fresh |= is_embedded;
    name.clone_into(&mut ground.function);
    // Lambda forwards no headers, so no fault arrives. A sandbox honours the fault.
    ground.faults &= target.invoked.is_none() || target.sandbox.is_some();
    if ground.limits.shared {
        // The other functions may leave this one only its share of the account's concurrency.
        let all = functions.sent_to().len() as u64;
        ground.limits.concurrency.0 /= all;
    }
    predict_of(scenario, schedule, &ground, &functions.sent_to())
}

/// A function of the sandbox that a run starts: one of the scenario's own, or the sample app's.
pub fn model_of(scenario: &Scenario, name: &str) -> Assumptions {
    match scenario.models.iter().find(|model| model.name == name) {
        Some(model) => Assumptions::of_model(&Function::from(model), &Config::default(), true),
        None => Assumptions::embedded(&scenario.function),
    }
}

/// The prediction for the function of `ground`, to which some of the scenario's requests are sent.
pub fn predict_of(
    scenario: &Scenario,
    schedule: &Schedule,
    ground: &Assumptions,
    sent_to: &[String],
) -> Prediction {
    let Some(traffic) = &scenario.traffic else {
        return predict(&schedule.of_function(&ground.function), ground);
    };
    let is_only = sent_to.len() < 2;
    let is_first = sent_to.first() == Some(&ground.function);
    let answers = |request: usize| match &traffic.requests[request].function {
        _ if is_only => true,
        Some(name) => *name == ground.function,
        None => is_first,
    };
    let legs = |flow: &Flow| {
        let mut after = Duration::ZERO;
        let steps = flow.steps.iter().enumerate();
        let all = steps.map(|(place, step)| {
            after = after.saturating_add(step.pause);
            (step.request, (after, place == 0))
        });
        let all: Vec<(usize, (Duration, bool))> = all.collect();
        let own = all.into_iter().filter(|(request, _)| answers(*request));
        own.map(|(_, leg)| leg).collect()
    };
    let legs: Vec<Vec<(Duration, bool)>> = traffic.flows.iter().map(legs).collect();
    predict_flows(schedule, ground, &legs)
}

/// What a request is billed for on its way to a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidPath {
    /// Nothing: the sandbox.
    Sandbox,
    /// API Gateway, and the parts of the sample app behind it.
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
    let functions = std::iter::once(&prediction.entry).chain(&prediction.others);
    let cold = functions.map(|function| function.get(Quantity::ColdStarts).high());
    let cold = cold.reduce(|all, one| all?.checked_add(one?)).flatten();
    let traffic = scenario.traffic.as_ref();
    let sign_ins = traffic.map_or(0, |of| of.sign_ins(schedule.total(), schedule.length(), 1));
    let usage = price::Usage {
        requests: schedule.requests() + sign_ins,
        cold_starts: cold.unwrap_or(schedule.requests()),
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
