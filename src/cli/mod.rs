//! What was typed becomes what is meant: one file per subcommand.

mod exit;
mod scenarios;
mod simulate;
mod view;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};

/// The load generator that knows what a cold start is.
#[derive(Debug, Parser)]
#[command(name = "loadgen", version, max_term_width = 100)]
struct Typed {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Simulate(simulate::Simulate),
    Scenarios(scenarios::Scenarios),
    View(view::View),
}

/// Runs what was typed and says how it ended. Errors are told on stderr.
pub fn main(typed: impl IntoIterator<Item = OsString>) -> Exit {
    let typed = match Typed::try_parse_from(typed) {
        Ok(typed) => typed,
        Err(error) => {
            // clap writes help and version to stdout and everything else to stderr itself.
            let exit = if error.use_stderr() {
                Exit::Unable
            } else {
                Exit::Met
            };
            let _ = error.print();
            return exit;
        }
    };
    match run(typed.command) {
        Ok(exit) => exit,
        Err(failure) => failure.tell(),
    }
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Simulate(simulate) => simulate.run(),
        Command::Scenarios(asked) => scenarios::run(&asked),
        Command::View(asked) => view::run(&asked),
    }
}
