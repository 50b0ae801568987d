//! `loadgen report`: shows a run again.

use clap::Args;

use super::{Exit, Failure, flags::RunsDir, out};
use crate::report::{self, Format};

/// Show a run again, in any format
#[derive(Debug, Args)]
pub struct Typed {
    /// The run: its folder, its name in `loadgen runs`, or nothing for the newest
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    runs: RunsDir,
}

/// Prints the report.
///
/// # Errors
/// When there is no such run, or it cannot be read.
pub fn run(typed: &Typed) -> Result<Exit, Failure> {
    let folder = typed.runs.runs().find(typed.run.as_deref())?;
    out::text(report::of_folder(&folder, typed.format)?)?;
    Ok(Exit::Met)
}
