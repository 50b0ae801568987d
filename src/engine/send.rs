//! Sending one request and making a sample of what came back.

use std::{
    io::ErrorKind,
    pin::pin,
    time::{Duration, Instant},
};

use super::{
    connection::Connection,
    deadline::DeadlineTimer,
    failure::RequestFailure,
    request::PendingRequest,
    state::RunState,
    trace::TraceContext,
    wire::{
        AwsHeaders, ExchangeContext, ExchangeError, Markers, RequestTemplate, ResponseSummary,
        Timestamps, VaryingFields,
    },
};
use crate::{
    flow::KeptAnswer,
    lang::{Statement, statements::failure},
    sample::{
        Connect, Evidence, Front, Initialisation, InvocationReport, Outcome, Sample, Temperature,
    },
};

/// The times of a request. Kept outside of the attempt, which may be dropped.
#[derive(Default)]
struct AttemptTimes {
    connect: Option<Connect>,
    exchange: Timestamps,
}

/// A request that was answered or has failed.
pub(super) struct Completed {
    pub sample: Sample,
    /// Why it has no full response.
    pub reason: Option<Statement>,
    /// What its flow wants of its response.
    pub kept: Option<Box<KeptAnswer>>,
    pub at: Instant,
}

/// Sends one request on this connection, or on a new one. `now` is when the worker's previous
/// request completed: reading the clock is a notable part of what a request costs.
pub(super) async fn send(
    state: &RunState,
    connection: &mut Option<Connection>,
    deadline: &mut DeadlineTimer,
    request: &PendingRequest,
    now: Instant,
) -> Completed {
    let client = &state.client;
    let template = state.template(request);
    let timeout = template.timeout();
    let trace = client.next_trace();
    let mut times = AttemptTimes::default();
    let ended = {
        // Pinned here: an attempt is some kilobytes, and each that takes it by value would copy it.
        let attempt = attempt(state, connection, request, trace.as_ref(), &mut times);
        let attempt = pin!(attempt);
        let attempt = pin!(deadline.within(now, timeout, attempt));
        state.ending.unless_cut(attempt).await
    };
    let result = match ended {
        Some(Some(result)) => result,
        Some(None) => Err(timed_out(timeout, &times)),
        None => Err(RequestFailure::new(
            Outcome::ConnectionClosed,
            failure::cut_off(),
        )),
    };
    let reusable = matches!(&result, Ok(response) if response.keep_alive);
    if !reusable || client.new_connections {
        *connection = None;
    }
    let at = Instant::now();
    let sample = sample(state.clock.at_us(at), request, trace, &times);
    let mut kept = None;
    let (sample, reason) = match result {
        Ok(mut response) => {
            kept = response.kept.take();
            if response.retry_after {
                state.count_retry_after();
            }
            answered(sample, response, template)
        }
        Err(failed) => {
            let sample = Sample {
                outcome: failed.outcome,
                status: failed.status,
                bytes: failed.bytes,
                ..sample
            };
            (sample, Some(failed.reason))
        }
    };
    Completed {
        sample,
        reason,
        kept,
        at,
    }
}

