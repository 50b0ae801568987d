//! One request: when it was planned, sent and answered, how it ended, and what is known of
//! the environment that served it.
//!
//! All times are microseconds on the run's clock, which starts with the run, counts idle phases
//! whether they were waited for or skipped, and never goes backwards.

mod outcome;

pub use outcome::{Front, Outcome};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    anatomy::{Anatomy, MeasuredTimes},
    lambda::Fault,
};

/// One request of a run: a line of `samples.ndjson`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Its place in the schedule, from 0.
    pub index: u64,
    /// The step of the schedule (a phase in one repetition), from 0.
    pub step: u32,
    /// When it should have been sent. None in a closed loop, which plans no times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_us: Option<u64>,
    /// When its first byte was sent on a ready connection. None: it was never sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_us: Option<u64>,
    /// The times of opening its connection, if no open one was ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect: Option<Connect>,
    /// When the response's first byte arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_us: Option<u64>,
    /// When it ended: the response's last byte, or the failure.
    pub done_us: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Bytes of the response's body that arrived.
    #[serde(default)]
    pub bytes: u64,
    /// Cold, warm or unknown.
    pub temperature: Temperature,
    /// The evidence for `temperature`.
    pub evidence: Evidence,
    /// Lambda's request id, from the marker or the trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The front's id of this request (`x-amzn-requestid`), if the marker gave no id: Lambda's own
    /// request id at a Function URL, the gateway's elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front_request_id: Option<String>,
    /// X-Ray's trace id, from the response's `x-amzn-trace-id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xray_trace_id: Option<String>,
    /// The execution environment, from the marker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment_id: Option<String>,
    /// Milliseconds since the environment's init, from the marker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init_age_ms: Option<u64>,
    /// How long the environment initialised, or was restored from a snapshot, for this request, in
    /// microseconds: from Lambda's own REPORT line, joined by request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_us: Option<u64>,
    /// What Lambda itself measured: the REPORT line in the response of the Invoke API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<InvocationReport>>,
    /// How long the invocation ran, in microseconds: `Duration` of a REPORT line that was joined by
    /// request id. For a line in the response, see `report`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_us: Option<u64>,
    /// The parts of the time that the request waited for, if it met a cold start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anatomy: Option<Box<Anatomy>>,
    /// The trace id that loadgen chose, 32 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The fault that was requested, as in the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Which of the run's invoked functions it was sent to, from 0 (`target.functions.invoked`).
    #[serde(default, skip_serializing_if = "is_first")]
    pub function: u32,
    /// Which of the run's named requests it was, from 0 (`scenario.requests`).
    #[serde(default, skip_serializing_if = "is_first")]
    pub request: u32,
    /// Which of the run's flows it was of, from 0 (`scenario.flows`).
    #[serde(default, skip_serializing_if = "is_first")]
    pub flow: u32,
    /// How many requests of its flow were sent before it. With `index` it tells a request from all others.
    #[serde(default, skip_serializing_if = "is_first")]
    pub turn: u32,
}

/// Whether this is the first function, request or flow, which most runs have alone.
fn is_first(place: &u32) -> bool {
    *place == 0
}

/// What Lambda's REPORT line says about a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvocationReport {
    /// `Duration`: how long the function ran, in milliseconds.
    pub duration_ms: f64,
    /// `Billed Duration`, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_ms: Option<f64>,
    /// `Memory Size`, in MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<u64>,
    /// `Max Memory Used`, in MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_used_mb: Option<u64>,
    /// Whether Lambda killed it for its memory.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub out_of_memory: bool,
    /// How its environment was initialised, if the line says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initialised: Option<Initialisation>,
    /// The published version that ran (`X-Amz-Executed-Version`); None: `$LATEST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

impl InvocationReport {
    /// Whether Datadog counts it as out of memory: Lambda killed it, or it used all of its memory
    /// (DataDog/datadog-lambda-extension, version 98).
    pub fn is_full(&self) -> bool {
        let used = self.memory_used_mb.filter(|used| *used > 0);
        self.out_of_memory || used.is_some() && used == self.memory_mb
    }
}

/// How an environment became ready, according to a REPORT line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initialisation {
    /// It was initialised for this request.
    OnDemand,
    /// It was restored from a SnapStart snapshot for this request.
    Restored,
    /// It had been initialised ahead of need: provisioned concurrency.
    Ahead,
}

/// The times of opening a connection, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connect {
    /// Name lookup; 0 if the address was known.
    #[serde(default)]
    pub dns_us: u64,
    /// TCP.
    pub tcp_us: u64,
    /// The TLS handshake, and on a connection that requests share the server's settings; 0 without TLS.
    #[serde(default)]
    pub tls_us: u64,
}

impl Connect {
    /// All of it, in microseconds.
    pub fn total_us(&self) -> u64 {
        self.dns_us
            .saturating_add(self.tcp_us)
            .saturating_add(self.tls_us)
    }

    /// The last part of it, so many microseconds at most: what a request that joined later waited for.
    pub fn last(self, longest_us: u64) -> Connect {
        let mut over = self.total_us().saturating_sub(longest_us);
        let mut rest = |us: u64| {
            let cut = us.min(over);
            over -= cut;
            us - cut
        };
        Connect {
            dns_us: rest(self.dns_us),
            tcp_us: rest(self.tcp_us),
            tls_us: rest(self.tls_us),
        }
    }
}

