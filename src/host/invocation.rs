//! One request in one environment, from its init to the moment it waits again.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    bring_up::{InitFailure, InitFailureCause},
    environment::{EnvironmentProcess, EnvironmentSlot},
    process_event::ProcessEvent,
    respond::{HandlerReply, Responded, payload, respond, timed_out},
    runtime_api::{LoadTimes, RuntimeWork},
    shutdown::{ShutdownReason, wall_clock_ms},
    starter::EnvironmentStarter,
    telemetry_api::{InitPhase, RuntimeDone, trace_header},
};
use crate::lambda::{
    End, HandlerError, HandlerLoad, HandlerRecord, Lease, MeasuredRun, ModuleImport, Start,
};

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
    let (arrived, clock) = (Instant::now(), SystemTime::now());
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
        let phase = InitPhase::Invoke;
        match EnvironmentProcess::initialise(starter, lease, deadline, phase).await {
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
            load: process
                .as_ref()
                .and_then(|process| process.api.take_load())
                .map(|times| load_since(clock, times)),
            ahead: Duration::ZERO,
        },
    };
    if let Some(process) = &process {
        process.feed().reported(lease, &measured);
    }
    if !outcome.waits
        && let Some(process) = process.take()
    {
        process.retire(match outcome.end {
            End::Timeout => ShutdownReason::Timeout,
            _ => ShutdownReason::Failure,
        });
    }
    (process, measured)
}

/// Times on the wall clock as times since the request arrived.
fn load_since(arrived: SystemTime, times: LoadTimes) -> HandlerLoad {
    let arrived = arrived.duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = |began: u64| Duration::from_nanos(began).saturating_sub(arrived);
    let import = |(module, began, took)| ModuleImport {
        module,
        after: since(began),
        took: Duration::from_nanos(took),
    };
    HandlerLoad {
        after: since(times.began),
        took: Duration::from_nanos(times.took),
        modules: times.modules.into_iter().map(import).collect(),
    }
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
    let phase = InitPhase::Init;
    let process = EnvironmentProcess::initialise(starter, lease, deadline, phase).await?;
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
    let began = Instant::now();
    let request = lease.request_id;
    process.feed().started(request);
    process.api.extensions.offer(&json!({
        "eventType": "INVOKE",
        "deadlineMs": work.deadline_ms,
        "requestId": request.to_string(),
        "invokedFunctionArn": work.arn,
        "tracing": { "type": "X-Amzn-Trace-Id", "value": trace_header(request) },
    }));
    process.hand_over(work);
    let Responded {
        end,
        error,
        first,
        last: responded,
        bytes,
    } = respond(process, lease, deadline, answer).await;
    let mut used_mb = process.used_mb();
    let (mut ended, mut waits, mut runtime_waits) = (responded, false, false);
    let done = |process: &mut EnvironmentProcess, at: Instant| {
        process.settle_lines();
        let done = RuntimeDone {
            latency: first.saturating_duration_since(began),
            response: responded.saturating_duration_since(first),
            overhead: at.saturating_duration_since(responded),
            bytes,
        };
        let feed = process.feed();
        feed.runtime_done(request, (end, error.as_ref()), &done);
    };
    if matches!(end, End::Ok | End::Status(_) | End::Exception) {
        while !waits {
            match process.next_event(deadline).await {
                ProcessEvent::Next(at) => {
                    done(process, at);
                    (runtime_waits, ended) = (true, at);
                }
                ProcessEvent::Extension(at) => ended = at,
                ProcessEvent::Deadline => {
                    ended = deadline;
                    break;
                }
                ProcessEvent::Exited(..)
                | ProcessEvent::ExtensionFailed(_)
                | ProcessEvent::OverMemory => {
                    ended = Instant::now();
                    break;
                }
                _ => {}
            }
            waits = runtime_waits && process.api.extensions.all_wait();
        }
        used_mb = used_mb.max(process.used_mb());
    } else if let Some(error) = &error {
        process.feed().fault(error);
    }
    if !runtime_waits {
        done(process, ended);
    }
    if waits {
        process.freeze();
    }
    InvokeOutcome {
        end,
        error,
        responded,
        ended,
        used_mb: match end {
            End::OutOfMemory => lease.function.memory.mb(),
            _ => used_mb.min(lease.function.memory.mb()),
        },
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
