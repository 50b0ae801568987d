//! `loadgen plan`: what would be sent, when, at what cost, and which Insights must follow.

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, Settings},
    out,
    target::Own,
};
use crate::{
    aws::{Endpoint, InvokedFunction},
    lang::texts,
    predict::{Assumptions, Prediction},
    report::{self, text},
    run::{
        AwsQuery, Destination, PaidPath, Stack, cost, functions_behind, model_of, predict_of,
        prediction,
    },
    scenario::Scenario,
    schedule::Schedule,
};

texts! {
    const;
    on_aws(function: &str): "your function {} on AWS", "AWS에 있는 함수 {}";
    invoked_each(count: usize): "each of your {} functions alike, by Lambda's Invoke API", "함수 {}개에 똑같이(Lambda API로 직접 호출)";
    invoked_some(count: usize): "your {} functions, by Lambda's Invoke API", "함수 {}개(Lambda API로 직접 호출)";
    invoked(function: &str): "your function {}, by Lambda's Invoke API", "함수 {}(Lambda API로 직접 호출)";
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
    /// Print the plan as JSON, schema loadgen.plan/1, with the prediction for each function
    #[arg(long)]
    json: bool,
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
            let (place, path) = typed.assumed(&scenario, &named);
            let functions = match &scenario.traffic {
                Some(traffic) => traffic.functions(),
                None => named.clone(),
            };
            let predicted = typed.predicted(&scenario, &schedule, path, &functions);
            (place, path, predicted)
        }
    };
    let schedule = schedule.to_each_of(&named)?;
    let cost = cost(&scenario, &schedule, &predicted, path);
    let at = (place.as_str(), cost.as_str());
    if typed.json {
        out::report(report::plan_json(&scenario, &schedule, at, &predicted))?;
        return Ok(Exit::Met);
    }
    let mut page = text::plan(&scenario, &schedule, at, &predicted, global.full);
    if path != PaidPath::Unknown {
        page.push_str(&text::gates(&schedule, &predicted));
    }
    out::text(page)?;
    Ok(Exit::Met)
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

    /// Where it would be sent, and what is paid for there, where nothing is looked up.
    fn assumed(&self, scenario: &Scenario, named: &[String]) -> (String, PaidPath) {
        let models = match self.invoke.is_empty() {
            true => scenario.models.len(),
            false => 0,
        };
        match (named, self.own.functions.first()) {
            ([], Some(name)) => (on_aws(name).to_string(), PaidPath::Gateway),
            ([], None) if models == 0 => (FRESH_SANDBOX.to_string(), PaidPath::Sandbox),
            _ if models > 0 => (modelled_all(models).to_string(), PaidPath::Sandbox),
            ([first], _) => {
                let typed = self.invoke.first().map(ToString::to_string);
                let place = invoked(typed.as_ref().unwrap_or(first));
                (place.to_string(), PaidPath::Invoke)
            }
            _ => {
                let to_each = scenario.phases.iter().all(|phase| phase.function.is_none());
                let place = match to_each {
                    true => invoked_each(named.len()),
                    false => invoked_some(named.len()),
                };
                (place.to_string(), PaidPath::Invoke)
            }
        }
    }

    /// The prediction for each of these functions, to which requests are sent; for the one that answers
    /// where there is none.
    fn predicted(
        &self,
        scenario: &Scenario,
        schedule: &Schedule,
        path: PaidPath,
        functions: &[String],
    ) -> Prediction {
        let of = |name: Option<&String>| {
            let mut ground = match (path, name) {
                (PaidPath::Sandbox, _) => model_of(scenario, name.map_or("", String::as_str)),
                (_, Some(name)) => Assumptions::aws(name, &scenario.function, false),
                (_, None) => Assumptions::embedded(&scenario.function),
            };
            if let Some(name) = name {
                ground.function.clone_from(name);
            }
            if ground.limits.shared {
                // The others may leave it only its share of the account's concurrency.
                ground.limits.concurrency.0 /= functions.len().max(1) as u64;
            }
            predict_of(scenario, schedule, &ground, functions)
        };
        let first = functions.first().or(self.own.functions.first());
        let others = functions.iter().skip(1);
        Prediction {
            others: others.map(|name| of(Some(name)).entry).collect(),
            ..of(first)
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
        let query = AwsQuery {
            region: self.region.clone(),
            force_cold: false,
            endpoint: self.endpoint.clone(),
        };
        let stack = Stack::look_up(name, &query, scenario, &global.talk())?;
        Ok(Some(Destination::of_stack(stack, self.endpoint.as_ref())?))
    }
}
