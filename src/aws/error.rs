//! The errors of AWS and of the `aws` command. Each message has the cause and the next step.

use std::{
    fmt::Display,
    io,
    path::{Path, PathBuf},
};

use super::words;
use crate::lang::{Phrase, Reason};

/// Why an action on AWS failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no `aws` on the PATH.
    #[error("{}", words::ABSENT)]
    Absent,
    /// `aws` is another program.
    #[error("{}", words::not_aws(.found))]
    NotAws {
        /// What it printed, shortened.
        found: String,
    },
    /// `aws` is older than the oldest version that works.
    #[error("{}", words::too_old(.found))]
    TooOld {
        /// The version found.
        found: String,
    },
    /// `aws` does not know the call or an option of it.
    #[error("{}", words::unknown_call(.call, .message))]
    UnknownCall {
        /// Service and operation.
        call: String,
        /// What `aws` said.
        message: String,
    },
    /// No region is set.
    #[error("{}", words::NO_REGION)]
    NoRegion,
    /// `aws` found no keys.
    #[error("{}", words::no_credentials(.message))]
    NoCredentials {
        /// What `aws` said.
        message: String,
    },
    /// The profile requires an MFA code, and loadgen's call has no terminal to enter it.
    #[error("{}", words::WANTS_MFA)]
    WantsMfa,
    /// The configuration of `aws` cannot be read.
    #[error("{}", words::broken_config(.message))]
    BrokenConfig {
        /// What `aws` said.
        message: String,
    },
    /// The session has expired.
    #[error("{}", words::expired(.message))]
    Expired {
        /// What `aws` said.
        message: String,
    },
    /// The keys are not accepted at all.
    #[error("{}", words::rejected(.message))]
    Rejected {
        /// What AWS said.
        message: String,
    },
    /// The keys lack a permission.
    #[error("{}", words::denied(.operation, .message))]
    Denied {
        /// The API operation.
        operation: String,
        /// What AWS said.
        message: String,
    },
    /// The API throttles calls.
    #[error("{}", words::throttled(.operation, .message))]
    Throttled {
        /// The API operation.
        operation: String,
        /// What AWS said.
        message: String,
    },
    /// There is no connection.
    #[error("{}", words::unreachable(.message))]
    Unreachable {
        /// What `aws` said.
        message: String,
    },
    /// The stack does not exist.
    #[error("{}", words::no_such_stack(.stack, .region))]
    NoSuchStack {
        /// The stack's name.
        stack: String,
        /// Where it was looked for.
        region: String,
    },
    /// Not a stack of the sample app.
    #[error("{}", words::no_output(.stack, .region, .missing))]
    NoOutput {
        /// The stack's name.
        stack: String,
        /// Its region.
        region: String,
        /// The missing output.
        missing: String,
    },
    /// The stack cannot be used in its state.
    #[error("{}", stack_failed(.stack, .status, .reason.as_deref(), .next))]
    StackFailed {
        /// The stack's name.
        stack: String,
        /// CloudFormation's status.
        status: String,
        /// `LogicalId: the reason`, if AWS gives one.
        reason: Option<String>,
        /// What to do.
        next: Reason,
    },
    /// Another operation on the stack is in progress.
    #[error("{}", words::stack_busy(.stack, .status))]
    StackBusy {
        /// The stack's name.
        stack: String,
        /// CloudFormation's status.
        status: String,
    },
    /// The function does not exist.
    #[error("{}", words::no_such_function(.function, .region))]
    NoSuchFunction {
        /// The function's name.
        function: String,
        /// Where it was looked for.
        region: String,
    },
    /// Another update is in progress and did not end.
    #[error("{}", words::conflict(.function))]
    Conflict {
        /// The function's name.
        function: String,
    },
    /// Another caller changed the function during each attempt.
    #[error("{}", words::changed_meanwhile(.function))]
    ChangedMeanwhile {
        /// The function's name.
        function: String,
    },
    /// Lambda accepted the update, and it failed.
    #[error("{}", words::update_failed(.function, .reason))]
    UpdateFailed {
        /// The function's name.
        function: String,
        /// Lambda's reason.
        reason: String,
    },
    /// The environment variables cannot be read, so writing would lose them.
    #[error("{}", words::variables_hidden(.function, .message))]
    VariablesHidden {
        /// The function's name.
        function: String,
        /// AWS's reason.
        message: String,
    },
    /// An operation did not complete in time.
    #[error("{}", words::took_too_long(.what, *.seconds, .next))]
    TookTooLong {
        /// The operation that was waited for.
        what: Reason,
        /// How long it was waited for.
        seconds: u64,
        /// What to do.
        next: Reason,
    },
    /// A response that cannot be read.
    #[error("{}", words::garbage(.call, .problem))]
    Garbage {
        /// Service and operation.
        call: String,
        /// What is wrong with it. Never the response itself, which may contain a key.
        problem: Reason,
    },
    /// A refusal without its own variant.
    #[error("{}", words::refused(.call, .message))]
    Refused {
        /// Service and operation.
        call: String,
        /// AWS's code, or empty.
        code: String,
        /// What AWS said.
        message: String,
    },
    /// A runtime or package that `break` does not support.
    #[error("{}", words::unbreakable(.function, .runtime))]
    Unbreakable {
        /// The function's name.
        function: String,
        /// Its runtime, or its package type.
        runtime: Reason,
    },
    /// No original is saved on this machine.
    #[error("{}", words::not_broken(.function, &shown(.folder)))]
    NotBroken {
        /// The function's name.
        function: String,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// Other code was deployed since `break`.
    #[error("{}", words::overtaken(.function, &shown(.file)))]
    Overtaken {
        /// The function's name.
        function: String,
        /// The original's archive.
        file: PathBuf,
    },
    /// The original could not be downloaded.
    #[error("{}", words::download(.function, .problem))]
    Download {
        /// The function's name.
        function: String,
        /// What went wrong, without the address, which is signed.
        problem: Reason,
    },
    /// A file or folder of loadgen's.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Neither HOME nor LOADGEN_STATE is set.
    #[error("{}", words::NO_HOME)]
    NoHome,
    /// Ctrl-C ended `aws`.
    #[error("{}", words::INTERRUPTED)]
    Interrupted,
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn stack_failed(stack: &str, status: &str, reason: Option<&str>, next: &Reason) -> Phrase {
    match reason {
        Some(reason) => words::stack_failed_over(stack, status, reason, next),
        None => words::stack_failed(stack, status, next),
    }
}

impl Error {
    /// A response of `call` that cannot be read.
    pub(super) fn garbage(call: &str, problem: impl Display) -> Error {
        Error::Garbage {
            call: call.to_owned(),
            problem: Reason::of(problem),
        }
    }

    /// Whether AWS refused the call, so that it changed nothing. After other errors that is
    /// unknown.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Error::Absent
                | Error::NotAws { .. }
                | Error::TooOld { .. }
                | Error::UnknownCall { .. }
                | Error::NoRegion
                | Error::NoCredentials { .. }
                | Error::WantsMfa
                | Error::BrokenConfig { .. }
                | Error::Expired { .. }
                | Error::Rejected { .. }
                | Error::Denied { .. }
                | Error::Throttled { .. }
                | Error::NoSuchFunction { .. }
                | Error::Conflict { .. }
                | Error::ChangedMeanwhile { .. }
        ) || matches!(self, Error::Refused { code, .. } if !code.is_empty() && !is_servers_fault(code))
    }
}

