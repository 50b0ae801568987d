//! A deployed stack as a target: its address, its configuration, and how it is made cold.

use std::fmt;

use super::{ForceCold, RunError, RunErrorKind, Talk, blocking::block_on, words};
use crate::{
    aws::{self, Aws, AwsPlace, Endpoint, StackOutputs, StateFolder},
    record::FunctionNames,
    scenario::Scenario,
};

/// A deployed stack of the sample app.
pub struct Stack {
    /// Its outputs.
    pub outputs: StackOutputs,
    /// The secret that makes its entry function honour faults.
    pub fault_key: Option<String>,
    /// Its functions, the entry function first.
    functions: Vec<String>,
    /// Empties all its environments instead of idling, if that was requested.
    pub(super) force_cold: Option<ForceCold>,
}

/// Where stacks and functions on AWS are, and how they are emptied.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AwsQuery {
    /// The region of stacks and functions
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
    /// Instead of idling empty all execution environments of stacks and functions
    #[arg(long)]
    pub force_cold: bool,
    /// An emulator, or a sandbox, that stands in for AWS
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<Endpoint>,
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The fault key is left out, because it is a secret.
        f.debug_struct("Stack")
            .field("outputs", &self.outputs)
            .field("functions", &self.functions)
            .finish_non_exhaustive()
    }
}

impl Stack {
    /// Looks the stack up, and compares it with what the scenario needs. Changes nothing.
    ///
    /// # Errors
    /// When `aws` fails, or a function is not as the scenario's `[function]` table demands; the
    /// error has the commands that would change it.
    pub fn look_up(
        name: &str,
        query: &AwsQuery,
        scenario: &Scenario,
        talk: &Talk,
    ) -> Result<Stack, RunError> {
        if let Ok(state) = StateFolder::of_user() {
            for broken in state.broken() {
                talk(&words::note(broken.reminder()).to_string());
            }
        }
        let region = block_on(aws::region(query.region.as_deref()))?;
        let place = AwsPlace {
            region: region.map_err(RunErrorKind::Target.caused())?,
            endpoint: query.endpoint.clone(),
        };
        let failed = |error: aws::Error| {
            let message = place.completed(&error.to_string(), name);
            RunErrorKind::Target.error(message)
        };
        block_on(async {
            let told = Talk::clone(talk);
            let aws = Aws::new(place.clone(), move |line| told(line));
            let outputs = aws::stack_outputs(&aws, name).await?;
            let entry = &outputs.entry_function;
            let deployed = aws::function_configuration(&aws, entry).await?;
            let unmet = aws::unmet(&scenario.function, &deployed, &place);
            if !unmet.is_empty() {
                return Ok(Err(not_as_needed(entry, &unmet)));
            }
            let wants_faults = scenario.phases.iter().any(|phase| phase.fault.is_some());
            let fault_key = match wants_faults {
                true => aws::fault_key(&aws, entry).await?,
                false => None,
            };
            if wants_faults && fault_key.is_none() {
                let note = words::note(words::no_fault_key(entry)).to_string();
                talk(&place.completed(&note, name));
            }
            let functions = aws::stack_functions(&aws, &outputs).await?;
            let force_cold = match query.force_cold {
                true => Some(ForceCold::of(&functions, &place, talk).await?),
                false => None,
            };
            Ok::<_, aws::Error>(Ok(Stack {
                fault_key,
                functions,
                force_cold,
                outputs,
            }))
        })?
        .map_err(failed)?
    }

    /// The functions' names, as a run's record has them.
    pub fn names(&self) -> FunctionNames {
        FunctionNames {
            entry: Some(self.outputs.entry_function.clone()),
            consumer: self.functions.get(1).cloned(),
            ..FunctionNames::default()
        }
    }
}

/// The error for a function that is not as the scenario demands.
pub(super) fn not_as_needed(function: &str, unmet: &[aws::Requirement]) -> RunError {
    let mut message = words::not_as_needed(function).to_string();
    for unmet in unmet {
        message += &format!("\n{unmet}");
    }
    RunErrorKind::Target.error(message)
}
