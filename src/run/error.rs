//! Why a run could not be made or judged.

use std::{error::Error, fmt::Display, io};

use crate::{lang::Reason, record::RecordError};

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

impl RunError {
    pub(crate) fn new(kind: RunErrorKind, message: impl Display) -> RunError {
        RunError {
            kind,
            message: Reason::of(message),
            source: None,
        }
    }

    /// An error of this kind that says what its cause says.
    pub(crate) fn from_cause<E>(kind: RunErrorKind) -> impl Fn(E) -> RunError
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        move |cause| {
            let cause = cause.into();
            RunError {
                kind,
                message: Reason::of(&cause),
                source: Some(cause),
            }
        }
    }

    /// A run that was refused, with the reason.
    pub fn refused(why: impl Display) -> RunError {
        RunError::new(RunErrorKind::Refused, why)
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> RunErrorKind {
        self.kind
    }
}

impl From<RecordError> for RunError {
    fn from(error: RecordError) -> RunError {
        RunError::from_cause(RunErrorKind::Record)(error)
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> RunError {
        RunError::from_cause(RunErrorKind::System)(error)
    }
}
