//! The errors of AWS and of the `aws` command. Each message has the cause and the next step.

use std::{
    fmt::Display,
    io,
    path::{Path, PathBuf},
};

use super::words;
use crate::lang::{Phrase, Reason};

/// Why an action on AWS failed: one variant for each thing that a caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The call was refused, by AWS or by `aws` itself, so that nothing was changed.
    #[error("{0}")]
    Refused(Phrase),
    /// The user lacks a permission. Nothing was changed.
    #[error("{0}")]
    Denied(Phrase),
    /// Another update of the function is in progress or came between. Nothing was changed.
    #[error("{0}")]
    Conflict(Phrase),
    /// `aws` does not know the call or an option of it.
    #[error("{0}")]
    UnknownCall(Phrase),
    /// AWS answered with a code that has no sentence of its own.
    #[error("{}", words::refused(.call, .message))]
    Coded {
        /// Service and operation.
        call: String,
        /// AWS's code; empty if `aws` gave none.
        code: String,
        /// What `aws` said.
        message: String,
    },
    /// It could not be done, or whether it was is not known.
    #[error("{0}")]
    Failed(Phrase),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file, or the program.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `aws` was stopped by Ctrl-C.
    #[error("{}", words::INTERRUPTED)]
    Interrupted,
}

impl Error {
    /// An answer of `call` that cannot be read.
    pub(super) fn garbage(call: &str, problem: impl Display) -> Error {
        Error::Failed(words::garbage(call, &Reason::of(problem)))
    }

    /// What went wrong with the file at `path`.
    pub(super) fn file(path: &Path) -> impl Fn(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::File {
            path: path.clone(),
            source,
        }
    }

    /// Whether the call was refused before it changed anything, in contrast to one whose outcome is unknown.
    pub fn is_refusal(&self) -> bool {
        match self {
            Error::Refused(_) | Error::Denied(_) | Error::Conflict(_) | Error::UnknownCall(_) => {
                true
            }
            Error::Coded { code, .. } => !code.is_empty() && !is_servers_fault(code),
            Error::Failed(_) | Error::File { .. } | Error::Interrupted => false,
        }
    }
}

/// Codes of errors on AWS's side, after which the outcome is unknown.
fn is_servers_fault(code: &str) -> bool {
    [
        "InternalFailure",
        "InternalError",
        "ServiceException",
        "ServiceUnavailable",
    ]
    .contains(&code)
        || code.starts_with('5')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::assert_korean;

    #[test]
    fn errors_are_korean_but_for_what_others_said() {
        let refused = [
            words::ABSENT.into(),
            words::not_aws("x"),
            words::too_old("x"),
            words::unknown_call("x", "x"),
            words::NO_REGION.into(),
            words::no_credentials("x"),
            words::WANTS_MFA.into(),
            words::broken_config("x"),
            words::expired("x"),
            words::rejected("x"),
            words::denied("x", "x"),
            words::throttled("x", "x"),
            words::unreachable("x"),
            words::refused("x", "x"),
            words::NO_HOME.into(),
            words::INTERRUPTED.into(),
        ];
        let of_stacks = [
            words::no_such_stack("x", "x"),
            words::no_output("x", "x", "x"),
            words::stack_failed("x", "x", words::UPDATE_FAILED_BACK),
            words::stack_failed_over("x", "x", "x", words::ROLLBACK_FAILED),
            words::stack_failed_over("x", "x", "x", words::ONLY_DELETE),
            words::stack_busy("x", "x"),
            words::took_too_long(words::work_on_stack("x", "y"), 900, words::STACK_GOES_ON),
            words::took_too_long(words::a_call("x"), 300, words::CALL_UNKNOWN),
        ];
        let of_functions = [
            words::no_such_function("x", "x"),
            words::conflict("x"),
            words::changed_meanwhile("x"),
            words::update_failed("x", "x"),
            words::variables_hidden("x", "x"),
            words::unbreakable("x", words::CONTAINER_IMAGE.into()),
            words::not_broken("x", "/state"),
            words::overtaken("x", "/state/original.zip"),
            words::download("x", &Reason::of(words::NO_ADDRESS)),
            words::download("x", &Reason::of(words::NOT_HTTPS)),
            words::download("x", &Reason::of(words::other_size(1, 2))),
            words::took_too_long(words::update_of("x"), 180, words::UPDATE_GOES_ON),
        ];
        assert_korean(refused.into_iter().chain(of_stacks).chain(of_functions));
        assert_korean([
            Error::garbage("x", words::not_json(3, "EOF")),
            Error::garbage("x", words::lacks("Timeout")),
            Error::garbage("x", words::unexpected("State")),
        ]);
    }
}
