//! Which functions a run is about: the sample app's, or the user's own.

use super::{
    Invoked, RunError, RunErrorKind, RunOptions, region::configured_region, target::Destination,
    words,
};
use crate::{
    aws::address::{is_sample_stage, region_of},
    control::Info,
    host::HostedApp,
    lang::{Statement, statements::notes::consumer_left_out},
    record::FunctionNames,
    scenario::{Expect, Group, Scenario, Threshold},
};

/// The functions of a run, and where on AWS they are.
#[derive(Debug, Default)]
pub struct RunFunctions {
    /// The functions.
    pub functions: FunctionNames,
    /// Their region, if they were named and are on AWS or on an emulator of it.
    pub region: Option<String>,
    /// The emulator's address, if one stands in for AWS.
    pub emulator: Option<String>,
}

impl RunFunctions {
    /// The functions of a sandbox that the run starts: the scenario's own where they are invoked or stand
    /// behind routes (the others are watched), else the sample app's.
    pub fn embedded(invoked: Option<&Invoked>, scenario: &Scenario) -> RunFunctions {
        let functions = match invoked {
            None => behind_routes(scenario),
            Some(invoked) => {
                let mut models = scenario.models.iter().map(|model| model.name.clone());
                let typed = FunctionNames {
                    entry: models.next(),
                    watched: models.collect(),
                    ..FunctionNames::default()
                };
                invoked_names(invoked, None, Some(typed))
            }
        };
        RunFunctions {
            functions,
            ..RunFunctions::default()
        }
    }

    /// Those of the reader's own that run here; requests go to the first.
    pub fn hosted(app: &HostedApp) -> RunFunctions {
        RunFunctions {
            functions: FunctionNames {
                entry: app.functions.first().map(|function| function.name.clone()),
                consumer: app
                    .functions
                    .first()
                    .and_then(|function| function.invokes.first().cloned()),
                ..FunctionNames::default()
            },
            ..RunFunctions::default()
        }
    }

    /// The same, with those that the scenario's requests name.
    pub fn of(self, scenario: &Scenario) -> RunFunctions {
        RunFunctions {
            functions: answering(self.functions, scenario),
            ..self
        }
    }

    /// Those behind `target`.
    ///
    /// # Errors
    /// When functions were typed for a target that has functions of its own.
    pub fn at(target: &Destination, options: &RunOptions) -> Result<RunFunctions, RunError> {
        let named = options.functions.is_some();
        let region = match &target.stack {
            Some(stack) => Some(stack.outputs.region.clone()),
            None if target.invoked.is_some() => {
                target.invoked.as_ref().and_then(|one| one.region.clone())
            }
            None if named => options
                .region
                .clone()
                .or_else(|| region_of(target.address.url()))
                .or_else(configured_region),
            None => None,
        };
        Ok(RunFunctions {
            functions: functions_behind(target, options.functions.clone())?,
            region,
            emulator: options.emulator.as_ref().map(ToString::to_string),
        })
    }
}

/// The functions of a sandbox that the run starts and sends to by its API: the scenario's own, or the
/// sample app's.
fn behind_routes(scenario: &Scenario) -> FunctionNames {
    let models = || scenario.models.iter();
    match models()
        .find(|model| model.route.is_some())
        .or(models().next())
    {
        None => FunctionNames::sample_app(),
        Some(entry) => FunctionNames {
            entry: Some(entry.name.clone()),
            consumer: entry.invokes.first().cloned(),
            ..FunctionNames::default()
        },
    }
}

/// The same, with those that the scenario's requests name: these are sent to, and the sign-in's and what else
/// was typed are watched. A request that names none is answered by the entry function.
fn answering(names: FunctionNames, scenario: &Scenario) -> FunctionNames {
    let Some(traffic) = &scenario.traffic else {
        return names;
    };
    let mut answering = traffic.functions();
    let sign_in = traffic.sign_in_function();
    if answering.is_empty() {
        let also = sign_in.filter(|name| names.entry.as_ref() != Some(name));
        let watched = names.watched.into_iter().chain(also.cloned()).collect();
        return FunctionNames { watched, ..names };
    }
    let entry = names.entry_or_unnamed().to_owned();
    if traffic
        .requests
        .iter()
        .any(|request| request.function.is_none())
    {
        answering.retain(|name| *name != entry);
        answering.insert(0, entry.clone());
    }
    let typed = names.entry.into_iter().chain(names.watched);
    let typed = typed.chain(sign_in.cloned());
    let mut watched: Vec<String> = typed.filter(|name| !answering.contains(name)).collect();
    watched.dedup();
    FunctionNames {
        consumer: names.consumer.filter(|_| answering.first() == Some(&entry)),
        watched,
        entry: answering.first().cloned(),
        answering,
        ..names
    }
}