async fn attempt(
    state: &RunState,
    connection: &mut Option<Connection>,
    request: &PendingRequest,
    trace: Option<&TraceContext>,
    times: &mut AttemptTimes,
) -> Result<ResponseSummary, RequestFailure> {
    let client = &state.client;
    let template = state.template(request);
    let context = ExchangeContext {
        scratch: &client.scratch,
        clock: &state.clock,
        template,
        fields: VaryingFields {
            trace,
            fault: request.fault.as_ref(),
        },
    };
    let mut current = connection.take();
    let mut resent = false;
    loop {
        let mut reused = true;
        let ready = match &mut current {
            Some(ready) => ready,
            None => {
                let (opened, connect) = client.open().await?;
                reused = connect.is_none();
                times.connect = connect.or(times.connect);
                current.insert(opened)
            }
        };
        match ready.exchange(context, &mut times.exchange).await {
            Ok(response) => {
                *connection = current;
                return Ok(response);
            }
            // The server had closed the connection before, so it cannot have seen the request.
            Err(ExchangeError::Unsent) if reused => current = None,
            // The server closed a connection that was there before, and nothing of a response had
            // arrived: a repeatable request is sent once more (RFC 9110, section 9.2.2).
            Err(ExchangeError::Closed(error))
                if reused
                    && !resent
                    && template.is_idempotent()
                    && times.exchange.first_byte_us.is_none()
                    && (error.as_ref())
                        .is_none_or(|error| error.kind() != ErrorKind::InvalidData)
                    && client.may_resend() =>
            {
                resent = true;
                current = None;
            }
            Err(ExchangeError::Refused(_)) if !resent && client.may_resend() => {
                resent = true;
                current = None;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn timed_out(limit: Duration, times: &AttemptTimes) -> RequestFailure {
    let reason = match times.exchange.is_withheld {
        true => failure::no_stream(limit),
        false => failure::late(limit),
    };
    RequestFailure::new(Outcome::TimedOut, reason)
}

/// The sample of a completed request, without its response.
fn sample(
    done_us: u64,
    request: &PendingRequest,
    trace: Option<TraceContext>,
    times: &AttemptTimes,
) -> Sample {
    Sample {
        sent_us: times.exchange.sent_us,
        connect: times.connect,
        first_byte_us: times.exchange.first_byte_us,
        trace_id: trace.map(|trace| trace.to_string()),
        ..request.not_sent(done_us)
    }
}

/// The sample of an answered request, and the reason for a failure that the status alone does not
/// explain.
fn answered(
    sample: Sample,
    response: ResponseSummary,
    template: &RequestTemplate,
) -> (Sample, Option<Statement>) {
    let markers = response
        .markers
        .map_or_else(Markers::default, |markers| *markers);
    let (temperature, evidence) = match markers.cold {
        Some(true) => (Temperature::Cold, Evidence::Marker),
        Some(false) => (Temperature::Warm, Evidence::Marker),
        None => (Temperature::Unknown, Evidence::None),
    };
    let aws = response.aws.map_or_else(AwsHeaders::default, |aws| *aws);
    if template.front() == Front::InvokeApi {
        return invoked(
            sample,
            response.status,
            response.bytes,
            aws,
            &response.refusal,
        );
    }
    let front_request_id = aws.request_id.filter(|_| markers.request_id.is_none());
    let outcome = match markers.request_id {
        Some(_) => Outcome::of_own_status(response.status),
        None => Outcome::of_status(response.status, aws.front.unwrap_or(template.front())),
    };
    let outcome = outcome.held_to(template.expected_status(), response.status);
    let reason = (outcome == Outcome::Redirected)
        .then(|| redirected(response.location.as_deref().unwrap_or_default()));
    let sample = Sample {
        outcome,
        status: Some(response.status),
        bytes: response.bytes,
        temperature,
        evidence,
        request_id: markers.request_id,
        front_request_id,
        xray_trace_id: aws.xray_trace_id,
        environment_id: markers.environment_id,
        init_age_ms: markers.init_age_ms,
        ..sample
    };
    (sample, reason)
}

/// The sample of a request to Lambda's Invoke API, and why it was refused or failed.
fn invoked(
    sample: Sample,
    status: u16,
    bytes: u64,
    aws: AwsHeaders,
    refusal: &[u8],
) -> (Sample, Option<Statement>) {
    let report = aws.report();
    let (temperature, evidence) = match &report {
        Some((_, Some(Initialisation::OnDemand | Initialisation::Restored))) => {
            (Temperature::Cold, Evidence::Tail)
        }
        Some((_, Some(Initialisation::Ahead) | None)) => (Temperature::Warm, Evidence::Tail),
        None => (Temperature::Unknown, Evidence::None),
    };
    let timed_out = report.as_ref().is_some_and(|(line, _)| line.timed_out());
    let outcome = match Outcome::of_status(status, Front::InvokeApi) {
        Outcome::Ok if aws.function_failed && timed_out => Outcome::FunctionTimeout,
        Outcome::Ok if aws.function_failed => Outcome::FunctionError,
        // A hook of the function ran (AWS Lambda API reference, "Invoke").
        Outcome::Refused if aws.error_type.as_deref() == Some("SnapStartException") => {
            Outcome::HttpError
        }
        outcome => outcome,
    };
    let reason = match outcome {
        Outcome::Ok => None,
        Outcome::FunctionError | Outcome::FunctionTimeout => {
            said_by_aws(refusal, &["errorType"]).map(|kind| failure::function_failed(&kind))
        }
        _ => Some(failure::invoke_refused(
            u64::from(status),
            aws.error_type.as_deref().unwrap_or_default(),
            &said_by_aws(refusal, &["Reason", "message", "Message"]).unwrap_or_default(),
        )),
    };
    let init_ms = (report.as_ref())
        .filter(|_| temperature == Temperature::Cold)
        .and_then(|(line, _)| line.restore_ms.or(line.init_ms));
    let measured = report.map(|(line, initialised)| InvocationReport {
        duration_ms: line.duration_ms,
        billed_ms: line.billed_ms,
        memory_mb: line.memory_mb,
        memory_used_mb: line.memory_used_mb,
        out_of_memory: line.out_of_memory(),
        initialised,
        version: aws.version,
    });
    let sample = Sample {
        outcome,
        status: Some(status),
        bytes,
        temperature,
        evidence,
        // A refused invocation has an id and no environment.
        request_id: aws.request_id.filter(|_| status < 300),
        xray_trace_id: aws.xray_trace_id,
        init_us: init_ms.map(|ms| (ms * 1e3).round() as u64),
        report: measured.map(Box::new),
        ..sample
    };
    (sample, reason)
}

/// The first of these fields that the body of a refusal has, without control characters.
fn said_by_aws(body: &[u8], fields: &[&str]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let mut found = fields.iter().filter_map(|field| body.get(field)?.as_str());
    let plain = found.next()?.chars().filter(|c| !c.is_control());
    Some(plain.take(200).collect())
}

/// The reason of a redirected request. The address is shown without its query, which may hold a
/// secret, and without control characters, since the server chose it.
fn redirected(location: &str) -> Statement {
    let shown = location.split(['?', '#']).next().unwrap_or_default();
    let plain = shown.chars().filter(|c| !c.is_control()).take(200);
    failure::redirected(&plain.collect::<String>())
}
