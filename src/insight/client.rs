//! What the client itself saw of the entry function.
//!
//! The rules. Each gives a band, because a client sees responses, not invocations:
//! - An answer with Lambda's request id ran. So did one of 2xx, a 502 and a known timeout.
//! - A 500 or 429 without it did not run at the sample app (API Gateway answers 500 for a refused
//!   invocation); elsewhere it has possibly run. It may have been a throttle, which only CloudWatch
//!   counts.
//! - A status from 300 up that `expect.status` names is a success of the request. It says nothing
//!   more about the function.
//! - A 500 or 503 of an HTTP API has possibly run.
//! - Other statuses without the id, a 504 and every failure after sending have possibly run.
//! - An error counts one to three times: the library counts an exception twice and the extension
//!   once more. An HTTP status from 500 up that the function returned counts once.
//! - A timeout comes back as 502 like an exception, so a 502 may be one if it took at least the
//!   function's timeout; whether it was out of memory is never seen.
//! - Cold and warm count if the evidence is a marker, a trace or structure. An estimate or no
//!   evidence leaves both open.
//! - The reported duration includes the work of extensions after the response, and excludes the
//!   network. Memory is not in the response. Both stay unknown, except for the REPORT line in a
//!   response of Lambda's Invoke API.

use super::{Band, Basis, KnownSettings, MOST_ERRORS_PER_FAILURE, Observation, Quantity};
use crate::sample::{Evidence, InvocationReport, Outcome, Sample, Temperature};

/// Collects samples of one function and says what they show.
#[derive(Clone, Debug)]
pub struct ClientView {
    function: String,
    settings: KnownSettings,
    sum: ObservedCounts,
    timed_out: bool,
    reports: SeenReports,
}

/// What REPORT lines say of the requests that came with one.
#[derive(Clone, Copy, Debug, Default)]
struct SeenReports {
    count: u64,
    longest_us: u64,
    memory_used_mb: Option<u64>,
    memory_mb: Option<u64>,
}

impl SeenReports {
    fn add(&mut self, report: &InvocationReport) {
        self.count += 1;
        self.longest_us = (self.longest_us).max((report.duration_ms * 1e3).round() as u64);
        self.memory_used_mb = self.memory_used_mb.max(report.memory_used_mb);
        self.memory_mb = self.memory_mb.max(report.memory_mb);
    }

    /// Fills in the largest duration and memory: exact where each of `ran` came with a report.
    fn fill(&self, ran: Band, seen: &mut Observation) {
        if self.count == 0 {
            return;
        }
        let all = ran.exact() == Some(self.count);
        let band = |value: u64| Band::exactly(value).bounded_if(all);
        seen.set(Quantity::LongestDuration, band(self.longest_us));
        if let Some(used) = self.memory_used_mb {
            seen.set(Quantity::MemoryUsed, band(used.saturating_mul(1024)));
        }
        if let Some(size) = self.memory_mb {
            seen.set(
                Quantity::MemorySize,
                Band::exactly(size.saturating_mul(1024)),
            );
        }
    }
}

/// How often each thing happened.
#[derive(Clone, Copy, Debug)]
struct ObservedCounts {
    ran: Band,
    errors: Band,
    cold: Band,
    timeouts: Band,
    out_of_memory: Band,
    throttles: Band,
}

const NONE: ObservedCounts = ObservedCounts {
    ran: Band::ZERO,
    errors: Band::ZERO,
    cold: Band::ZERO,
    timeouts: Band::ZERO,
    out_of_memory: Band::ZERO,
    throttles: Band::ZERO,
};
const ONE: Band = Band::exactly(1);

impl ObservedCounts {
    fn plus(self, other: ObservedCounts) -> ObservedCounts {
        ObservedCounts {
            ran: self.ran.plus(other.ran),
            errors: self.errors.plus(other.errors),
            cold: self.cold.plus(other.cold),
            timeouts: self.timeouts.plus(other.timeouts),
            out_of_memory: self.out_of_memory.plus(other.out_of_memory),
            throttles: self.throttles.plus(other.throttles),
        }
    }
}

impl ClientView {
    /// Nothing seen yet of `function`.
    pub fn new(function: impl Into<String>, settings: KnownSettings) -> ClientView {
        ClientView {
            function: function.into(),
            settings,
            sum: NONE,
            timed_out: false,
            reports: SeenReports::default(),
        }
    }

    /// Takes in one sample.
    pub fn add(&mut self, sample: &Sample) {
        if sample.outcome == Outcome::FunctionTimeout {
            self.timed_out = true;
        }
        if let Some(report) = &sample.report {
            self.reports.add(report);
        }
        self.sum = self.sum.plus(self.tally(sample));
    }

    /// What the samples show.
    pub fn observation(&self) -> Observation {
        self.observation_with_open(0)
    }

