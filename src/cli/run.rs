//! `loadgen run SCENARIO`: any scenario.

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, Sending},
    sending::send,
};
use crate::scenario::Scenario;

/// Run a scenario: a file, or a built-in name
#[derive(Debug, Args)]
pub struct RunArgs {
    /// A TOML file, or a name from `loadgen scenarios`
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    #[command(flatten)]
    sending: Sending,
}

/// Runs it.
///
/// # Errors
/// When the scenario is bad, or it cannot run.
pub fn run(typed: &RunArgs, global: &Global) -> Result<Exit, Failure> {
    let scenario = Scenario::load(&typed.scenario)?;
    send(scenario, &typed.sending, global)
}
