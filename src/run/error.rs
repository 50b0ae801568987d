//! Why a run could not be made or judged.

use std::{error::Error, fmt::Display, io};

use crate::{lang::Reason, record::RecordError, telemetry::store::StoreError};

/// Why a run could not be made or judged: what was found and the fix, in complete sentences.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct RunError {
    kind: RunErrorKind,
    message: Reason,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kept a run from being made or judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunErrorKind {
    /// The scenario, or an option beside it, cannot be run as it is.
    Scenario,
    /// The target cannot be found, reached or configured.
    Target,
    /// A guard rail or the confirmation refused it. Nothing was sent.
    Refused,
    /// Keys or credentials are missing or unusable.
    Credentials,
    /// The run's data could not be asked for.
    Verification,
    /// The run's folder cannot be written or read.
    Record,
    /// The system gave no thread, timer or socket.
    System,
}

impl RunErrorKind {
    /// An error of this kind.
    pub(crate) fn error(self, message: impl Display) -> RunError {
        RunError {
            kind: self,
            message: Reason::of(message),
            source: None,
        }
    }

    /// An error of this kind that says what its cause says.
    pub(crate) fn caused<E>(self) -> impl Fn(E) -> RunError
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        move |cause| {
            let cause = cause.into();
            RunError {
                kind: self,
                message: Reason::of(&cause),
                source: Some(cause),
            }
        }
    }
}

impl RunError {
    /// A run that was refused, with the reason.
    pub fn refused(why: impl Display) -> RunError {
        RunErrorKind::Refused.error(why)
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> RunErrorKind {
        self.kind
    }
}

impl From<RecordError> for RunError {
    fn from(error: RecordError) -> RunError {
        RunErrorKind::Record.caused()(error)
    }
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> RunError {
        RunErrorKind::Record.caused()(error)
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> RunError {
        RunErrorKind::System.caused()(error)
    }
}
