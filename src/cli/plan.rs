//! `loadgen plan`: what would be sent, when, at what cost, and which Insights must follow.

use clap::Args;

use super::{Exit, Failure, asked::Asked, flags::Own, out, target::Target};
use crate::{
    aws::price,
    insight::Quantity,
    predict::{Assumptions, Prediction, predict},
    record::{FunctionNames, TargetKind},
    report::text,
    schedule::Schedule,
    units::Memory,
};

/// What would be sent, when, at what cost, and which Insights must follow; sends nothing
#[derive(Debug, Args)]
pub struct Typed {
    /// A TOML file, or a name from `loadgen scenarios`
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// Draw everything random from this seed instead of the scenario's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    own: Own,
}

/// Prints the plan against a fresh sandbox, or against the reader's own function.
///
/// # Errors
/// When the scenario is bad.
pub fn run(typed: &Typed) -> Result<Exit, Failure> {
    let mut asked = Asked::named(&typed.scenario)?;
    if let Some(seed) = typed.seed {
        asked.scenario.seed = seed;
    }
    let schedule = Schedule::of(&asked.scenario).map_err(Failure::new)?;
    let wanted = &asked.scenario.function;
    let (ground, place, kind) = match typed.own.functions.first() {
        Some(function) => (
            Assumptions::aws(function, wanted, false),
            format!("your function {function} on AWS"),
            TargetKind::Aws,
        ),
        None => (
            Assumptions::embedded(wanted),
            "a fresh embedded sandbox".to_owned(),
            TargetKind::Sandbox,
        ),
    };
    let prediction = predict(&schedule, &ground);
    out::text(text::plan(
        &asked.scenario,
        &schedule,
        &place,
        &cost(&asked, &schedule, &prediction, kind),
        &prediction,
    ))?;
    Ok(Exit::Met)
}

/// What must follow at this target.
pub fn prediction(
    asked: &Asked,
    schedule: &Schedule,
    target: &Target,
    functions: &FunctionNames,
) -> Prediction {
    let wanted = &asked.scenario.function;
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

/// What the run costs, in a sentence: nothing in the sandbox, and what it would cost on AWS.
pub fn cost(
    asked: &Asked,
    schedule: &Schedule,
    prediction: &Prediction,
    kind: TargetKind,
) -> String {
    let cold = prediction.entry.get(Quantity::ColdStarts);
    let usage = price::Usage {
        requests: schedule.total(),
        cold_starts: cold.high().unwrap_or(schedule.total()),
        memory_mb: asked.scenario.function.memory.map_or(512, Memory::mb),
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
