//! The options of a run, besides its scenario.

use std::{path::PathBuf, time::Duration};

use super::{RunError, RunErrorKind, Sharing};
use crate::{
    aws::Endpoint,
    engine::{ConnectionUse, StopSignal},
    record::{Folder, FunctionNames, Runs},
    scenario::{Threshold, TlsOptions},
};
use jiff::Timestamp;

/// The options of a run, besides its scenario.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Where the record goes.
    pub record: RecordPlace,
    /// The user's own functions; None: those that the target reports.
    pub functions: Option<FunctionNames>,
    /// The AWS region of the target; None: the address's, or the one that `aws` would use.
    pub region: Option<String>,
    /// An emulator that stands in for AWS.
    pub emulator: Option<Endpoint>,
    /// Whether every request is signed with the user's AWS credentials.
    pub sign: bool,
    /// Whether idle phases are waited for even if a sandbox could skip them.
    pub real_idle: bool,
    /// At most this many requests at a time, 1 to 20,000.
    pub max_in_flight: usize,
    /// How requests use connections.
    pub connection_use: ConnectionUse,
    /// What TLS trusts and presents.
    pub tls: TlsOptions,
    /// Whether every trace is kept, which costs money on the user's own function.
    pub keep_traces: bool,
    /// Whether an event is posted at the run's start and end.
    pub annotate: bool,
    /// Conditions that end the run early.
    pub abort_on: Vec<Threshold>,
    /// The API to ask about the run; None: the sandbox that got the requests, or Datadog's site.
    pub datadog_url: Option<String>,
    /// Whether the Insights are verified afterwards.
    pub verify: bool,
    /// How long to wait for expected Insights; None: the API's default.
    pub wait: Option<Duration>,
    /// How the run is shared among threads and machines, and when it starts.
    pub sharing: Sharing,
    /// Guard rails for load on another machine.
    pub guard: GuardRails,
    /// Stops the run from outside: the first signal lets requests in flight complete.
    pub stop: StopSignal,
}

impl RunOptions {
    /// The defaults, with the record in this folder, which must hold no run yet.
    pub fn in_folder(path: impl Into<PathBuf>) -> RunOptions {
        RunOptions::at(RecordPlace::Folder(path.into()))
    }

    /// The defaults, with the record at this place.
    pub fn at(record: RecordPlace) -> RunOptions {
        RunOptions {
            record,
            functions: None,
            region: None,
            emulator: None,
            sign: false,
            real_idle: false,
            max_in_flight: 2_000,
            connection_use: ConnectionUse::default(),
            tls: TlsOptions::default(),
            keep_traces: false,
            annotate: false,
            abort_on: Vec::new(),
            datadog_url: None,
            verify: true,
            wait: None,
            sharing: Sharing::default(),
            guard: GuardRails::default(),
            stop: StopSignal::new(),
        }
    }
}

/// Guard rails for targets that are not this machine.
#[derive(Clone, Debug, clap::Args)]
pub struct GuardRails {
    /// Start without asking
    #[arg(long = "yes", short = 'y')]
    pub confirmed: bool,
    /// Most requests that a run may send to another machine
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub max_requests: u64,
    /// Most requests a second that a run may send to another machine
    #[arg(long, value_name = "N", default_value_t = 200.0)]
    pub max_rate: f64,
    /// Send over plain http to this host, which is yours
    #[arg(long, value_name = "HOST")]
    pub allow_http: Vec<String>,
    /// Show the value of this parameter of the address's query in files and reports
    #[arg(long, value_name = "NAME")]
    pub public_query: Vec<String>,
}

impl Default for GuardRails {
    fn default() -> GuardRails {
        GuardRails {
            confirmed: false,
            max_requests: 10_000,
            max_rate: 200.0,
            allow_http: Vec::new(),
            public_query: Vec::new(),
        }
    }
}

/// Where the record of a run goes.
#[derive(Clone, Debug)]
pub enum RecordPlace {
    /// This folder, which must hold no run yet.
    Folder(PathBuf),
    /// A new folder among these runs.
    Among(Runs),
}

impl RecordPlace {
    /// Checks that nothing would be overwritten.
    ///
    /// # Errors
    /// When the folder holds a run.
    pub fn check(&self) -> Result<(), RunError> {
        match self {
            RecordPlace::Folder(path) if path.join("run.json").exists() => {
                Err(RunErrorKind::Record
                    .error(super::words::folder_taken(path.display().to_string())))
            }
            _ => Ok(()),
        }
    }

    /// Makes the folder of a run of this scenario.
    ///
    /// # Errors
    /// When it holds a run already, or the system refuses.
    pub fn create(&self, started_at: Timestamp, scenario: &str) -> Result<Folder, RunError> {
        self.check()?;
        match self {
            RecordPlace::Folder(path) => {
                let folder = Folder::create(path)?;
                // One that began just before may have left its record there.
                self.check()?;
                Ok(folder)
            }
            RecordPlace::Among(runs) => Ok(runs.create(started_at, scenario)?),
        }
    }
}
