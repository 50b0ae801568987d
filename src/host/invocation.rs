//! One request in one environment, from its init to the moment it waits again.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    environment::{EnvironmentProcess, EnvironmentSlot, InitFailure, InitFailureCause},
    process_event::{ExitCause, ProcessEvent, told},
    runtime_api::RuntimeWork,
    starter::EnvironmentStarter,
};
use crate::lambda::{End, HandlerError, HandlerRecord, Lease, MeasuredRun, Start};

/// What a function answers: its payload, or its error as JSON.
pub type HandlerReply = Result<Bytes, Bytes>;

/// After this long Lambda gives up an init and runs it again within the invocation (AWS Lambda
/// developer guide, "Lambda execution environment lifecycle").
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How a request went in its environment.
struct InvokeOutcome {
    end: End,
    error: Option<HandlerError>,
    responded: Instant,
    ended: Instant,
    used_mb: u32,
    /// Whether the environment waits for its next request.
    waits: bool,
}

/// Runs a request in what there is of its environment; gives the process back where it waits again.
pub(super) async fn run(
    starter: &EnvironmentStarter,
    lease: &Lease,
    found: Option<EnvironmentSlot>,
    event: Bytes,
    answer: oneshot::Sender<HandlerReply>,
) -> (Option<EnvironmentProcess>, MeasuredRun) {
    let arrived = Instant::now();
    let mut lines = Vec::new();
    let mut start = Start::Warm;
    let mut process = match found {
        Some(EnvironmentSlot::Frozen(mut process)) => process.is_alive().then_some(*process),
        Some(EnvironmentSlot::Busy | EnvironmentSlot::Reset) => None,
        None => match cold(starter, lease).await {
            Ok((process, init)) => {
                start = Start::Cold { init };
                Some(process)
            }
            Err(failed) => {
                lines.extend(failed.lines);
                None
            }
        },
    };
    let invoked = Instant::now();
    let deadline = invoked + lease.function.timeout;
    let mut outcome = None;
    if process.is_none() {
        // Lambda initialises within the invocation what could not be, or no longer is.
        match EnvironmentProcess::initialise(starter, lease, deadline).await {
            Ok(new) => process = Some(new),
            Err(failed) => {
                lines.extend(failed.lines.iter().cloned());
                outcome = Some(InvokeOutcome::of_init(lease, &failed));
            }
        }
        start = Start::Reset {
            init: invoked.elapsed(),
        };
    }
    let age = match &process {
        Some(process) => invoked.saturating_duration_since(process.ready_at),
        None => Duration::ZERO,
    };
    if let Some(running) = &mut process {
        let work = RuntimeWork {
            request: lease.request_id,
            deadline_ms: wall_clock_ms(deadline),
            arn: starter.arn(lease),
            event,
        };
        let went = invoke(running, lease, work, deadline, answer).await;
        lines.extend(running.lines());
        outcome = Some(went);
    } else if let Some(InvokeOutcome {
        error: Some(error), ..
    }) = &outcome
    {
        let _ = answer.send(Err(payload(error)));
    }
    let outcome = outcome.unwrap_or_else(|| InvokeOutcome::ended(End::Exited, None, 0));
    let since = |at: Instant| at.saturating_duration_since(arrived);
    let measured = MeasuredRun {
        start,
        before: since(invoked),
        age,
        duration: outcome.ended.saturating_duration_since(invoked),
        response_after: outcome.responded.saturating_duration_since(invoked),
        memory_used_mb: outcome.used_mb,
        end: outcome.end,
        handler: HandlerRecord {
            error: outcome.error,
            lines: lines
                .into_iter()
                .map(|(at, line)| (since(at), line))
                .collect(),
            ahead: Duration::ZERO,
        },
    };
    (process.filter(|_| outcome.waits), measured)
}