/// Whether the call failed inside AWS, and may have changed something.
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

    fn refusals(text: impl Fn() -> String) -> Vec<Error> {
        vec![
            Error::Absent,
            Error::NotAws { found: text() },
            Error::TooOld { found: text() },
            Error::UnknownCall {
                call: text(),
                message: text(),
            },
            Error::NoRegion,
            Error::NoCredentials { message: text() },
            Error::WantsMfa,
            Error::BrokenConfig { message: text() },
            Error::Expired { message: text() },
            Error::Rejected { message: text() },
            Error::Denied {
                operation: text(),
                message: text(),
            },
            Error::Throttled {
                operation: text(),
                message: text(),
            },
            Error::Unreachable { message: text() },
            Error::Refused {
                call: text(),
                code: text(),
                message: text(),
            },
            Error::NoHome,
            Error::Interrupted,
        ]
    }

    fn of_stacks(text: impl Fn() -> String) -> Vec<Error> {
        let failed = |reason, next| Error::StackFailed {
            stack: text(),
            status: text(),
            reason,
            next: Reason::of(next),
        };
        vec![
            Error::NoSuchStack {
                stack: text(),
                region: text(),
            },
            Error::NoOutput {
                stack: text(),
                region: text(),
                missing: text(),
            },
            failed(None, words::UPDATE_FAILED_BACK),
            failed(Some(text()), words::ROLLBACK_FAILED),
            failed(Some(text()), words::ONLY_DELETE),
            Error::StackBusy {
                stack: text(),
                status: text(),
            },
            Error::TookTooLong {
                what: Reason::of(words::work_on_stack("x", "y")),
                seconds: 900,
                next: Reason::of(words::STACK_GOES_ON),
            },
            Error::TookTooLong {
                what: Reason::of(words::a_call("x")),
                seconds: 300,
                next: Reason::of(words::CALL_UNKNOWN),
            },
        ]
    }

    fn of_functions(function: impl Fn() -> String) -> Vec<Error> {
        let download = |problem: Reason| Error::Download {
            function: function(),
            problem,
        };
        vec![
            Error::NoSuchFunction {
                function: function(),
                region: function(),
            },
            Error::Conflict {
                function: function(),
            },
            Error::ChangedMeanwhile {
                function: function(),
            },
            Error::UpdateFailed {
                function: function(),
                reason: function(),
            },
            Error::VariablesHidden {
                function: function(),
                message: function(),
            },
            Error::garbage("x", words::not_json(3, "EOF")),
            Error::garbage("x", words::lacks("Timeout")),
            Error::garbage("x", words::unexpected("State")),
            Error::Unbreakable {
                function: function(),
                runtime: Reason::of(words::CONTAINER_IMAGE),
            },
            Error::NotBroken {
                function: function(),
                folder: "/state".into(),
            },
            Error::Overtaken {
                function: function(),
                file: "/state/original.zip".into(),
            },
            download(Reason::of(words::NO_ADDRESS)),
            download(Reason::of(words::NOT_HTTPS)),
            download(Reason::of(words::other_size(1, 2))),
            Error::TookTooLong {
                what: Reason::of(words::update_of("x")),
                seconds: 180,
                next: Reason::of(words::UPDATE_GOES_ON),
            },
        ]
    }

    #[test]
    fn every_error_is_said_in_korean() {
        let text = || "x".to_owned();
        assert_korean(refusals(text));
        assert_korean(of_stacks(text));
        assert_korean(of_functions(text));
    }

    #[test]
    fn what_a_command_leaves_behind_and_what_it_costs_is_said_in_korean() {
        assert_korean([
            words::maybe_deploying("x", words::UNDO_CREATE),
            words::maybe_deploying("x", words::UNDO_UPDATE),
            words::maybe_deleting("x"),
            words::maybe_cooling("x"),
            words::maybe_broken("x"),
            words::maybe_still_broken("x"),
            words::still_broken("x", "y", "2026".to_owned(), "--region y".to_owned()),
            words::saved_original("/x"),
            super::super::price::estimate(&super::super::price::Usage::THOUSAND).sentence(),
        ]);
    }
}
