//! Guard rails: load goes to this machine freely, anywhere else only on purpose and in bounds.

use super::{GuardRails, Observer, RunError, RunErrorKind, target::Destination};
use crate::schedule::Schedule;

impl GuardRails {
    /// Checks that the plan may be sent to the target.
    ///
    /// # Errors
    /// Plain http to another machine, more requests or a higher rate than allowed.
    pub(super) fn check(&self, target: &Destination, schedule: &Schedule) -> Result<(), RunError> {
        let refused = |why: String| Err(RunError::new(RunErrorKind::Refused, why));
        if target.is_loopback() {
            return Ok(());
        }
        let host = target.url.host().to_owned();
        if !target.url.is_https() && !self.allow_http.contains(&host) {
            return refused(format!(
                "{} is plain http to another machine, where everyone on the way reads along: use https, \
                 or `--allow-http {host}` if that network is yours",
                target.url
            ));
        }
        let total = schedule.total();
        if total > self.max_requests {
            return refused(format!(
                "the plan sends {total} requests to {host}, more than {}: raise the limit with \
                 `--max-requests {total}` if that is meant",
                self.max_requests
            ));
        }
        let rates = schedule.steps().iter().map(|step| step.peak_per_second());
        let peak = rates.fold(0.0, f64::max);
        if peak > self.max_rate {
            return refused(format!(
                "the plan sends up to {peak:.0} requests a second to {host}, more than {}: raise the \
                 limit with `--max-rate {:.0}` if that is meant",
                self.max_rate,
                peak.ceil()
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
    let free = target.is_loopback() || guard.confirmed;
    if free || observer.confirm(target.url.host(), requests)? {
        return Ok(());
    }
    Err(RunError::new(
        RunErrorKind::Refused,
        "nothing was sent, as you wished",
    ))
}
