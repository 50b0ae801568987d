//! Counting completed requests, and handing their samples to the caller.

use std::time::Duration;

use super::{
    event::{EndReason, EngineEvent, EngineSummary, FailureReason},
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
    summary: EngineSummary,
    /// Per step: completed requests that had not asked for a fault, and how many of them failed.
    without_fault: Vec<(u64, u64)>,
    give_up: Option<FailureLimit>,
}

impl RunCounter {
    pub fn new(
        steps: usize,
        give_up: Option<FailureLimit>,
        tell: Box<dyn FnMut(EngineEvent)>,
    ) -> RunCounter {
        RunCounter {
            tell,
            summary: EngineSummary::default(),
            without_fault: vec![(0, 0); steps],
            give_up,
        }
    }

    pub fn tell(&mut self, event: EngineEvent) {
        (self.tell)(event);
    }

    /// One more request is planned.
    pub fn plan(&mut self) {
        self.summary.totals.planned += 1;
    }

    /// A request was not yet due when the run ended.
    pub fn never_due(&mut self) {
        self.summary.totals.not_sent += 1;
    }

    pub fn count_retry_after(&mut self) {
        self.summary.retry_after += 1;
    }

    pub fn count_start_lag(&mut self, lag: Duration) {
        self.summary.start_lag = lag;
    }

    pub fn count_skipped(&mut self, by: Duration) {
        self.summary.skipped = self.summary.skipped.saturating_add(by);
    }

    /// Counts a completed request and hands its sample on. Returns why the run ends, where this
    /// is one failure too many.
    pub fn record(&mut self, sample: Sample, reason: Option<Statement>) -> Option<EndReason> {
        self.summary.totals.count(&sample);
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

    /// Counts a reason of a failure.
    pub fn count_reason(&mut self, outcome: Outcome, why: Statement) {
        let known = |reason: &&mut FailureReason| reason.outcome == outcome && reason.why == why;
        let reasons = &mut self.summary.reasons;
        if let Some(reason) = reasons.iter_mut().find(known) {
            reason.count += 1;
        } else if reasons.len() < MAX_REASONS {
            reasons.push(FailureReason {
                outcome,
                why,
                count: 1,
            });
        }
    }

    /// The account at the end. The caller fills in connections and the end's time.
    pub fn ended(&mut self, end: EndReason) -> EngineSummary {
        let mut summary = std::mem::take(&mut self.summary);
        summary
            .reasons
            .sort_by_key(|reason| std::cmp::Reverse(reason.count));
        EngineSummary { end, ..summary }
    }
}
