//! `loadgen plan`: what would be sent, when, at what cost, and which Insights must follow.

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, Settings},
    out,
    target::Own,
};
use crate::{
    aws::InvokedFunction,
    lambda::{Config, Function},
    lang::texts,
    predict::{Assumptions, predict},
    report::text,
    run::{PaidPath, cost},
    scenario::Scenario,
    schedule::Schedule,
};

texts! {
    const;
    on_aws(function: &str): "your function {} on AWS", "AWS에 있는 함수 {}";
    invoked_each(count: usize): "each of your {} functions alike, by Lambda's Invoke API", "함수 {}개에 똑같이(Lambda API로 직접 호출)";
    invoked(function: &str): "your function {}, by Lambda's Invoke API", "함수 {}(Lambda API로 직접 호출)";
    modelled(count: usize, first: &str): "a fresh embedded sandbox of its {} functions; predicted for {}", "함수 {}개의 새 내장 샌드박스. 예측은 {} 기준";
    FRESH_SANDBOX: "a fresh embedded sandbox", "새 내장 샌드박스";
}

/// What would be sent, when, at what cost, and which Insights must follow; sends nothing
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// A TOML file, or a name from `loadgen scenarios`
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    #[command(flatten)]
    settings: Settings,
    /// Plan for invoking this function by Lambda's own API
    #[arg(long, value_name = "FUNCTION", conflicts_with = "own")]
    invoke: Vec<InvokedFunction>,
    #[command(flatten)]
    own: Own,
}

/// Prints the plan against a fresh sandbox, or against the reader's own function.
///
/// # Errors
/// When the scenario is bad.
pub fn run(typed: &PlanArgs, global: &Global) -> Result<Exit, Failure> {
    let scenario = Scenario::load_with(&typed.scenario, &typed.settings.set)?;
    let schedule = Schedule::of(&scenario)?;
    let wanted = &scenario.function;
    let own = typed.own.functions.first();
    let named: Vec<String> = match typed.invoke.as_slice() {
        [] if own.is_none() => scenario.invoked().into_iter().map(str::to_owned).collect(),
        typed => typed.iter().map(|one| one.name.clone()).collect(),
    };
    let first = named.first().map_or("", String::as_str);
    let mut models = scenario.models.iter().filter(|_| typed.invoke.is_empty());
    let (ground, place, kind) = match (models.find(|one| one.name == first), own) {
        (Some(model), _) => (
            Assumptions::of_model(&Function::from(model), &Config::default(), true),
            modelled(named.len(), first).to_string(),
            PaidPath::Sandbox,
        ),
        (None, None) if !named.is_empty() => (
            Assumptions::aws(first, wanted, false),
            match typed.invoke.as_slice() {
                [one] => invoked(&one.to_string()).to_string(),
                _ if named.len() == 1 => invoked(first).to_string(),
                _ => invoked_each(named.len()).to_string(),
            },
            PaidPath::Invoke,
        ),
        (None, Some(function)) => (
            Assumptions::aws(function, wanted, false),
            on_aws(function).to_string(),
            PaidPath::Gateway,
        ),
        (None, None) => (
            Assumptions::embedded(wanted),
            FRESH_SANDBOX.to_string(),
            PaidPath::Sandbox,
        ),
    };
    let prediction = predict(&schedule.of_function(first), &ground);
    let schedule = schedule.to_each_of(&named)?;
    let cost = cost(&scenario, &schedule, &prediction, kind);
    let at = (place.as_str(), cost.as_str());
    out::text(text::plan(
        &scenario,
        &schedule,
        at,
        &prediction,
        global.full,
    ))?;
    Ok(Exit::Met)
}
