//! Did the alarm fire? What was demanded of monitors, against how they stand.

use super::{Patience, Subject};
use crate::{
    datadog::{ApiError, Client, FoundMonitor, Links, Time},
    insight::{Basis, MonitorDemand},
    lang::statements::verifying,
    record::{MonitorFinding, Verdict},
    scenario::ExpectedMonitor,
};

/// How long after a run Datadog has evaluated its last minute: an evaluation a minute, and what
/// ingestion takes.
const EVALUATED_MS: i64 = 300_000;

/// Asks for each monitor that is expected until all is certain or `patience` is over.
///
/// # Errors
/// Where the API does not answer, or refuses.
pub async fn ask_monitors(
    client: &Client,
    time: &dyn Time,
    links: Option<&Links>,
    subject: &Subject,
    patience: Patience,
) -> Result<Vec<MonitorFinding>, ApiError> {
    let began = time.now();
    let mut pause = patience.first_pause;
    loop {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let mut findings = Vec::new();
        for expected in &subject.expect.monitors {
            let found = client.monitors(&expected.name).await?;
            let mut finding = judge_monitor(expected, &found, subject, now_ms);
            if let (Some(links), [one]) = (links, found.as_slice()) {
                finding.link = links.monitor(one.id);
            }
            findings.push(finding);
        }
        let left = patience
            .wait
            .saturating_sub(time.now().saturating_sub(began));
        let open = |finding: &MonitorFinding| {
            matches!(finding.verdict, Verdict::NotSeenYet | Verdict::Missing)
        };
        if left.is_zero() || !findings.iter().any(open) {
            return Ok(findings);
        }
        time.sleep(pause.min(left)).await;
        pause = (pause + pause / 2).min(patience.longest_pause);
    }
}

/// The findings if no API was asked.
pub fn monitors_unasked(expected: &[ExpectedMonitor]) -> Vec<MonitorFinding> {
    let unasked = |one| finding(one, Verdict::CannotTell, verifying::monitor_not_asked());
    expected.iter().map(unasked).collect()
}

/// Holds what is demanded against the monitors `found` of that name.
fn judge_monitor(
    expected: &ExpectedMonitor,
    found: &[FoundMonitor],
    subject: &Subject,
    now_ms: i64,
) -> MonitorFinding {
    let monitor = match found {
        [one] => one,
        [] => return finding(expected, Verdict::CannotTell, verifying::monitor_unknown()),
        many => {
            let reason = verifying::monitors_of_one_name(many.len() as u64);
            return finding(expected, Verdict::CannotTell, reason);
        }
    };
    // The API gives times in full seconds.
    let from_ms = subject.from_ms.div_euclid(1000) * 1000;
    let fired_ms = monitor.triggered_ms.filter(|at_ms| *at_ms >= from_ms);
    let delay = i64::try_from(monitor.evaluation_delay.as_millis()).unwrap_or(i64::MAX);
    let done_ms = subject
        .to_ms
        .saturating_add(EVALUATED_MS)
        .saturating_add(delay);
    let is_done = subject.basis == Basis::Sandbox || now_ms >= done_ms;
    let missed = match is_done {
        true => Verdict::Missing,
        false => Verdict::NotSeenYet,
    };
    let stands = || verifying::monitor_stands(monitor.state.clone());
    let (verdict, reason) = match (expected.demand, fired_ms) {
        (demand, Some(at_ms)) => {
            let after = at_ms.saturating_sub(subject.from_ms).max(0).unsigned_abs();
            let reason = verifying::monitor_fired(std::time::Duration::from_millis(after));
            match demand {
                MonitorDemand::Alert => (Verdict::Seen, reason),
                MonitorDemand::Ok => (Verdict::Unexpected, reason),
            }
        }
        (MonitorDemand::Alert, None) if monitor.state == "Alert" => {
            (Verdict::CannotTell, verifying::monitor_fired_before())
        }
        (MonitorDemand::Alert, None) => (missed, stands()),
        (MonitorDemand::Ok, None) if monitor.state != "OK" => (missed, stands()),
        (MonitorDemand::Ok, None) if is_done => (Verdict::Seen, stands()),
        (MonitorDemand::Ok, None) => (Verdict::NotSeenYet, verifying::monitor_to_come()),
    };
    finding(expected, verdict, reason)
}

fn finding(
    expected: &ExpectedMonitor,
    verdict: Verdict,
    reason: crate::lang::Statement,
) -> MonitorFinding {
    MonitorFinding {
        monitor: expected.name.clone(),
        expected: expected.demand,
        verdict,
        reason,
        link: String::new(),
    }
}
