//! How a command ends.

use std::{error::Error, fmt::Display, io, process::ExitCode};

use super::out;
use crate::{
    lang::texts,
    record::{Overall, Run, Verification},
    report::ReportError,
};

texts! {
    const;
    ERROR: "error", "오류";
    NOTE: "note", "참고";
}

/// How a command ended, as the shell sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything expected was met.
    Met,
    /// It ran, and something expected was missed.
    Missed,
    /// It could not run: usage, a bad scenario, an unusable target or key.
    Unable,
    /// Interrupted; the report was still written.
    Interrupted,
}

impl Exit {
    /// The exit of a command that made or judged this run. A run that could not be verified fails,
    /// unless verification was skipped.
    pub fn of(run: &Run) -> Exit {
        match run.verdict {
            _ if run.aborted.is_some() => Exit::Missed,
            // A merged run's verdict accounts for what its shards miss, and a merge is not
            // interrupted.
            _ if run.interrupted && run.shards.is_empty() => Exit::Interrupted,
            // A shard is judged when the shards are merged. Its own exit code says only that it
            // ran.
            _ if run.shard.is_some() => Exit::Met,
            Overall::NotVerified if run.verification == Verification::Skipped => Exit::Met,
            verdict => Exit::of_verdict(verdict),
        }
    }

    /// The exit of a command with this verdict.
    pub fn of_verdict(verdict: Overall) -> Exit {
        match verdict {
            Overall::Met => Exit::Met,
            Overall::Missed | Overall::NotVerified => Exit::Missed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Met => 0,
            Exit::Missed => 1,
            Exit::Unable => 2,
            Exit::Interrupted => 130,
        })
    }
}

/// Why a command could not run: what was found, and the fix.
#[derive(Debug)]
pub struct Failure {
    message: String,
    broken_pipe: bool,
}

impl Failure {
    /// A failure with what was found, where, and the fix, in complete sentences.
    pub fn new(message: impl Display) -> Failure {
        Failure {
            message: message.to_string(),
            broken_pipe: false,
        }
    }

    /// The failure with another message made of its own.
    pub fn map(mut self, message: impl FnOnce(String) -> String) -> Failure {
        self.message = message(self.message);
        self
    }

    /// The failure with a note below it.
    pub fn with_note(mut self, note: impl Display) -> Failure {
        self.message = format!("{}\n{NOTE}: {note}", self.message);
        self
    }

    /// Tells it on stderr. A reader that has gone away is success.
    pub fn tell(&self) -> Exit {
        if self.broken_pipe {
            return Exit::Met;
        }
        out::say(format!("{ERROR}: {}", self.message));
        Exit::Unable
    }
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Failure {
        let any: &(dyn Error + 'static) = &error;
        let io = match any.downcast_ref() {
            Some(ReportError::Write(io)) => Some(io),
            _ => any.downcast_ref::<io::Error>(),
        };
        Failure {
            broken_pipe: io.is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe),
            message: error.to_string(),
        }
    }
}
