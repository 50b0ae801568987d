//! What happens to an environment, as the supervisor and its runtime tell it.

use std::time::Instant;

use bytes::Bytes;
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use crate::lambda::HandlerError;

/// What happens to an environment.
#[derive(Debug)]
pub(super) enum ProcessEvent {
    /// It leads this group.
    Started(Pid),
    /// The system did not start it.
    Refused(String),
    Exited(ExitCause),
    /// The runtime asks for the next request.
    Next(Instant),
    Response(Instant, Bytes),
    Failed(Instant, Bytes),
    InitFailed(Bytes),
    /// The time that was given is over.
    Deadline,
    /// It uses more memory than the function has.
    OverMemory,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ExitCause {
    pub(super) status: Option<i32>,
    pub(super) signal: Option<i32>,
}

/// An error as a runtime posts it: `errorType`, `errorMessage`, and `stackTrace` or `trace`.
pub(super) fn told(body: &[u8], kind: &str) -> HandlerError {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let stack = body["stackTrace"].as_array().or(body["trace"].as_array());
    let frames = stack
        .into_iter()
        .flatten()
        .filter_map(|frame| frame.as_str());
    HandlerError {
        kind: text("errorType").unwrap_or_else(|| kind.to_owned()),
        message: text("errorMessage").unwrap_or_default(),
        stack: frames.map(str::to_owned).collect(),
    }
}

impl ExitCause {
    pub(super) const KILLED: ExitCause = ExitCause {
        status: None,
        signal: Some(9),
    };

    /// What Lambda says of it; `before` stands before the sentence.
    pub(super) fn error(self, before: &str) -> HandlerError {
        let message = match self {
            ExitCause {
                signal: Some(9), ..
            } => "Runtime exited with error: signal: killed".to_owned(),
            ExitCause {
                signal: Some(signal),
                ..
            } => {
                format!("Runtime exited with error: signal: {signal}")
            }
            ExitCause {
                status: Some(status @ 1..),
                ..
            } => {
                format!("Runtime exited with error: exit status {status}")
            }
            _ => "Runtime exited without providing a reason".to_owned(),
        };
        HandlerError {
            kind: "Runtime.ExitError".to_owned(),
            message: format!("{before}{message}"),
            stack: Vec::new(),
        }
    }
}
