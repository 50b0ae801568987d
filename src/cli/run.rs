//! `loadgen run SCENARIO`: any scenario.

use clap::Args;

use super::{
    Exit, Failure,
    asked::Asked,
    conduct,
    flags::{Global, Sending},
};

/// Run a scenario: a file, or a built-in name
#[derive(Debug, Args)]
pub struct Typed {
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
pub fn run(typed: &Typed, global: &Global) -> Result<Exit, Failure> {
    conduct::run(Asked::named(&typed.scenario)?, &typed.sending, global)
}
