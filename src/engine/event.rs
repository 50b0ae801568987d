//! What a run tells while it goes on, and at its end.

use std::time::{Duration, SystemTime};

use crate::sample::{Outcome, Sample};

/// Something that happened in a run. Nearly all are samples, so one in a box would only cost an
/// allocation for each request.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant)]
pub enum Event {
    /// A step that sends has begun.
    StepStarted {
        /// Its index.
        step: u32,
    },
    /// An idle step has begun.
    IdleStarted {
        /// Its index.
        step: u32,
        /// How much of it is left; requests still in flight from before take from it.
        left: Duration,
        /// When it ends by the wall clock; None when it is about to be skipped.
        until: Option<SystemTime>,
    },
    /// An idle step was skipped, or replaced: the run's clock moved forward.
    IdleSkipped {
        /// The step's index.
        step: u32,
        /// How far.
        by: Duration,
    },
    /// An idle step is over.
    IdleEnded {
        /// Its index.
        step: u32,
    },
    /// A request is over. Requests that never came due before a run was stopped are counted
    /// only, in [`Ended`]; those that were due and waited in line are told as not sent.
    Sample(Sample),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// Why it ended.
    pub end: End,
    /// Its requests.
    pub totals: Totals,
    /// The requests of each step, in the schedule's order.
    pub steps: Vec<Totals>,
    /// What failed in words and how often, the most frequent first. At most
    /// [`Ended::REASONS`] different ones are told apart.
    pub reasons: Vec<Reason>,
    /// How much idling was skipped.
    pub skipped: Duration,
    /// Answers that asked to be left alone for a while by `Retry-After`; loadgen keeps to its
    /// schedule.
    pub retry_after: u64,
    /// Connections opened, those before a burst among them.
    pub connections: u64,
    /// Connections that resumed an earlier TLS session.
    pub tls_resumed: u64,
    /// Connections that spoke HTTP/2; the others spoke HTTP/1.1.
    pub http2: u64,
    /// Requests that the server refused to process, by HTTP/2's `REFUSED_STREAM` or `GOAWAY`, and
    /// that were sent once more on a new connection.
    pub resent: u64,
    /// The time on the run's clock.
    pub ended_us: u64,
}

impl Ended {
    /// How many different reasons of failures are kept.
    pub const REASONS: usize = 32;
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// All was sent and is over.
    Completed,
    /// It was told to stop.
    Stopped,
    /// Too many requests of a step failed.
    GaveUp {
        /// The step's index.
        step: u32,
        /// How many of its requests failed without having asked for a fault.
        failed: u64,
        /// Of so many.
        of: u64,
    },
    /// An idle step could not be skipped, or what was to replace it failed.
    SkipFailed {
        /// The step's index.
        step: u32,
        /// Why.
        reason: String,
    },
}

/// Why requests failed, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The class.
    pub outcome: Outcome,
    /// What was found.
    pub text: String,
    /// How often.
    pub count: u64,
}

/// Requests counted by how they ended. Once a run is over,
/// `planned = completed + failed + timed_out + not_sent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Planned.
    pub planned: u64,
    /// Of which at least one byte went out.
    pub sent: u64,
    /// Answered whole, whatever the status.
    pub completed: u64,
    /// Ended without a whole answer, timeouts left out.
    pub failed: u64,
    /// Had no whole answer in time.
    pub timed_out: u64,
    /// Never begun, because the run ended first.
    pub not_sent: u64,
}

impl Totals {
    /// Whether every planned request is accounted for.
    pub fn add_up(&self) -> bool {
        self.planned == self.completed + self.failed + self.timed_out + self.not_sent
    }

    pub(super) fn count(&mut self, sample: &Sample) {
        self.sent += u64::from(sample.sent_us.is_some());
        match sample.outcome {
            Outcome::NotSent => self.not_sent += 1,
            Outcome::TimedOut => self.timed_out += 1,
            outcome if outcome.is_answer() => self.completed += 1,
            _ => self.failed += 1,
        }
    }
}

impl std::iter::Sum for Totals {
    fn sum<I: Iterator<Item = Totals>>(parts: I) -> Totals {
        parts.fold(Totals::default(), |sum, part| Totals {
            planned: sum.planned + part.planned,
            sent: sum.sent + part.sent,
            completed: sum.completed + part.completed,
            failed: sum.failed + part.failed,
            timed_out: sum.timed_out + part.timed_out,
            not_sent: sum.not_sent + part.not_sent,
        })
    }
}
