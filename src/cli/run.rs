//! `loadgen run SCENARIO`: any scenario.

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, Sending},
    sending::send,
};
use crate::scenario::{Scenario, Setting};

/// Run a scenario: a file, or a built-in name
#[derive(Debug, Args)]
pub struct RunArgs {
    /// A TOML file, a name from `loadgen scenarios`, or - for standard input
    #[arg(value_name = "SCENARIO", required_unless_present = "rate")]
    scenario: Option<String>,
    /// Instead of a scenario: this many requests per second
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "scenario",
        requires = "length"
    )]
    rate: Option<f64>,
    /// With --rate: for how long
    #[arg(
        long = "for",
        id = "length",
        value_name = "DURATION",
        requires = "rate"
    )]
    length: Option<String>,
    #[command(flatten)]
    sending: Sending,
}

/// The scenario of `--rate` and `--for`, which set the last two keys.
const STEADY: &str = "name = \"run\"\n[[phase]]\nname = \"run\"\n";

impl RunArgs {
    /// What `--rate` and `--for` set.
    fn steady(&self) -> Vec<Setting> {
        let rate = self
            .rate
            .map(|rate| Setting::new("phase.run.rate", &rate.to_string()));
        let length = self
            .length
            .as_ref()
            .map(|length| Setting::new("phase.run.for", length));
        rate.into_iter().chain(length).collect()
    }
}

/// Runs it.
///
/// # Errors
/// When the scenario is bad, or it cannot run.
pub fn run(typed: &RunArgs, global: &Global) -> Result<Exit, Failure> {
    let settings = &typed.sending.settings.set;
    let scenario = match &typed.scenario {
        Some(name) => Scenario::load_with(name, settings)?,
        None => Scenario::parse_with(
            STEADY,
            "--rate",
            &[typed.steady(), settings.clone()].concat(),
        )?,
    };
    send(scenario, &typed.sending, global)
}
