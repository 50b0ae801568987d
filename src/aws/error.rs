//! What can go wrong between here and AWS: each with its cause and the next step.

use std::{io, path::PathBuf};

/// Why a step on AWS did not happen, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No `aws` on the PATH.
    #[error(
        "no `{program}` command was found. Install the AWS command line interface, version 2 (https://aws.amazon.com/cli/), or version 1 with `pip install awscli`, then run `aws configure`. Without it, upload book/sample-app/template.yaml in the CloudFormation console."
    )]
    Absent {
        /// What was looked for.
        program: String,
    },
    /// Something else is called `aws`.
    #[error(
        "`{program} --version` answered {found:?}, which is not the AWS command line interface. Put the real one first on your PATH."
    )]
    NotAws {
        /// What was run.
        program: String,
        /// What it said, shortened.
        found: String,
    },
    /// Older than the oldest version that it works with.
    #[error(
        "`aws` is version {found}; loadgen needs 1.17 or later, which tells when a function's update has ended. Update it: https://aws.amazon.com/cli/"
    )]
    TooOld {
        /// The version found.
        found: String,
    },
    /// `aws` does not know the call or an option of it.
    #[error(
        "this `aws` does not know `{call}`: {message}. It is probably too old; update it: https://aws.amazon.com/cli/"
    )]
    UnknownCall {
        /// Service and operation.
        call: String,
        /// What `aws` said.
        message: String,
    },
    /// Nothing says which region.
    #[error(
        "no AWS region is set. Add --region, or set AWS_REGION, or run `aws configure set region us-east-1`."
    )]
    NoRegion,
    /// `aws` found no keys.
    #[error(
        "`aws` found no usable credentials ({message}). Run `aws configure` or `aws sso login`, or set AWS_PROFILE; `aws sts get-caller-identity` shows who you are."
    )]
    NoCredentials {
        /// What `aws` said.
        message: String,
    },
    /// The session is over.
    #[error(
        "your AWS credentials have expired ({message}). Log in again, for example with `aws sso login`, and repeat the command. AWS refused this call, so it changed nothing."
    )]
    Expired {
        /// What `aws` said.
        message: String,
    },
    /// The keys are not accepted at all.
    #[error(
        "AWS does not accept your credentials ({message}). Check the keys and AWS_PROFILE, and this machine's clock: a signature is valid for 5 minutes."
    )]
    Rejected {
        /// What AWS said.
        message: String,
    },
    /// The keys lack a permission.
    #[error(
        "AWS denied `{operation}`: {message}. Ask whoever runs the account for that permission, or use a profile that has it (AWS_PROFILE). AWS refused this call, so it changed nothing."
    )]
    Denied {
        /// The API operation.
        operation: String,
        /// What AWS said.
        message: String,
    },
    /// The API is asked too often.
    #[error(
        "AWS is throttling `{operation}` ({message}), and `aws` has given up repeating it. Wait a minute and run the command again. AWS refused this call, so it changed nothing."
    )]
    Throttled {
        /// The API operation.
        operation: String,
        /// What AWS said.
        message: String,
    },
    /// The address did not answer.
    #[error(
        "`aws` could not connect ({message}). Check the network, the region's name, and --endpoint or AWS_ENDPOINT_URL if you use an emulator."
    )]
    Unreachable {
        /// What `aws` said.
        message: String,
    },
    /// No such stack there.
    #[error(
        "there is no stack `{stack}` in {region}. If you deployed it in another region, say so with --region; if under another name, with --stack. To deploy it: loadgen aws deploy"
    )]
    NoSuchStack {
        /// The stack's name.
        stack: String,
        /// Where it was looked for.
        region: String,
    },
    /// Not a stack of the sample app.
    #[error(
        "the stack `{stack}` in {region} has no output `{missing}`, so it is not the sample app. Name the right one with --stack; `loadgen aws deploy` makes one."
    )]
    NoOutput {
        /// The stack's name.
        stack: String,
        /// Its region.
        region: String,
        /// The output that is not there.
        missing: String,
    },
    /// The stack is in no usable state.
    #[error("the stack `{stack}` is in {status}{reason}. {next}")]
    StackFailed {
        /// The stack's name.
        stack: String,
        /// CloudFormation's status.
        status: String,
        /// `: LogicalId: the reason`, or nothing where AWS gives none.
        reason: String,
        /// What to do.
        next: String,
    },
    /// Something else is at work on the stack.
    #[error(
        "the stack `{stack}` is in {status}: another operation is at work on it. Wait until `loadgen aws outputs` says that it is complete, then run the command again."
    )]
    StackBusy {
        /// The stack's name.
        stack: String,
        /// CloudFormation's status.
        status: String,
    },
    /// No such function there.
    #[error(
        "there is no function `{function}` in {region}. Check --region and the name; `loadgen aws outputs` shows what the stack has. If somebody deleted it by hand, `loadgen aws delete` and `loadgen aws deploy` make it anew."
    )]
    NoSuchFunction {
        /// The function's name.
        function: String,
        /// Where it was looked for.
        region: String,
    },
    /// Another update is under way and did not end.
    #[error(
        "another update of `{function}` is under way (ResourceConflictException), and it did not end while loadgen waited. This call changed nothing; run the command again in a minute."
    )]
    Conflict {
        /// The function's name.
        function: String,
    },
    /// Somebody else keeps changing the function.
    #[error(
        "`{function}` was changed by somebody else between reading and writing, three times in a row. This command changed nothing; run it again when they are done."
    )]
    ChangedMeanwhile {
        /// The function's name.
        function: String,
    },
    /// The update was taken and failed.
    #[error(
        "Lambda took the update of `{function}` and then failed it: {reason}. The function keeps its former code and settings; the console's page of the function says more."
    )]
    UpdateFailed {
        /// The function's name.
        function: String,
        /// Lambda's reason.
        reason: String,
    },
    /// The environment variables cannot be read, so writing would lose them.
    #[error(
        "the environment variables of `{function}` cannot be read ({message}), and writing them back unread would delete them. Nothing was changed. You need kms:Decrypt on the key that encrypts them."
    )]
    VariablesHidden {
        /// The function's name.
        function: String,
        /// AWS's reason.
        message: String,
    },
    /// It did not end in time.
    #[error("{what} had not ended after {seconds} s. {next}")]
    TookTooLong {
        /// What was waited for.
        what: String,
        /// For how long.
        seconds: u64,
        /// What to do.
        next: String,
    },
    /// An answer that is not what `aws` answers.
    #[error(
        "`{call}` answered what cannot be read ({problem}). Is `aws` the real one, and does a wrapper print something of its own? Try the call shown above by hand."
    )]
    Garbage {
        /// Service and operation.
        call: String,
        /// What is wrong with it; never the answer itself, which may hold a key.
        problem: String,
    },
    /// A refusal that no other variant names.
    #[error("`{call}` failed: {message}")]
    Refused {
        /// Service and operation.
        call: String,
        /// AWS's code, or nothing.
        code: String,
        /// What AWS said.
        message: String,
    },
    /// A runtime or package that `break` cannot write for.
    #[error(
        "`{function}` runs {runtime}; loadgen can break Python and Node.js functions that are deployed as a zip archive."
    )]
    Unbreakable {
        /// The function's name.
        function: String,
        /// Its runtime, or its package type.
        runtime: String,
    },
    /// It was not broken by this loadgen.
    #[error(
        "no original of `{function}` is remembered in {folder}, so there is nothing to put back. If it was broken on another machine, restore it there; else `loadgen aws delete` and `loadgen aws deploy` make it anew."
    )]
    NotBroken {
        /// The function's name.
        function: String,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// Somebody put other code there.
    #[error(
        "the code of `{function}` is neither the original nor what `loadgen aws break` put there: somebody deployed since. Nothing was changed. The remembered original is {file}; to forget it, delete the folder it stands in."
    )]
    Overtaken {
        /// The function's name.
        function: String,
        /// The original's archive.
        file: PathBuf,
    },
    /// The original could not be fetched.
    #[error(
        "the code of `{function}` could not be fetched, so it was not touched: {problem}. Run the command again."
    )]
    Download {
        /// The function's name.
        function: String,
        /// What went wrong, without the address, which is signed.
        problem: String,
    },
    /// A file or folder of ours.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Neither HOME nor LOADGEN_STATE is set.
    #[error(
        "there is no home folder to remember the original code in. Set LOADGEN_STATE to a folder."
    )]
    NoHome,
    /// Ctrl-C reached `aws`.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// Whether the call was refused before it could change anything. Everything else leaves open
    /// whether AWS took it.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Error::Absent { .. }
                | Error::NotAws { .. }
                | Error::TooOld { .. }
                | Error::UnknownCall { .. }
                | Error::NoRegion
                | Error::NoCredentials { .. }
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

/// Whether AWS broke down over the call, so that it may have been taken all the same.
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