/// An init that the request waits for, when a processor is free for it.
async fn cold(
    starter: &EnvironmentStarter,
    lease: &Lease,
) -> Result<(EnvironmentProcess, Duration), InitFailure> {
    // An error means that the semaphore was closed, and it is never closed.
    let _turn = starter.initialising.acquire().await;
    let began = Instant::now();
    let deadline = began + INIT_LIMIT;
    let process = EnvironmentProcess::initialise(starter, lease, deadline).await?;
    let init = process.ready_at.saturating_duration_since(began);
    Ok((process, init))
}

/// Gives a process its request, answers, and waits until it asks for the next one.
async fn invoke(
    process: &mut EnvironmentProcess,
    lease: &Lease,
    work: RuntimeWork,
    deadline: Instant,
    answer: oneshot::Sender<HandlerReply>,
) -> InvokeOutcome {
    process.hand_over(work);
    let before = format!("RequestId: {} Error: ", lease.request_id);
    let (end, error, reply, responded) = loop {
        match process.next_event(deadline).await {
            ProcessEvent::Response(at, payload) if !process.is_over_memory() => {
                break (status_of(&payload), None, Ok(payload), at);
            }
            ProcessEvent::Failed(at, body) if !process.is_over_memory() => {
                let error = told(&body, "Unknown");
                break (End::Exception, Some(error), Err(body), at);
            }
            ProcessEvent::OverMemory | ProcessEvent::Response(..) | ProcessEvent::Failed(..) => {
                let error = ExitCause::KILLED.error(&before);
                break (
                    End::OutOfMemory,
                    Some(error.clone()),
                    Err(payload(&error)),
                    Instant::now(),
                );
            }
            ProcessEvent::Exited(cause) => {
                let error = cause.error(&before);
                break (
                    End::Exited,
                    Some(error.clone()),
                    Err(payload(&error)),
                    Instant::now(),
                );
            }
            ProcessEvent::Deadline => {
                let error = timed_out(lease);
                break (
                    End::Timeout,
                    Some(error.clone()),
                    Err(payload(&error)),
                    deadline,
                );
            }
            // A runtime that asks again without an answer waits like any other.
            _ => {}
        }
    };
    let mut used_mb = process.used_mb();
    // A client that has gone away no longer waits.
    let _ = answer.send(reply);
    let (mut ended, mut waits) = (responded, false);
    if matches!(end, End::Ok | End::Status(_) | End::Exception) {
        ended = loop {
            match process.next_event(deadline).await {
                ProcessEvent::Next(at) => {
                    process.freeze();
                    waits = true;
                    break at;
                }
                ProcessEvent::Deadline => break deadline,
                ProcessEvent::Exited(_) | ProcessEvent::OverMemory => break Instant::now(),
                _ => {}
            }
        };
        used_mb = used_mb.max(process.used_mb());
    }
    InvokeOutcome {
        end,
        error,
        responded,
        ended,
        used_mb: used_mb.min(lease.function.memory.mb()),
        waits,
    }
}

impl InvokeOutcome {
    fn ended(end: End, error: Option<HandlerError>, used_mb: u32) -> InvokeOutcome {
        let now = Instant::now();
        InvokeOutcome {
            end,
            error,
            responded: now,
            ended: now,
            used_mb,
            waits: false,
        }
    }

    /// Of a request whose environment did not become ready.
    fn of_init(lease: &Lease, failed: &InitFailure) -> InvokeOutcome {
        let memory = lease.function.memory.mb();
        match failed.cause {
            InitFailureCause::Ended => {
                InvokeOutcome::ended(End::Exited, Some(failed.error.clone()), 0)
            }
            InitFailureCause::TimedOut => {
                InvokeOutcome::ended(End::Timeout, Some(timed_out(lease)), 0)
            }
            InitFailureCause::OverMemory => {
                InvokeOutcome::ended(End::OutOfMemory, Some(failed.error.clone()), memory)
            }
        }
    }
}

fn timed_out(lease: &Lease) -> HandlerError {
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
fn payload(error: &HandlerError) -> Bytes {
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

/// A deadline on the wall clock, which is what a handler reads.
fn wall_clock_ms(deadline: Instant) -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let at = now + deadline.saturating_duration_since(Instant::now());
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}
