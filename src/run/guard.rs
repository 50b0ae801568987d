//! Guard rails: load may be sent to this machine freely, and elsewhere only on purpose and within
//! bounds.

use super::{GuardRails, Observer, RunError, RunErrorKind, target::Destination, words};
use crate::{lang::Phrase, schedule::Schedule, units::Address};

impl GuardRails {
    /// How many requests may be sent a second time, so that all together stay within the limit.
    pub(super) fn most_resent(&self, target: &Address, planned: u64) -> u64 {
        match target.is_this_machine() {
            true => u64::MAX,
            false => self.max_requests.saturating_sub(planned),
        }
    }

    /// Checks that the plan may be sent to the target.
    ///
    /// # Errors
    /// Plain http to another machine, more requests or a higher rate than allowed.
    pub(super) fn check(
        &self,
        target: &Destination,
        schedule: &Schedule,
        sign_ins: u64,
    ) -> Result<(), RunError> {
        let refused = |why: Phrase| Err(RunErrorKind::Refused.error(why));
        if target.is_this_machine() {
            return Ok(());
        }
        let host = target.url.host().to_owned();
        if !target.url.is_https() && !self.allow_http.contains(&host) {
            return refused(words::plain_http(&target.url.to_string(), &host));
        }
        let total = schedule.requests() + sign_ins;
        if total > self.max_requests {
            return refused(words::too_many_requests(
                total,
                &host,
                self.max_requests,
                total.to_string(),
            ));
        }
        let rates = schedule.steps().iter().map(|step| step.peak_per_second());
        let peak = rates.fold(0.0, f64::max);
        if peak > self.max_rate {
            return refused(words::too_fast(
                peak.round() as u64,
                &host,
                self.max_rate.to_string(),
                format!("{:.0}", peak.ceil()),
            ));
        }
        Ok(())
    }
}

/// Asks before load goes to another machine.
pub(super) fn agreed(
    target: &Destination,
    requests: u64,
    guard: &GuardRails,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let free = target.is_this_machine() || guard.confirmed;
    if free || observer.confirm(target.url.host(), requests)? {
        return Ok(());
    }
    Err(RunErrorKind::Refused.error(words::DECLINED))
}
