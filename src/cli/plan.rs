//! `loadgen plan`: what would be sent, when, at what cost, and which Insights must follow.

use std::sync::Arc;

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, Settings},
    out,
    target::Own,
};
use crate::{
    aws::{Endpoint, InvokedFunction},
    lambda::{Config, Function},
    lang::texts,
    predict::{Assumptions, Prediction, predict},
    report::text,
    run::{
        Destination, PaidPath, Stack, StackQuery, Talk, cost, functions_behind, model_of,
        predict_of, prediction,
    },
    scenario::{Scenario, Traffic},
    schedule::Schedule,
};

texts! {
    const;
    on_aws(function: &str): "your function {} on AWS", "AWS에 있는 함수 {}";
    invoked_each(count: usize): "each of your {} functions alike, by Lambda's Invoke API", "함수 {}개에 똑같이(Lambda API로 직접 호출)";
    invoked(function: &str): "your function {}, by Lambda's Invoke API", "함수 {}(Lambda API로 직접 호출)";
    modelled(count: usize, first: &str): "a fresh embedded sandbox of its {0} {0?function|functions}; predicted for {1}", "함수 {}개의 새 내장 샌드박스. 예측은 {} 기준";
    modelled_all(count: usize): "a fresh embedded sandbox of its {} {count?function|functions}", "함수 {}개의 새 내장 샌드박스";
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
    /// Plan for this address; a sandbox that answers there says how its functions are set
    #[arg(long, value_name = "URL", conflicts_with = "stack")]
    url: Option<String>,
    /// Plan for this CloudFormation stack of the sample app, looked up by your `aws` command
    #[arg(long, value_name = "NAME", conflicts_with = "own")]
    stack: Option<String>,
    /// The region of the stack
    #[arg(long, value_name = "NAME", requires = "stack")]
    region: Option<String>,
    /// Look the stack up on an emulator on this machine
    #[arg(long, value_name = "URL", requires = "stack")]
    endpoint: Option<Endpoint>,
    /// Plan for invoking this function by Lambda's own API
    #[arg(long, value_name = "FUNCTION", conflicts_with_all = ["own", "url", "stack"])]
    invoke: Vec<InvokedFunction>,
    #[command(flatten)]
    own: Own,
}

/// Prints the plan.
///
/// # Errors
/// When the scenario is bad, or the target cannot be looked up.
pub fn run(typed: &PlanArgs, global: &Global) -> Result<Exit, Failure> {
    let scenario = Scenario::load_with(&typed.scenario, &typed.settings.set)?;
    let schedule = Schedule::of(&scenario)?;
    let named = typed.named(&scenario);
    let (place, path, predicted) = match typed.found(&scenario, global)? {
        Some(found) => {
            let names = functions_behind(&found, typed.own.names())?;
            let predicted = prediction(&scenario, &schedule, &found, &names);
            (found.place(), found.paid_path(), predicted)
        }
        None => {
            let (place, path, ground) = typed.assumed(&scenario, &named);
            let predicted = match &scenario.traffic {
                Some(traffic) => of_traffic(&scenario, traffic, &schedule, (path, &ground)),
                None => {
                    let first = named.first().map_or("", String::as_str);
                    predict(&schedule.of_function(first), &ground)
                }
            };
            (place, path, predicted)
        }
    };
    let schedule = schedule.to_each_of(&named)?;
    let cost = cost(&scenario, &schedule, &predicted, path);
    let at = (place.as_str(), cost.as_str());
    let mut page = text::plan(&scenario, &schedule, at, &predicted, global.full);
    if path != PaidPath::Unknown {
        page.push_str(&text::gates(&schedule, &predicted));
    }
    out::text(page)?;
    Ok(Exit::Met)
}

/// The prediction for each function that the scenario's requests name.
fn of_traffic(
    scenario: &Scenario,
    traffic: &Traffic,
    schedule: &Schedule,
    (path, ground): (PaidPath, &Assumptions),
) -> Prediction {
    let functions = traffic.functions();
    let of = |name: &String| {
        let mut ground = match path {
            PaidPath::Sandbox => model_of(scenario, name),
            _ => ground.clone(),
        };
        ground.function.clone_from(name);
        predict_of(scenario, schedule, &ground, &functions)
    };
    match functions.split_first() {
        Some((first, others)) => Prediction {
            others: others.iter().map(|name| of(name).entry).collect(),
            ..of(first)
        },
        None => predict_of(scenario, schedule, ground, &functions),
    }
}

impl PlanArgs {
    /// The functions that are invoked: those that were typed, or else the scenario's.
    fn named(&self, scenario: &Scenario) -> Vec<String> {
        let elsewhere =
            self.url.is_some() || self.stack.is_some() || !self.own.functions.is_empty();
        match self.invoke.as_slice() {
            [] if elsewhere => Vec::new(),
            [] => scenario.invoked().into_iter().map(str::to_owned).collect(),
            typed => typed.iter().map(|one| one.name.clone()).collect(),
        }
    }

    /// Where it would be sent, and what is known of that, where nothing is looked up.
    fn assumed(&self, scenario: &Scenario, named: &[String]) -> (String, PaidPath, Assumptions) {
        let wanted = &scenario.function;
        let own = |name: &str| Assumptions::aws(name, wanted, false);
        let mut models = scenario.models.iter().filter(|_| self.invoke.is_empty());
        match (named, self.own.functions.first()) {
            ([first, rest @ ..], _) => match models.find(|model| model.name == *first) {
                Some(model) => {
                    let function = Function::from(model);
                    let ground = Assumptions::of_model(&function, &Config::default(), true);
                    let place = modelled(named.len(), first).to_string();
                    (place, PaidPath::Sandbox, ground)
                }
                None => {
                    let place = match (self.invoke.as_slice(), rest) {
                        ([one], _) => invoked(&one.to_string()),
                        (_, []) => invoked(first),
                        _ => invoked_each(named.len()),
                    };
                    (place.to_string(), PaidPath::Invoke, own(first))
                }
            },
            ([], Some(name)) => (on_aws(name).to_string(), PaidPath::Gateway, own(name)),
            ([], None) => {
                let place = match scenario.models.len() {
                    0 => FRESH_SANDBOX.to_string(),
                    count => modelled_all(count).to_string(),
                };
                (place, PaidPath::Sandbox, Assumptions::embedded(wanted))
            }
        }
    }

    /// What was found at the address, or of the stack.
    fn found(&self, scenario: &Scenario, global: &Global) -> Result<Option<Destination>, Failure> {
        if let Some(url) = &self.url {
            return Ok(Some(Destination::at(url)?));
        }
        let Some(name) = &self.stack else {
            return Ok(None);
        };
        let quiet = global.quiet;
        let talk: Talk = Arc::new(move |line| {
            if !quiet {
                out::say(line);
            }
        });
        let query = StackQuery {
            region: self.region.clone(),
            emulator: self.endpoint.clone(),
            force_cold: false,
        };
        let stack = Stack::look_up(name, &query, scenario, &talk)?;
        Ok(Some(Destination::of_stack(stack, self.endpoint.as_ref())?))
    }
}
