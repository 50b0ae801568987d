//! Flags that several subcommands share.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;

use super::{Failure, limits::Limits, out, sharing::SharingFlags, target::TargetFlags};
use crate::{
    engine::ConnectionUse,
    environment::variable,
    lang::Lang,
    record::Runs,
    run::{GuardRails, RecordPlace, RunOptions, Talk},
    scenario::{Setting, TlsOptions},
    units::parse_duration,
};

/// Flags of every subcommand.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Colours: auto looks at the terminal and at NO_COLOR
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Show every table, histogram and reason instead of what fits one screen
    #[arg(long, global = true)]
    pub full: bool,
    /// The language of all that is said, en or ko; else LOADGEN_LANG, LC_ALL, LC_MESSAGES or LANG
    /// says it
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Lang>,
}

/// What is said in passing, unless nothing is to be said.
pub fn talk(quiet: bool) -> Talk {
    match quiet {
        true => Arc::new(|_| {}),
        false => Arc::new(|line| out::say(line)),
    }
}

impl Global {
    /// What is said in passing.
    pub fn talk(&self) -> Talk {
        talk(self.quiet)
    }

    /// The language that `typed` asks for, or else the environment. Read before all else, for what
    /// is typed wrong is said in it too.
    pub fn language(typed: &[OsString]) -> Lang {
        let mut words = typed.iter().filter_map(|word| word.to_str());
        let mut asked = None;
        while let Some(word) = words.next() {
            match word.split_once('=') {
                _ if word == "--" => break,
                _ if word == "--lang" => asked = words.next(),
                Some(("--lang", lang)) => asked = Some(lang),
                _ => {}
            }
        }
        let asked = asked.and_then(|lang| lang.parse().ok());
        asked.unwrap_or_else(|| Lang::of_environment(variable))
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes it so for everything that is printed from now on.
    pub fn apply(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// The folder that holds the runs unless another one is named.
const DEFAULT_RUNS: &str = "loadgen-runs";

/// Where runs are kept.
#[derive(Clone, Debug, Args)]
pub struct RunsDir {
    /// The folder that holds the runs
    #[arg(
        long = "runs",
        value_name = "DIR",
        env = "LOADGEN_RUNS",
        default_value = DEFAULT_RUNS
    )]
    root: PathBuf,
}

impl RunsDir {
    /// Whether they are not where every command looks by itself.
    pub fn is_elsewhere(&self) -> bool {
        self.root != Path::new(DEFAULT_RUNS)
    }

    /// The runs there.
    pub fn runs(&self) -> Runs {
        Runs::at(&self.root)
    }
}

/// Changes to a scenario.
#[derive(Clone, Debug, Default, Args)]
pub struct Settings {
    /// Set a key of the scenario, for example request.method=POST, seed=7 or phase.burst.burst=50;
    /// KEY= leaves it out; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<Setting>,
}

/// Flags of everything that sends a scenario.
#[derive(Clone, Debug, Args)]
pub struct Sending {
    #[command(flatten)]
    pub to: TargetFlags,
    /// Sign every request with your AWS credentials, for an endpoint that IAM protects
    #[arg(long)]
    pub sigv4: bool,
    /// Wait for idle phases by the clock, even where the sandbox could skip them
    #[arg(long)]
    pub real_idle: bool,
    #[command(flatten)]
    pub settings: Settings,
    /// Most requests in flight at once; later ones queue with their planned time kept
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub max_in_flight: u32,
    #[command(flatten)]
    pub connections: ConnectionFlags,
    #[command(flatten)]
    pub limits: Limits,
    /// Do not ask for the Insights afterwards
    #[arg(long)]
    pub no_verify: bool,
    /// How long to wait for expected Insights: 15s at a sandbox, 15m at Datadog unless said
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, value_parser = parse_duration, conflicts_with = "no_verify")]
    pub wait: Option<Duration>,
    /// Keep every trace: on a function of your own, each kept trace costs money at Datadog
    #[arg(long)]
    pub keep_traces: bool,
    /// Post an event to Datadog (or the sandbox) when the run starts and when it has ended
    #[arg(long)]
    pub annotate: bool,
    /// Write the run to this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub sharing: SharingFlags,
    #[command(flatten)]
    pub runs: RunsDir,
    #[command(flatten)]
    pub tls: TlsOptions,
    #[command(flatten)]
    pub guard: GuardRails,
}

/// How requests use connections.
#[derive(Clone, Copy, Debug, Args)]
pub struct ConnectionFlags {
    /// Open a connection for every request
    #[arg(long)]
    pub new_connections: bool,
    /// Speak HTTP/1.1, even where the server offers HTTP/2
    #[arg(long)]
    pub http1: bool,
    /// Let so many requests at a time share each connection, by HTTP/2
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub streams: u16,
}

impl ConnectionFlags {
    /// What was typed.
    pub fn of_run(self) -> ConnectionUse {
        ConnectionUse {
            is_new: self.new_connections,
            http1: self.http1,
            streams: self.streams.into(),
        }
    }
}

impl RunsDir {
    /// Where a new run goes: the folder that was typed, or a new one among the runs.
    pub fn place(&self, typed: Option<&Path>) -> RecordPlace {
        match typed {
            Some(path) => RecordPlace::Folder(path.to_owned()),
            None => RecordPlace::Among(self.runs()),
        }
    }
}

impl Sending {
    /// How the run is made, as typed.
    ///
    /// # Errors
    /// A shard that nothing tells, or that has no start.
    pub fn options(&self) -> Result<RunOptions, Failure> {
        Ok(RunOptions {
            functions: self.to.own.names(),
            region: self.to.on_aws.region.clone(),
            emulator: self.to.on_aws.endpoint.clone(),
            sign: self.sigv4,
            real_idle: self.real_idle,
            max_in_flight: self.max_in_flight as usize,
            connection_use: self.connections.of_run(),
            tls: self.tls.clone(),
            keep_traces: self.keep_traces,
            annotate: self.annotate,
            abort_on: self.limits.abort_on.clone(),
            verify: !self.no_verify,
            wait: self.wait,
            sharing: self.sharing.sharing()?,
            guard: self.guard.clone(),
            ..RunOptions::at(self.runs.place(self.out.as_deref()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_typed_goes_before_all_others() {
        let language = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            Global::language(&words)
        };
        assert_eq!(language("loadgen --lang ko errors"), Lang::Ko);
        assert_eq!(language("loadgen errors --lang=ko --quiet"), Lang::Ko);
        assert_eq!(language("loadgen errors --lang ko --lang en"), Lang::En);
    }
}
