//! Guard rails: load goes to this machine freely, anywhere else only on purpose and in bounds.

use std::io::{IsTerminal, Write, stderr, stdin};

use super::{Failure, flags::Guard, target::Target};
use crate::schedule::Schedule;

/// Checks that the plan may be sent to the target.
///
/// # Errors
/// Plain http to another machine, more requests or a higher rate than allowed.
pub fn check(guard: &Guard, target: &Target, schedule: &Schedule) -> Result<(), Failure> {
    if target.is_loopback() {
        return Ok(());
    }
    let host = target.host();
    if !target.is_https() && !guard.allow_http.contains(&host) {
        return Err(Failure::new(format!(
            "{} is plain http to another machine, where everyone on the way reads along: use https, \
             or `--allow-http {host}` if that network is yours",
            target.url
        )));
    }
    let total = schedule.total();
    if total > guard.max_requests {
        return Err(Failure::new(format!(
            "the plan sends {total} requests to {host}, more than {}: raise the limit with \
             `--max-requests {total}` if that is meant",
            guard.max_requests
        )));
    }
    let peak = schedule
        .steps()
        .iter()
        .map(|step| step.peak_per_second())
        .fold(0.0, f64::max);
    if peak > guard.max_rate {
        return Err(Failure::new(format!(
            "the plan sends up to {peak:.0} requests a second to {host}, more than {}: raise the \
             limit with `--max-rate {:.0}` if that is meant",
            guard.max_rate,
            peak.ceil()
        )));
    }
    Ok(())
}

/// Asks before anything is sent to another machine, unless `--yes` was typed.
///
/// # Errors
/// When the answer is no, or nobody is there to ask.
pub fn consent(guard: &Guard, target: &Target, schedule: &Schedule) -> Result<(), Failure> {
    if target.is_loopback() || guard.yes {
        return Ok(());
    }
    let what = format!("{} requests to {}", schedule.total(), target.host());
    if !stdin().is_terminal() {
        return Err(Failure::new(format!(
            "nothing was sent: {what} need a yes, and there is no terminal to ask at; add `--yes`"
        )));
    }
    let mut talk = stderr();
    write!(talk, "Send {what}? [y/N] ")?;
    talk.flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new("nothing was sent, as you wished")),
    }
}
