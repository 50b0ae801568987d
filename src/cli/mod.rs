//! What was typed becomes what is meant: one file per subcommand.

mod ab;
mod asking;
mod audit;
mod aws;
mod bench;
mod bench_clock;
mod cold_start;
mod compare;
mod completions;
mod console;
mod doctor;
mod errors;
mod exit;
mod flags;
mod function_dirs;
#[cfg(feature = "guide")]
mod guide;
mod help;
mod import;
mod interrupt;
mod limits;
mod man;
mod merge;
mod out;
mod plan;
mod progress;
mod prompt;
mod report;
mod run;
mod runs;
mod sandbox;
mod scenarios;
mod sending;
mod sharing;
mod simulate;
mod target;
mod verify;
mod view;
mod watch;

use std::{ffi::OsString, path::Path};

use clap::{Parser, Subcommand};

use crate::{
    host::{SUPERVISE, supervise},
    lang,
};
pub use exit::{Exit, Failure};
use flags::Global;

/// The load generator that knows what a cold start is.
#[derive(Debug, Parser)]
#[command(name = "loadgen", version, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    ColdStart(cold_start::ColdStartArgs),
    Errors(errors::ErrorsArgs),
    Run(run::RunArgs),
    Scenarios(scenarios::Scenarios),
    Plan(plan::PlanArgs),
    Simulate(simulate::Simulate),
    Verify(verify::VerifyArgs),
    Watch(watch::WatchArgs),
    Audit(audit::AuditArgs),
    /// A scenario of what another tool wrote down: curl commands, HAR, Artillery
    Import(import::ImportArgs),
    Report(report::ReportArgs),
    Compare(compare::CompareArgs),
    Ab(Box<ab::AbArgs>),
    Runs(runs::RunsArgs),
    Merge(merge::MergeArgs),
    View(view::ViewArgs),
    Doctor(doctor::DoctorArgs),
    Aws(aws::AwsCommand),
    Bench(bench::BenchArgs),
    Sandbox(sandbox::SandboxArgs),
    #[cfg(feature = "guide")]
    Guide(guide::GuideArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Runs what was typed and says how it ended. Errors are told on stderr.
pub fn main(typed: impl IntoIterator<Item = OsString>) -> Exit {
    let typed: Vec<OsString> = typed.into_iter().collect();
    if let [_, word, folder] = &typed[..]
        && word == SUPERVISE
    {
        return match supervise(Path::new(folder)) {
            Ok(()) => Exit::Met,
            Err(_) => Exit::Unable,
        };
    }
    lang::speak_by_default(Global::language(&typed));
    let parsed = without_empty(command()).try_get_matches_from(typed);
    let parsed = parsed.and_then(|matches| clap::FromArgMatches::from_arg_matches(&matches));
    let typed: CommandLine = match parsed {
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
    typed.global.color.apply();
    // Fails only if a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(typed.command, &typed.global) {
        Ok(exit) => exit,
        Err(failure) => failure.tell(),
    }
}

fn run(typed: Command, global: &Global) -> Result<Exit, Failure> {
    match typed {
        Command::ColdStart(typed) => cold_start::run(&typed, global),
        Command::Errors(typed) => errors::run(&typed, global),
        Command::Run(typed) => run::run(&typed, global),
        Command::Scenarios(typed) => scenarios::run(&typed),
        Command::Plan(typed) => plan::run(&typed, global),
        Command::Simulate(typed) => simulate::run(&typed, global),
        Command::Verify(typed) => verify::run(&typed, global),
        Command::Watch(typed) => watch::run(&typed, global),
        Command::Audit(typed) => audit::run(&typed, global),
        Command::Import(typed) => import::run(&typed),
        Command::Report(typed) => report::run(&typed, global),
        Command::Compare(typed) => compare::run(&typed),
        Command::Ab(typed) => ab::run(&typed, global),
        Command::Runs(typed) => runs::run(&typed),
        Command::Merge(typed) => merge::run(&typed, global),
        Command::View(typed) => view::run(&typed, global),
        Command::Doctor(typed) => doctor::run(&typed, global),
        Command::Aws(typed) => typed.run(),
        Command::Bench(typed) => bench::run(&typed, global),
        Command::Sandbox(typed) => sandbox::run(&typed),
        #[cfg(feature = "guide")]
        Command::Guide(typed) => guide::run(&typed, global),
        Command::Completions(typed) => completions::run(&typed, command()),
        Command::Man(typed) => man::run(&typed, command()),
    }
}

/// The command line without the variables of the environment that are set to nothing.
fn without_empty(command: clap::Command) -> clap::Command {
    let is_empty = |arg: &clap::Arg| {
        arg.get_env()
            .is_some_and(|name| std::env::var_os(name).is_some_and(|value| value.is_empty()))
    };
    let unset = |arg: clap::Arg| match is_empty(&arg) {
        true => arg.env(clap::builder::Resettable::Reset),
        false => arg,
    };
    command.mut_args(unset).mut_subcommands(without_empty)
}

/// The full command line, for the guide's reference.
pub fn command() -> clap::Command {
    help::grouped(<CommandLine as clap::CommandFactory>::command())
}