/// Whether a request's environment was initialised for it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Temperature {
    /// A cold start.
    Cold,
    /// The environment had served before, or was ready ahead of need.
    Warm,
    /// There is no evidence, and none is assumed.
    #[default]
    Unknown,
}

/// The evidence for a temperature, best first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The function said so in its response headers.
    Marker,
    /// The REPORT line of this very request in the log's tail, in the answer of Lambda's Invoke API.
    Tail,
    /// A Datadog span or a REPORT line, joined by trace id or request id.
    Trace,
    /// The scenario's structure makes it certain at this kind of target.
    Structure,
    /// Gated latency against a separately calibrated warm phase. Always called an estimate.
    Estimate,
    /// Nothing: the temperature is unknown.
    #[default]
    None,
}

impl Sample {
    /// From the planned send to the end, in microseconds: the time that a queued user waits. None
    /// in a closed loop, and for a request that was never sent.
    pub fn response_us(&self) -> Option<u64> {
        self.sent_us?;
        Some(self.done_us.saturating_sub(self.planned_us?))
    }

    /// From the first byte sent to the end, in microseconds: what the server took.
    pub fn service_us(&self) -> Option<u64> {
        Some(self.done_us.saturating_sub(self.sent_us?))
    }

    /// Whether the function has possibly run for it. A refused, rejected or throttled request
    /// reached no environment, unless it has Lambda's request id. Neither did one that was never
    /// sent.
    pub fn ran(&self) -> bool {
        let refused = matches!(
            self.outcome,
            Outcome::Rejected | Outcome::Throttled | Outcome::Refused
        );
        self.sent_us.is_some()
            && self.outcome != Outcome::NotSent
            && (!refused || self.request_id.is_some())
    }

    /// Whether it failed in the way that its fault requests. A failure of any other kind, for
    /// example a 401 instead of the exception, was not requested.
    pub fn failed_as_asked(&self) -> bool {
        let Some(Ok(fault)) = self.fault.as_deref().map(str::parse::<Fault>) else {
            return false;
        };
        // A front that is no API of Lambda's answers for a failed function with its own choice of
        // status.
        let status_in = |statuses: &[u16]| {
            self.outcome == Outcome::HttpError
                && self.status.is_some_and(|status| statuses.contains(&status))
        };
        let timed_out = matches!(
            self.outcome,
            Outcome::FunctionTimeout | Outcome::GatewayTimeout | Outcome::TimedOut
        );
        let function_error = self.outcome == Outcome::FunctionError;
        match fault {
            Fault::Status(code) => self.status == Some(code),
            Fault::Error => function_error || status_in(&[500, 502]),
            Fault::Memory { .. } => function_error || status_in(&[500, 502]),
            Fault::Latency(_) => timed_out,
            Fault::Timeout => {
                let unavailable = self.outcome == Outcome::Unavailable;
                timed_out || unavailable || function_error || status_in(&[500, 502])
            }
        }
    }

    /// How long the invocation ran, measured by Lambda, in microseconds, if a line says it.
    pub fn ran_us(&self) -> Option<u64> {
        let report = self.report.as_ref();
        let us = report.map(|report| (report.duration_ms * 1e3).round() as u64);
        us.or(self.duration_us)
    }

    /// What the client and Lambda measured. None in a closed loop, and for a request that was never
    /// sent.
    pub fn measured(&self) -> Option<MeasuredTimes> {
        Some(MeasuredTimes {
            response_us: self.response_us()?,
            send_us: self.send_lag_us()?,
            connect_us: self.connect.map_or(0, |connect| connect.total_us()),
            init_us: self.init_us,
            duration_us: self.ran_us(),
        })
    }

    /// How late it was sent, excluding the time to connect, in microseconds.
    pub fn send_lag_us(&self) -> Option<u64> {
        let connecting = self.connect.map_or(0, |connect| connect.total_us());
        let late = self.sent_us?.saturating_sub(self.planned_us?);
        Some(late.saturating_sub(connecting))
    }
}

impl Sample {
    /// Adds what a trace or a REPORT line says, unless better evidence says it already.
    pub fn improve(&mut self, cold: Option<bool>, request_id: Option<&String>, timed_out: bool) {
        if let Some(cold) = cold
            && self.evidence > Evidence::Tail
        {
            self.temperature = match cold {
                true => Temperature::Cold,
                false => Temperature::Warm,
            };
            self.evidence = Evidence::Trace;
        }
        self.request_id = self.request_id.take().or_else(|| request_id.cloned());
        if timed_out && self.outcome == Outcome::FunctionError {
            self.outcome = Outcome::FunctionTimeout;
        }
    }

    /// A request that was not sent: what is known of all before that.
    pub fn not_sent(index: u64, step: u32, done_us: u64) -> Sample {
        Sample {
            index,
            step,
            done_us,
            ..Sample::default()
        }
    }

    /// A request for tests: planned and sent at 0, answered 200 after 40 ms, nothing known of its
    /// environment.
    #[cfg(test)]
    pub(crate) fn answered() -> Sample {
        Sample {
            planned_us: Some(0),
            sent_us: Some(0),
            outcome: Outcome::Ok,
            status: Some(200),
            ..Sample::not_sent(0, 0, 40_000)
        }
    }
}