/// Rewrites a scenario's expectations of the sample app's functions as expectations of `functions`.
/// Those of the entry function apply to the entry function of any name. Those of the consumer are
/// dropped if there is no consumer. Returns what was dropped.
pub fn expect_of(expect: &mut Expect, functions: &FunctionNames) -> Vec<Statement> {
    let sample = FunctionNames::sample_app();
    let mut left_out = Vec::new();
    for list in [&mut expect.insights, &mut expect.absent] {
        list.retain_mut(|expected| {
            if expected.function.is_none() {
                return true;
            }
            if expected.function == sample.entry {
                expected.function = None;
            } else if expected.function == sample.consumer {
                if functions.consumer.is_none() {
                    left_out.push(consumer_left_out(expected.insight.key()));
                    return false;
                }
                expected.function.clone_from(&functions.consumer);
            }
            true
        });
    }
    left_out
}

/// Checks that the functions are invoked that limits are on. The only function of a run is the run
/// itself.
///
/// # Errors
/// A limit on a function that is not invoked.
pub fn limits_of(limits: &mut [Threshold], invoked: &[String]) -> Result<(), RunError> {
    for limit in limits {
        let names = invoked.iter().map(String::as_str);
        (limit.figure.check_function(names)).map_err(RunErrorKind::Scenario.caused())?;
        if invoked.len() == 1 {
            limit
                .figure
                .group
                .take_if(|(kind, _)| *kind == Group::Function);
        }
    }
    Ok(())
}

/// The functions behind `target`: those that were `named`, what the sandbox or the stack says, the
/// sample app's where its stage is in the address, else none.
///
/// # Errors
/// When functions were typed for a target that has functions of its own.
pub fn functions_behind(
    target: &Destination,
    named: Option<FunctionNames>,
) -> Result<FunctionNames, RunError> {
    if let Some(invoked) = &target.invoked {
        return Ok(invoked_names(invoked, target.sandbox.as_ref(), named));
    }
    if let Some(info) = &target.sandbox {
        if named.is_some() && target.invoked.is_none() {
            return Err(RunErrorKind::Scenario.error(words::OWN_FUNCTION_IN_SANDBOX));
        }
        let functions = &info.functions;
        let behind = functions.iter().find(|function| function.route.is_some());
        let entry = behind.or(functions.first());
        return Ok(FunctionNames {
            entry: entry.map(|entry| entry.name.clone()),
            consumer: entry.and_then(|entry| entry.invokes.first().cloned()),
            ..FunctionNames::default()
        });
    }
    match (&target.stack, named) {
        (Some(stack), _) => Ok(stack.names()),
        (None, Some(names)) => Ok(names),
        (None, None) if is_sample_stage(target.url.url()) => Ok(FunctionNames::sample_app()),
        (None, None) => Ok(FunctionNames::default()),
    }
}

/// The functions that are invoked, and the typed ones that are watched besides. A sandbox reports
/// which function the first one invokes.
fn invoked_names(
    invoked: &Invoked,
    sandbox: Option<&Info>,
    typed: Option<FunctionNames>,
) -> FunctionNames {
    let names: Vec<String> = (invoked.functions.iter())
        .map(|one| one.name.clone())
        .collect();
    let typed = typed.unwrap_or_default();
    let watched = typed.entry.into_iter().chain(typed.watched);
    let entry = sandbox.and_then(|info| {
        let mut functions = info.functions.iter();
        functions.find(|function| names.first() == Some(&function.name))
    });
    FunctionNames {
        entry: names.first().cloned(),
        consumer: entry.and_then(|entry| entry.invokes.first().cloned()),
        watched: watched.filter(|name| !names.contains(name)).collect(),
        invoked: names,
        answering: Vec::new(),
        service: typed.service,
        env: typed.env,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn what_is_expected_of_the_sample_app_is_expected_of_the_functions_that_are_there() {
        let scenario = Scenario::load("cold-start").expect("a built-in scenario");
        let names = |expect: &Expect| -> Vec<Option<String>> {
            let all = expect.insights.iter().chain(&expect.absent);
            all.map(|expected| expected.function.clone()).collect()
        };
        let mut expect = scenario.expect.clone();
        let consumer = FunctionNames::sample_app().consumer;
        assert!(
            names(&expect).contains(&consumer),
            "else this shows nothing"
        );

        let own = FunctionNames {
            entry: Some("mine".to_owned()),
            ..FunctionNames::default()
        };
        assert_eq!(expect_of(&mut expect, &own).len(), 1);
        assert!(names(&expect).iter().all(Option::is_none));

        let mut expect = scenario.expect.clone();
        let stack = FunctionNames {
            consumer: Some("stack-consumer-1".to_owned()),
            ..own
        };
        assert!(expect_of(&mut expect, &stack).is_empty());
        assert!(names(&expect).contains(&stack.consumer));
    }
}
