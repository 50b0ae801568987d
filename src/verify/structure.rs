//! Evidence class `structure`: what a scenario makes certain of a request's temperature.
//!
//! In the sandbox an idle phase longer than the expiry leaves no environment. A burst after it
//! finds none, so every request that was sent before the first of the burst was answered is a
//! cold start: an environment serves one request at a time, and none had become free.

use std::time::Duration;

use crate::{
    sample::{Evidence, Sample, Temperature},
    scenario::Arrivals,
    schedule::Step,
};

/// The steps of a schedule whose first requests are certainly cold.
#[derive(Clone, Debug, Default)]
pub struct Structure {
    /// For each step: whether it follows an idle phase longer than the expiry, and when the first
    /// of its requests ended.
    steps: Vec<(bool, u64)>,
}

impl Structure {
    /// Of a schedule against a sandbox that keeps idle environments for at most `expiry`.
    pub fn of(steps: &[Step], expiry: Duration) -> Structure {
        let idle = |step: &Step| match step.arrivals {
            Arrivals::Idle(length) => length,
            _ => Duration::ZERO,
        };
        let mut idled = Duration::ZERO;
        let steps = steps
            .iter()
            .map(|step| {
                let after_idle = step.count > 0 && idled > expiry;
                idled = match step.count {
                    0 => idled + idle(step),
                    _ => Duration::ZERO,
                };
                (after_idle, u64::MAX)
            })
            .collect();
        Structure { steps }
    }

    /// Takes a sample in. All must be taken in before the first is judged.
    pub fn observe(&mut self, sample: &Sample) {
        if let Some((_, first_done)) = self.steps.get_mut(sample.step as usize) {
            *first_done = sample.done_us.min(*first_done);
        }
    }

    /// Sets the temperature of a sample without one, if it is certain. Returns whether it did.
    pub fn judge(&self, sample: &mut Sample) -> bool {
        let Some((true, first_done)) = self.steps.get(sample.step as usize) else {
            return false;
        };
        let certain = sample.temperature == Temperature::Unknown
            && sample.ran()
            && sample.outcome.is_answer()
            && sample.sent_us.is_some_and(|sent| sent < *first_done);
        if certain {
            sample.temperature = Temperature::Cold;
            sample.evidence = Evidence::Structure;
        }
        certain
    }
}
