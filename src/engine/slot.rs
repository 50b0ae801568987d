//! A slot's task: requests sent one after the other on one connection.

use std::{future::poll_fn, pin::pin, rc::Rc, task::Poll, time::Instant};

use super::{
    clock::micros,
    connect::ConnectError,
    connection::Connection,
    patience::Patience,
    pool::{Order, Slot},
    shared::Shared,
    trace::TraceContext,
    wire::{Answer, AwsHeaders, Broken, Markers, Stamps, Varying},
};
use crate::{
    lambda::Fault,
    lang::{Lang, Text},
    sample::{
        Connect, Evidence, Front, Outcome, Sample, Temperature,
        reason::{
            BROKE, CLOSED, CLOSED_BEFORE, CLOSED_IN_BODY, CUT_OFF, LATE, NO_STREAM, REFUSED_TWICE,
            RESET, RESET_IN_BODY, TLS_FAILED, WANTS_HTTP1,
        },
    },
    schedule::Arrival,
};

/// A request to be sent.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub index: u64,
    pub step: u32,
    /// None in a closed loop.
    pub planned_us: Option<u64>,
    pub fault: Option<Fault>,
}

impl From<Arrival> for Request {
    fn from(arrival: Arrival) -> Request {
        Request {
            index: arrival.index,
            step: arrival.step,
            planned_us: Some(micros(arrival.at)),
            fault: arrival.fault,
        }
    }
}

/// Carries out orders until the run is over.
pub(super) async fn serve(shared: Rc<Shared>, slot: Rc<Slot>) {
    let mut connection = None;
    let mut patience = Patience::default();
    loop {
        match next_order(&shared, &slot, &mut connection).await {
            Order::Open => {
                let opening = patience.within(Instant::now(), shared.timeout, open(&shared));
                if let Some(Some(Ok((opened, _)))) = shared.unless_cut(opening).await {
                    connection = Some(opened);
                }
                shared.opened(&slot, connection.is_some());
            }
            Order::Send(first) => {
                let mut next = Some(first);
                let mut now = Instant::now();
                while let Some(request) = next {
                    let sending = send(&shared, &mut connection, &mut patience, &request, now);
                    let over = sending.await;
                    now = over.at;
                    let done_us = over.sample.done_us;
                    shared.over(over.sample, over.reason);
                    next = shared.again(done_us);
                }
                shared.free(&slot, connection.is_some());
            }
        }
    }
}

