//! Counting completed requests, and handing their samples to the caller.

use std::time::Duration;

use super::{
    event::{EndReason, EngineEvent, EngineSummary, FailureReason, Totals},
    job::FailureLimit,
};
use crate::{
    lang::Statement,
    sample::{Outcome, Sample},
};

/// How many different reasons for failures are kept.
const MAX_REASONS: usize = 32;

/// The counts of a run so far. They take memory for each step, not for each request.
pub(super) struct RunCounter {
    tell: Box<dyn FnMut(EngineEvent)>,
    steps: Vec<Totals>,
    /// Per step: completed requests that had not asked for a fault, and how many of them failed.
    without_fault: Vec<(u64, u64)>,
    give_up: Option<FailureLimit>,
    reasons: Vec<FailureReason>,
    retry_after: u64,
    skipped: Duration,
    start_lag: Duration,
}

impl RunCounter {
    pub fn new(
        steps: usize,
        give_up: Option<FailureLimit>,
        tell: Box<dyn FnMut(EngineEvent)>,
    ) -> RunCounter {
        RunCounter {
            tell,
            steps: vec![Totals::default(); steps],
            without_fault: vec![(0, 0); steps],
            give_up,
            reasons: Vec::new(),
            retry_after: 0,
            skipped: Duration::ZERO,
            start_lag: Duration::ZERO,
        }
    }

    pub fn tell(&mut self, event: EngineEvent) {
        (self.tell)(event);
    }

    /// One more request is planned.
    pub fn plan(&mut self, step: u32) {
        if let Some(totals) = self.steps.get_mut(step as usize) {
            totals.planned += 1;
        }
    }

    /// A request was not yet due when the run ended.
    pub fn never_due(&mut self, step: u32) {
        if let Some(totals) = self.steps.get_mut(step as usize) {
            totals.not_sent += 1;
        }
    }

    pub fn count_retry_after(&mut self) {
        self.retry_after += 1;
    }

    pub fn count_start_lag(&mut self, lag: Duration) {
        self.start_lag = lag;
    }

    pub fn count_skipped(&mut self, by: Duration) {
        self.skipped = self.skipped.saturating_add(by);
    }

    /// Counts a completed request and hands its sample on. Returns why the run ends, where this
    /// is one failure too many.
    pub fn record(&mut self, sample: Sample, reason: Option<Statement>) -> Option<EndReason> {
        let step = sample.step as usize;
        if let Some(totals) = self.steps.get_mut(step) {
            totals.count(&sample);
        }
        if let Some(why) = reason {
            self.count_reason(sample.outcome, why);
        }
        let given_up = self.check_failures(&sample);
        self.tell(EngineEvent::Sample(sample));
        given_up
    }

    fn check_failures(&mut self, sample: &Sample) -> Option<EndReason> {
        if sample.fault.is_some() || sample.outcome == Outcome::NotSent {
            return None;
        }
        let (completed, failed) = self.without_fault.get_mut(sample.step as usize)?;
        *completed += 1;
        *failed += u64::from(sample.outcome != Outcome::Ok);
        let limit = self.give_up?;
        let too_many = *failed as f64 > limit.share * *completed as f64;
        (*completed >= limit.after && too_many).then_some(EndReason::GaveUp {
            step: sample.step,
            failed: *failed,
            of: *completed,
        })
    }

    fn count_reason(&mut self, outcome: Outcome, why: Statement) {
        let known = |reason: &&mut FailureReason| reason.outcome == outcome && reason.why == why;
        if let Some(reason) = self.reasons.iter_mut().find(known) {
            reason.count += 1;
        } else if self.reasons.len() < MAX_REASONS {
            self.reasons.push(FailureReason {
                outcome,
                why,
                count: 1,
            });
        }
    }

    /// The account at the end. The caller fills in connections and the end's time.
    pub fn ended(&mut self, end: EndReason) -> EngineSummary {
        let steps = std::mem::take(&mut self.steps);
        let mut reasons = std::mem::take(&mut self.reasons);
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        EngineSummary {
            end,
            totals: steps.iter().copied().sum(),
            steps,
            reasons,
            skipped: self.skipped,
            start_lag: self.start_lag,
            retry_after: self.retry_after,
            connections: 0,
            tls_resumed: 0,
            http2: 0,
            resent: 0,
            ended_us: 0,
        }
    }
}
