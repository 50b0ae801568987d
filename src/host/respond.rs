//! What a function answers: its response, or what there is instead of it.

use std::time::Instant;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    environment::EnvironmentProcess,
    process_event::{ExitCause, ProcessEvent, RUNTIME, told},
    response_stream::HandlerPayload,
};
use crate::lambda::{End, HandlerError, Lease};

/// What a function answers: its payload, or its error as JSON.
pub type HandlerReply = Result<HandlerPayload, Bytes>;

/// A response, or what there is instead of it.
pub(super) struct Responded {
    pub(super) end: End,
    pub(super) error: Option<HandlerError>,
    /// When its first byte came.
    pub(super) first: Instant,
    pub(super) last: Instant,
    pub(super) bytes: usize,
}

impl Responded {
    fn of(
        (end, error): (End, Option<HandlerError>),
        (first, last): (Instant, Instant),
        bytes: usize,
    ) -> Responded {
        Responded {
            end,
            error,
            first,
            last,
            bytes,
        }
    }
}

/// Waits for the response, or for what there is instead of it, and hands it on.
pub(super) async fn respond(
    process: &mut EnvironmentProcess,
    lease: &Lease,
    deadline: Instant,
    answer: oneshot::Sender<HandlerReply>,
) -> Responded {
    let before = format!("RequestId: {} Error: ", lease.request_id);
    // Of a stream: what it said of its status, and when it began. A client that has gone away no longer
    // waits for anything.
    let (mut answer, mut streamed) = (Some(answer), None);
    let mut reply = |reply| drop(answer.take().map(|answer| answer.send(reply)));
    let (end, error, at) = loop {
        match process.next_event(deadline).await {
            ProcessEvent::Response(first, last, payload) if !process.is_over_memory() => {
                let (end, bytes) = (status_of(&payload), payload.len());
                reply(Ok(HandlerPayload::Whole(payload)));
                return Responded::of((end, None), (first, last), bytes);
            }
            ProcessEvent::Failed(at, body) if !process.is_over_memory() => {
                let error = Some(told(&body, "Unknown"));
                let bytes = body.len();
                reply(Err(body));
                return Responded::of((End::Exception, error), (at, at), bytes);
            }
            ProcessEvent::StreamBegan(at, stream) => {
                let end = stream.prelude.as_deref().map_or(End::Ok, status_of);
                streamed = Some((end, at));
                reply(Ok(HandlerPayload::Stream(stream)));
            }
            ProcessEvent::StreamEnded(it) => {
                let (end, first) = streamed.unwrap_or((End::Ok, it.at));
                let error = it.error.map(|error| told(&error, "Unknown"));
                let end = error.as_ref().map_or(end, |_| End::Exception);
                return Responded::of((end, error), (first, it.at), it.bytes);
            }
            ProcessEvent::OverMemory | ProcessEvent::Response(..) | ProcessEvent::Failed(..) => {
                let error = ExitCause::KILLED.error(RUNTIME, &before);
                break (End::OutOfMemory, error, Instant::now());
            }
            ProcessEvent::Exited(part, cause) => {
                break (End::Exited, cause.error(part, &before), Instant::now());
            }
            ProcessEvent::ExtensionFailed(error) => {
                let message = before + &error.message;
                break (
                    End::Exited,
                    HandlerError { message, ..error },
                    Instant::now(),
                );
            }
            ProcessEvent::Deadline => break (End::Timeout, timed_out(lease), deadline),
            // A runtime that asks again without an answer waits like any other.
            _ => {}
        }
    };
    reply(Err(payload(&error)));
    let first = streamed.map_or(at, |(_, first)| first);
    Responded::of((end, Some(error)), (first, at), 0)
}

pub(super) fn timed_out(lease: &Lease) -> HandlerError {
    let seconds = lease.function.timeout.as_secs_f64();
    HandlerError {
        kind: "Sandbox.Timedout".to_owned(),
        message: format!(
            "RequestId: {} Error: Task timed out after {seconds:.2} seconds",
            lease.request_id
        ),
        stack: Vec::new(),
    }
}

/// What a caller gets of a failure that no runtime told.
pub(super) fn payload(error: &HandlerError) -> Bytes {
    let mut told = json!({ "errorType": error.kind, "errorMessage": error.message });
    if !error.stack.is_empty() {
        told["stackTrace"] = json!(error.stack);
    }
    told.to_string().into()
}

/// The HTTP status that a payload of API Gateway's form names.
fn status_of(payload: &[u8]) -> End {
    #[derive(serde::Deserialize)]
    struct NamedStatus {
        #[serde(rename = "statusCode")]
        code: u16,
    }
    match serde_json::from_slice(payload) {
        Ok(NamedStatus { code }) if code != 200 => End::Status(code),
        _ => End::Ok,
    }
}
