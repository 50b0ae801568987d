//! `loadgen completions SHELL`: what a shell needs to complete our words.

use clap::Args;
use clap_complete::Shell;

use super::{Exit, Failure, out};

/// Print completions for a shell
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

/// Prints them.
///
/// # Errors
/// When stdout does not take it.
pub fn run(typed: &CompletionsArgs, mut command: clap::Command) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(typed.shell, &mut command, "loadgen", &mut script);
    out::text(String::from_utf8_lossy(&script))?;
    Ok(Exit::Met)
}