    /// What the samples show while `open` more requests are open. Each of them may run or not,
    /// start cold or warm, and end in any way. A condition that is met or not met here stays so.
    pub fn observation_with_open(&self, open: u64) -> Observation {
        let at_most = |count: u64| Band::between(0, count);
        let sum = self.sum.plus(ObservedCounts {
            ran: at_most(open),
            errors: at_most(open.saturating_mul(MOST_ERRORS_PER_FAILURE)),
            cold: at_most(open),
            timeouts: at_most(open),
            out_of_memory: at_most(open),
            throttles: at_most(open),
        });
        let mut seen = Observation::new(self.function.clone(), Basis::Client)
            .with(Quantity::Invocations, sum.ran)
            .with(Quantity::CloudwatchInvocations, sum.ran)
            .with(Quantity::Errors, sum.errors)
            .with(Quantity::ColdStarts, sum.cold)
            .with(Quantity::Timeouts, sum.timeouts)
            .with(Quantity::OutOfMemory, sum.out_of_memory)
            .with(Quantity::Throttles, sum.throttles);
        self.reports.fill(sum.ran, &mut seen);
        self.settings.fill(&mut seen);
        if self.timed_out && seen.get(Quantity::LongestDuration).is_unknown() {
            // A timed-out invocation ran for the full timeout.
            let timeout = seen.get(Quantity::Timeout);
            seen.set(Quantity::LongestDuration, Band::at_least(timeout.low()));
        }
        seen
    }

    fn tally(&self, sample: &Sample) -> ObservedCounts {
        if sample.sent_us.is_none() {
            return NONE;
        }
        let maybe = ONE.or_none();
        let marked = sample.request_id.is_some();
        let answered_itself = marked && sample.evidence == Evidence::Marker;
        let failed = Band::between(1, MOST_ERRORS_PER_FAILURE);
        let returned_5xx = match sample.status {
            Some(500..) => ONE,
            _ => Band::ZERO,
        };
        let ran = |ran, errors| ObservedCounts {
            ran,
            errors,
            ..NONE
        };
        let mut tally = match sample.outcome {
            Outcome::NotSent
            | Outcome::Refused
            | Outcome::SignInFailed
            | Outcome::DnsFailure
            | Outcome::ConnectionRefused
            | Outcome::ConnectFailure
            | Outcome::LocalLimit
            | Outcome::TlsFailure => return NONE,
            Outcome::FunctionError if sample.report.is_some() => {
                ObservedCounts { ..ran(ONE, failed) }
            }
            Outcome::FunctionTimeout => ObservedCounts {
                timeouts: ONE,
                ..ran(ONE, failed)
            },
            _ if answered_itself => ran(ONE, returned_5xx),
            Outcome::Ok if sample.status.is_some_and(|status| status >= 300) => ObservedCounts {
                timeouts: self.timeout_possible(sample),
                out_of_memory: maybe,
                throttles: maybe,
                ..ran(maybe, failed.or_none())
            },
            Outcome::Ok | Outcome::Unexpected | Outcome::CaptureFailed => ran(ONE, Band::ZERO),
            // An HTTP API may answer 500 for what never ran.
            Outcome::FunctionError if sample.status == Some(500) => ObservedCounts {
                timeouts: self.timeout_possible(sample),
                out_of_memory: maybe,
                ..ran(maybe, failed.or_none())
            },
            Outcome::FunctionError => ObservedCounts {
                timeouts: self.timeout_possible(sample),
                out_of_memory: maybe,
                ..ran(ONE, failed)
            },
            _ if marked => ran(ONE, returned_5xx),
            Outcome::Redirected | Outcome::HttpError => ran(maybe, returned_5xx.or_none()),
            Outcome::Rejected | Outcome::Throttled if self.settings.sample_app => ObservedCounts {
                throttles: maybe,
                ..NONE
            },
            Outcome::Rejected | Outcome::Throttled => ObservedCounts {
                throttles: maybe,
                ..ran(maybe, returned_5xx.or_none())
            },
            Outcome::GatewayTimeout
            | Outcome::Unavailable
            | Outcome::ConnectionClosed
            | Outcome::BadResponse
            | Outcome::IncompleteBody
            | Outcome::TimedOut => ObservedCounts {
                timeouts: self.timeout_possible(sample),
                out_of_memory: maybe,
                throttles: maybe,
                ..ran(maybe, failed.or_none())
            },
        };
        if sample
            .report
            .as_ref()
            .is_some_and(|report| report.is_full())
        {
            tally.out_of_memory = ONE;
        }
        tally.cold = match (sample.temperature, sample.evidence) {
            (_, Evidence::Estimate | Evidence::None) | (Temperature::Unknown, _) => {
                tally.ran.or_none()
            }
            (Temperature::Cold, _) => tally.ran,
            (Temperature::Warm, _) => Band::ZERO,
        };
        tally
    }

    /// Whether a failed request can have been a timeout of the function: only if it took as long.
    fn timeout_possible(&self, sample: &Sample) -> Band {
        let joined = sample.outcome == Outcome::FunctionError && sample.evidence == Evidence::Trace;
        // Without the function's own answer it may still be running, whatever time has passed.
        let too_short = sample.outcome == Outcome::FunctionError
            && self.settings.timeout.is_some_and(|timeout| {
                sample
                    .service_us()
                    .is_some_and(|took| u128::from(took) < timeout.as_micros())
            });
        if joined || too_short {
            Band::ZERO
        } else {
            ONE.or_none()
        }
    }
}

#[cfg(test)]
mod tests;
