//! What happens to an environment, as the supervisor and its runtime tell it.

use std::time::Instant;

use bytes::Bytes;
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use super::response_stream::{HandlerStream, StreamEnd};
use crate::lambda::HandlerError;

/// The part of an environment that is its runtime. The others are its external extensions, from 1.
pub(super) const RUNTIME: u32 = 0;

/// What happens to an environment.
#[derive(Debug)]
pub(super) enum ProcessEvent {
    /// This part of it leads this group.
    Started(u32, Pid),
    /// The system did not start a part.
    Refused(String),
    Exited(u32, ExitCause),
    /// The runtime asks for the next request.
    Next(Instant),
    /// An extension registered, or asks for its next event.
    Extension(Instant),
    /// An extension says that it cannot continue.
    ExtensionFailed(HandlerError),
    /// A response, from its first to its last byte.
    Response(Instant, Instant, Bytes),
    /// The first byte of a response that is streamed is there.
    StreamBegan(Instant, HandlerStream),
    StreamEnded(StreamEnd),
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

    /// What Lambda says of a part that ended so; `before` stands before the sentence.
    pub(super) fn error(self, part: u32, before: &str) -> HandlerError {
        let how = match self {
            ExitCause {
                signal: Some(9), ..
            } => "signal: killed".to_owned(),
            ExitCause {
                signal: Some(signal),
                ..
            } => format!("signal: {signal}"),
            ExitCause {
                status: Some(status @ 1..),
                ..
            } => format!("exit status {status}"),
            _ if part == RUNTIME => String::new(),
            _ => "exit code 0".to_owned(),
        };
        let (kind, message) = match part {
            RUNTIME if how.is_empty() => (
                "Runtime.ExitError",
                "Runtime exited without providing a reason".to_owned(),
            ),
            RUNTIME => (
                "Runtime.ExitError",
                format!("Runtime exited with error: {how}"),
            ),
            _ => ("Extension.Crash", how),
        };
        HandlerError {
            kind: kind.to_owned(),
            message: format!("{before}{message}"),
            stack: Vec::new(),
        }
    }
}