/// Waits for an order, and meanwhile for the server to close the connection.
async fn next_order(
    shared: &Shared,
    slot: &Rc<Slot>,
    connection: &mut Option<Connection>,
) -> Order {
    poll_fn(|cx| {
        let order = slot.take(cx.waker());
        if let Some(open) = connection
            && open.poll_spent(&shared.scratch, cx).is_ready()
        {
            *connection = None;
            shared.lost(slot);
        }
        order.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

/// Opens a connection, and tells what that took.
async fn open(shared: &Shared) -> Result<(Connection, Connect), Failed> {
    let (stream, times) = shared.dialer.open(shared.timeout).await?;
    let connection = Connection::over(stream).await?;
    shared.count_connection(&connection);
    Ok((connection, times))
}

/// Why a request has no whole answer.
struct Failed {
    outcome: Outcome,
    reason: String,
    status: Option<u16>,
    bytes: u64,
}

impl Failed {
    /// `value` is what the text has a place for, if it has one.
    fn new(outcome: Outcome, text: Text, value: &str) -> Failed {
        Failed {
            outcome,
            reason: text.say(Lang::En, &[value]),
            status: None,
            bytes: 0,
        }
    }
}

/// What is known of a request so far, kept outside of the attempt that may be given up.
#[derive(Default)]
struct Progress {
    connect: Option<Connect>,
    stamps: Stamps,
}

/// What came of a request.
struct Over {
    sample: Sample,
    /// Why it has no whole answer.
    reason: Option<String>,
    at: Instant,
}

/// Sends one request, whatever comes of it. The time is handed from one request of a slot to the
/// next, since reading the clock is a notable part of what a request costs.
async fn send(
    shared: &Shared,
    connection: &mut Option<Connection>,
    patience: &mut Patience,
    request: &Request,
    now: Instant,
) -> Over {
    let trace = shared.template.is_traced().then(|| shared.next_trace());
    let mut progress = Progress::default();
    let ended = {
        // Pinned here: an attempt is some kilobytes, and each that takes it by value would copy it.
        let attempt = attempt(shared, connection, request, trace.as_ref(), &mut progress);
        let attempt = pin!(attempt);
        let attempt = pin!(patience.within(now, shared.timeout, attempt));
        shared.unless_cut(attempt).await
    };
    let result = match ended {
        Some(Some(result)) => result,
        Some(None) => {
            let text = match progress.stamps.withheld {
                true => NO_STREAM,
                false => LATE,
            };
            let limit = format!("{:?}", shared.timeout);
            Err(Failed::new(Outcome::TimedOut, text, &limit))
        }
        None => Err(Failed::new(Outcome::ConnectionClosed, CUT_OFF, "")),
    };
    let reusable = matches!(&result, Ok(answer) if answer.keep_alive);
    if !reusable || shared.new_connections {
        *connection = None;
    }
    let at = Instant::now();
    let sample = sample(shared.clock.at_us(at), request, trace, &progress);
    let (sample, reason) = match result {
        Ok(answer) => {
            if answer.retry_after {
                shared.retry_after();
            }
            (answered(sample, answer, shared.template.front()), None)
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
    Over { sample, reason, at }
}

async fn attempt(
    shared: &Shared,
    connection: &mut Option<Connection>,
    request: &Request,
    trace: Option<&TraceContext>,
    progress: &mut Progress,
) -> Result<Answer, Failed> {
    let varying = Varying {
        trace,
        fault: request.fault.as_ref(),
    };
    let mut current = connection.take();
    let mut resent = false;
    loop {
        let reused = current.is_some();
        let ready = match &mut current {
            Some(ready) => ready,
            None => {
                let (opened, times) = open(shared).await?;
                progress.connect = Some(times);
                current.insert(opened)
            }
        };
        let exchange = ready.exchange(
            &shared.scratch,
            &shared.clock,
            &mut progress.stamps,
            &shared.template,
            varying,
        );
        match exchange.await {
            Ok(answer) => {
                *connection = current;
                return Ok(answer);
            }
            // The server had closed it before, so it cannot have seen the request. One that
            // may have been seen is never sent twice.
            Err(Broken::Unsent) if reused => current = None,
            Err(Broken::Refused(_)) if !resent => {
                resent = true;
                shared.count_resent();
                current = None;
            }
            Err(broken) => return Err(broken.into()),
        }
    }
}

/// A sample of a request that is over.
fn sample(
    done_us: u64,
    request: &Request,
    trace: Option<TraceContext>,
    progress: &Progress,
) -> Sample {
    Sample {
        sent_us: progress.stamps.sent_us,
        connect: progress.connect,
        first_byte_us: progress.stamps.first_byte_us,
        trace_id: trace.map(|trace| trace.to_string()),
        ..blank(request, done_us)
    }
}

/// A sample of a request that never was sent.
pub(super) fn blank(request: &Request, done_us: u64) -> Sample {
    Sample {
        index: request.index,
        step: request.step,
        planned_us: request.planned_us,
        sent_us: None,
        connect: None,
        first_byte_us: None,
        done_us,
        outcome: Outcome::NotSent,
        status: None,
        bytes: 0,
        temperature: Temperature::Unknown,
        evidence: Evidence::None,
        request_id: None,
        front_request_id: None,
        xray_trace_id: None,
        environment_id: None,
        init_age_ms: None,
        init_us: None,
        trace_id: None,
        fault: request.fault.map(|fault| fault.to_string()),
    }
}

/// The sample of an answered request; `front` is what the host's name says.
fn answered(sample: Sample, answer: Answer, front: Front) -> Sample {
    let markers = answer
        .markers
        .map_or_else(Markers::default, |markers| *markers);
    let (temperature, evidence) = match markers.cold {
        Some(true) => (Temperature::Cold, Evidence::Marker),
        Some(false) => (Temperature::Warm, Evidence::Marker),
        None => (Temperature::Unknown, Evidence::None),
    };
    let aws = answer.aws.map_or_else(AwsHeaders::default, |aws| *aws);
    let front_request_id = aws.request_id.filter(|_| markers.request_id.is_none());
    Sample {
        outcome: match markers.request_id {
            Some(_) => Outcome::of_own_status(answer.status),
            None => Outcome::of_status(answer.status, aws.front.unwrap_or(front)),
        },
        status: Some(answer.status),
        bytes: answer.bytes,
        temperature,
        evidence,
        request_id: markers.request_id,
        front_request_id,
        xray_trace_id: aws.xray_trace_id,
        environment_id: markers.environment_id,
        init_age_ms: markers.init_age_ms,
        ..sample
    }
}

impl From<ConnectError> for Failed {
    fn from(error: ConnectError) -> Failed {
        let ConnectError { outcome, reason } = error;
        Failed {
            outcome,
            reason,
            status: None,
            bytes: 0,
        }
    }
}

impl From<Broken> for Failed {
    fn from(broken: Broken) -> Failed {
        let closed = |text: Text, why: &str| Failed::new(Outcome::ConnectionClosed, text, why);
        match broken {
            Broken::Unsent => closed(CLOSED_BEFORE, ""),
            Broken::Refused(reason) => closed(REFUSED_TWICE, &reason.to_string()),
            Broken::Reset(h2::Reason::HTTP_1_1_REQUIRED) => closed(WANTS_HTTP1, ""),
            Broken::Reset(reason) => closed(RESET, &reason.to_string()),
            Broken::Closed(None) => closed(CLOSED, ""),
            // rustls reports a peer that broke TLS, or sent an alert, as invalid data.
            Broken::Closed(Some(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                Failed::new(Outcome::TlsFailure, TLS_FAILED, &error.to_string())
            }
            Broken::Closed(Some(error)) => closed(BROKE, &error.to_string()),
            Broken::InBody(status, bytes, reset) => {
                let (text, why) = match reset {
                    None => (CLOSED_IN_BODY, String::new()),
                    Some(reason) => (RESET_IN_BODY, reason.to_string()),
                };
                Failed {
                    status: Some(status),
                    bytes,
                    ..Failed::new(Outcome::IncompleteBody, text, &why)
                }
            }
            Broken::Bad(bad, bytes) => {
                let (text, why) = bad.said();
                Failed {
                    bytes,
                    ..Failed::new(Outcome::BadResponse, text, &why)
                }
            }
        }
    }
}
