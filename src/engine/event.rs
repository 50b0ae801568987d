//! What the engine reports during a run and at its end.

use std::{
    cmp::Reverse,
    time::{Duration, SystemTime},
};

use crate::{
    lang::Statement,
    sample::{Outcome, Sample},
    stats::Requests,
};

/// Something that happened in a run. Nearly all events are samples: a box would only cost an
/// allocation for each request.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant)]
pub enum EngineEvent {
    /// A step that sends has begun.
    StepStarted {
        /// Its index.
        step: u32,
    },
    /// An idle step has begun.
    IdleStarted {
        /// Its index.
        step: u32,
        /// How much of it is left: less than its length where requests were still in flight.
        left: Duration,
        /// When it ends by the wall clock; None if it is to be skipped.
        until: Option<SystemTime>,
    },
    /// An idle step was skipped: the run's clock moved forward.
    IdleSkipped {
        /// The step's index.
        step: u32,
        /// By how much.
        by: Duration,
    },
    /// An idle step has ended.
    IdleEnded {
        /// Its index.
        step: u32,
    },
    /// A request has completed. Requests that were not yet due when the run was stopped are only
    /// counted, in [`EngineSummary`]; those that were due and queued are reported as not sent.
    Sample(Sample),
}

/// The account of a run at its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EngineSummary {
    /// Why it ended.
    pub end: EndReason,
    /// All its requests.
    pub totals: Requests,
    /// Why requests failed, the most frequent reason first; at most 32 different ones.
    pub reasons: Vec<FailureReason>,
    /// How much idle time was skipped.
    pub skipped: Duration,
    /// How long after its planned start the run started; zero without a planned start.
    pub start_lag: Duration,
    /// Responses with a `Retry-After` header. loadgen keeps to its schedule.
    pub retry_after: u64,
    /// Connections opened, including those opened ahead of a burst.
    pub connections: u64,
    /// Connections that resumed an earlier TLS session.
    pub tls_resumed: u64,
    /// Connections that spoke HTTP/2; the others spoke HTTP/1.1.
    pub http2: u64,
    /// Requests that were sent again: the server refused to process them, by
    /// HTTP/2's `REFUSED_STREAM` or `GOAWAY`, or closed a connection before anything of a response.
    pub resent: u64,
    /// How many requests at a time could share a connection, where that was more than one.
    pub streams: Option<u64>,
    /// How many requests at a time a server allowed on a connection, where those were fewer than were
    /// to share it ([`ConnectionUse::streams`](super::ConnectionUse)).
    pub fewer_streams: Option<u64>,
    /// What was counted of sign-ins, which are no requests of the schedule.
    pub sign_ins: SignInCounts,
    /// The time on the run's clock when it ended.
    pub ended_us: u64,
}

/// What was counted of sign-ins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignInCounts {
    /// Sent.
    pub sent: u64,
    /// Sign-ins without a usable token.
    pub failed: u64,
    /// How long they took together, in microseconds.
    pub total_us: u64,
    /// The longest, in microseconds.
    pub longest_us: u64,
}

impl SignInCounts {
    pub(super) fn count(&mut self, sample: &Sample, is_good: bool) {
        let took = sample.service_us().unwrap_or_default();
        self.sent += u64::from(sample.sent_us.is_some());
        self.failed += u64::from(!is_good);
        self.total_us += took;
        self.longest_us = self.longest_us.max(took);
    }
}

impl EngineSummary {
    /// Adds the account of another engine that sent a part of the same run.
    pub fn merge(&mut self, other: EngineSummary) {
        if matches!(self.end, EndReason::Completed | EndReason::Stopped)
            && other.end != EndReason::Completed
        {
            self.end = other.end;
        }
        self.totals.add(other.totals);
        for reason in other.reasons {
            let same = |r: &&mut FailureReason| r.outcome == reason.outcome && r.why == reason.why;
            match self.reasons.iter_mut().find(same) {
                Some(known) => known.count += reason.count,
                None => self.reasons.push(reason),
            }
        }
        self.reasons.sort_by_key(|reason| Reverse(reason.count));
        self.skipped = self.skipped.max(other.skipped);
        self.start_lag = self.start_lag.max(other.start_lag);
        self.retry_after += other.retry_after;
        self.connections += other.connections;
        self.tls_resumed += other.tls_resumed;
        self.http2 += other.http2;
        self.resent += other.resent;
        self.streams = self.streams.or(other.streams);
        let fewer = [self.fewer_streams, other.fewer_streams];
        self.fewer_streams = fewer.into_iter().flatten().min();
        self.sign_ins.sent += other.sign_ins.sent;
        self.sign_ins.failed += other.sign_ins.failed;
        self.sign_ins.total_us += other.sign_ins.total_us;
        self.sign_ins.longest_us = self.sign_ins.longest_us.max(other.sign_ins.longest_us);
        self.ended_us = self.ended_us.max(other.ended_us);
    }
}

/// Why a run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum EndReason {
    /// Every request was sent and has completed.
    #[default]
    Completed,
    /// It was told to stop.
    Stopped,
    /// Too many requests of a step failed, see [`FailureLimit`](super::FailureLimit).
    GaveUp {
        /// The step's index.
        step: u32,
        /// How many of its requests failed, excluding those that requested a fault.
        failed: u64,
        /// How many of its requests completed, excluding those that requested a fault.
        of: u64,
    },
    /// Requests were still queued one request timeout after the schedule's end: as many as may be
    /// were in flight all the time.
    QueueExpired,
    /// The sign-in before the first request failed.
    SignInFailed {
        /// Why.
        reason: Statement,
    },
    /// An idle step could not be skipped.
    SkipFailed {
        /// The step's index.
        step: u32,
        /// What the call that skips it returned.
        reason: Statement,
    },
}

/// A reason why requests failed, and how many did.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureReason {
    /// The class of failure.
    pub outcome: Outcome,
    /// The reason.
    pub why: Statement,
    /// How many requests failed for it.
    pub count: u64,
}
