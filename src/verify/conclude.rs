//! The verdict on a run. It is decided only here, for every command and format.
//!
//! Every claim rests on responses. The rules, in order of precedence:
//! 1. A run without any response is missed.
//! 2. A success is a status of 2xx, or what the request's `expect.status` names.
//! 3. Unrequested failures above 1 % of the requests make the run missed; 1 % is Datadog's own
//!    condition for its Insight Errors. A failure is requested if the fault that was sent, an
//!    expected Insight or `expect.status` explains it. A threshold on `errors.share` replaces this
//!    rule.
//! 4. A forbidden Insight that cannot be determined does not count as absent.
//! 5. A threshold with too few samples is missed.
//! 6. In an incomplete run only those findings count that the missing part cannot change.

use super::sentence::sentence;
use crate::{
    insight::Id,
    lang::{Lang, Speaker, statements::verdict},
    record::{
        Demand, FailureKind, Finding, InsightOn, MonitorFinding, Overall, Run, Statement,
        ThresholdResult, TooFewSamples, Verdict, Verification,
    },
    sample::Outcome,
};

/// Unrequested failures above this share, 0 to 1, make the run missed (Datadog's Insight "Errors":
/// more than 1 % of the invocations).
const FAILURES: f64 = 0.01;

/// At most this many kinds of failure are named.
const MOST_KINDS: usize = 4;

/// Decides the verdict of a completed run from its record. Writes it there with its reasons and the
/// sentence that every report shows.
pub fn conclude(run: &mut Run) {
    let (verdict, reasons) = decide(run);
    run.verdict = verdict;
    run.reasons = reasons;
    run.sentence = sentence(run, &Speaker::plain(Lang::En));
}

/// The reasons for each verdict.
#[derive(Default)]
struct Grounds {
    missed: Vec<Statement>,
    undetermined: Vec<Statement>,
    kept: Vec<Statement>,
}

fn decide(run: &Run) -> (Overall, Vec<Statement>) {
    let (sent, planned) = (run.requests.sent, run.requests.planned);
    let mut grounds = Grounds::default();
    if run.watched.is_some() {
        return of_command(run, grounds);
    }
    let certain = failures(run, &mut grounds);
    if run.aborted.is_some() {
        let sent = match planned {
            0 => verdict::sent_before_end(sent),
            _ => verdict::sent_of(sent, planned),
        };
        return (Overall::Missed, [vec![sent], grounds.missed].concat());
    }
    if run.interrupted || run.requests.not_sent > 0 {
        // A killed closed loop has no planned number.
        let sent = match planned {
            0 => verdict::sent_before_end(sent),
            _ => verdict::interrupted(sent, planned),
        };
        return match certain {
            true => (Overall::Missed, [vec![sent], grounds.missed].concat()),
            false => (Overall::NotVerified, vec![sent]),
        };
    }
    if let Some(part) = &run.shard {
        let shard = part.shard;
        return (
            Overall::NotVerified,
            vec![verdict::one_shard(shard.index(), shard.of())],
        );
    }
    if is_unanswered(run) {
        // Without responses, nothing else can be judged.
        return (Overall::Missed, grounds.missed);
    }
    insights(run, &mut grounds);
    monitors(&run.monitors, &mut grounds);
    thresholds(&run.thresholds, &mut grounds);
    if run.verification == Verification::Failed {
        grounds.undetermined.push(verdict::not_asked());
    }
    if grounds.missed.is_empty() && is_unchecked(run) {
        grounds.undetermined.push(verdict::nothing_checked());
    }
    grounds.verdict()
}

impl Grounds {
    fn verdict(self) -> (Overall, Vec<Statement>) {
        let verdict = match (self.missed.is_empty(), self.undetermined.is_empty()) {
            (false, _) => Overall::Missed,
            (true, false) => Overall::NotVerified,
            (true, true) => Overall::Met,
        };
        (
            verdict,
            [self.missed, self.undetermined, self.kept].concat(),
        )
    }
}

/// The verdict on the time window of a watched command: how the command ended, and what was
/// expected.
fn of_command(run: &Run, mut grounds: Grounds) -> (Overall, Vec<Statement>) {
    if run.interrupted {
        return (Overall::NotVerified, vec![verdict::command_interrupted()]);
    }
    let ended = run.watched.as_ref().map(|of| (of.code, of.signal));
    match ended {
        Some((_, Some(signal))) => grounds
            .missed
            .push(verdict::command_killed(signal.unsigned_abs().into())),
        Some((Some(code), _)) if code != 0 => {
            grounds
                .missed
                .push(verdict::command_failed(code.unsigned_abs().into()));
        }
        _ => {}
    }
    insights(run, &mut grounds);
    if run.verification == Verification::Failed {
        grounds.undetermined.push(verdict::not_asked());
    }
    grounds.verdict()
}

/// Whether nothing was expected, limited or forbidden, and nothing was verified either. A benchmark
/// has nothing to verify: it measures.
fn is_unchecked(run: &Run) -> bool {
    run.requests_per_second.is_none()
        && run.verification != Verification::Done
        && run.thresholds.is_empty()
        && run.monitors.is_empty()
        && !run
            .insights
            .iter()
            .any(|finding| finding.expected.is_some())
}

fn is_unanswered(run: &Run) -> bool {
    run.requests.completed == 0
}

/// Rules 1 and 3. Returns whether the finding stands whatever the outcome of requests that were not
/// sent.
fn failures(run: &Run, grounds: &mut Grounds) -> bool {
    let requests = run.requests;
    if is_unanswered(run) {
        let all = run.failures.iter().map(|(class, count)| FailureKind {
            class: class.clone(),
            status: None,
            count: *count,
        });
        let not_sent = Outcome::NotSent.key();
        let kinds = most(all.filter(|kind| kind.class != not_sent).collect());
        grounds.missed.push(verdict::no_answer(kinds));
        return false;
    }
    let ran_out = run.failures.get(Outcome::LocalLimit.key());
    let ran_out = ran_out.is_some_and(|count| {
        grounds.missed.push(verdict::ran_out(*count));
        *count > 0
    });
    if run
        .thresholds
        .iter()
        .any(|limit| limit.metric == "errors.share")
    {
        return ran_out;
    }
    let expected = expected_of_entry(run);
    let unasked: Vec<FailureKind> = run
        .failures_unasked
        .iter()
        .filter(|kind| !expected.iter().any(|id| explains(*id, kind)))
        .cloned()
        .collect();
    let failed: u64 = unasked.iter().map(|kind| kind.count).sum();
    let attempts = requests.completed + requests.failed + requests.timed_out;
    let exceeds = |of: u64| failed as f64 > FAILURES * of as f64;
    if !exceeds(attempts) {
        return ran_out;
    }
    let line = verdict::if_meant(line_to_write(run, &unasked, failed, attempts));
    let kinds = most(unasked);
    grounds
        .missed
        .extend([verdict::failed_unasked(failed, attempts, kinds), line]);
    // A closed loop plans no number of requests.
    ran_out || (requests.planned > 0 && exceeds(requests.planned.max(attempts)))
}

/// The most frequent kinds, sorted by count.
fn most(mut kinds: Vec<FailureKind>) -> Vec<FailureKind> {
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.count));
    kinds.truncate(MOST_KINDS);
    kinds
}

/// The Insights that must appear on a function that got requests.
fn expected_of_entry(run: &Run) -> Vec<Id> {
    let sent_to = run.target.functions.sent_to();
    let findings = run.insights.iter();
    findings
        .filter(|f| f.expected == Some(Demand::Present) && sent_to.contains(&f.function))
        .map(|finding| finding.id)
        .collect()
}

/// Whether an expected Insight explains a failure of this kind.
fn explains(id: Id, kind: &FailureKind) -> bool {
    let class = |outcomes: &[Outcome]| outcomes.iter().any(|o| o.key() == kind.class);
    // A status that the function itself returned, or another server in its place.
    let server_error = class(&[Outcome::HttpError]) && kind.status.is_some_and(|s| s >= 500);
    match id {
        Id::Throttles => class(&[Outcome::Rejected, Outcome::Throttled, Outcome::Unavailable]),
        Id::Errors | Id::HighErrors => {
            server_error || class(&[Outcome::FunctionError, Outcome::FunctionTimeout])
        }
        Id::OutOfMemory => server_error || class(&[Outcome::FunctionError]),
        Id::Timeouts => {
            server_error
                || class(&[
                    Outcome::FunctionError,
                    Outcome::FunctionTimeout,
                    Outcome::GatewayTimeout,
                    Outcome::TimedOut,
                    Outcome::Unavailable,
                ])
        }
        _ => false,
    }
}

/// The line for the scenario if these failures are intended: their statuses, or else a threshold.
fn line_to_write(run: &Run, unasked: &[FailureKind], failed: u64, attempts: u64) -> String {
    let statuses: Option<Vec<u16>> = unasked.iter().map(|kind| kind.status).collect();
    match statuses {
        Some(failing) if failing.len() <= MOST_KINDS && run.requests_per_second.is_none() => {
            let good = run
                .status
                .keys()
                .filter(|s| (200..300).contains(*s))
                .copied();
            let mut all: Vec<u16> = good.chain(failing).collect();
            all.sort_unstable();
            all.dedup();
            let request = if run.has_flows() {
                "[[request]]"
            } else {
                "[request]"
            };
            format!("{request} expect = {{ status = {all:?} }}")
        }
        _ => {
            let percent = (failed as f64 / attempts as f64 * 100.0).ceil();
            format!("--threshold \"errors.share <= {percent}%\"")
        }
    }
}

/// Rule 4, and the expected Insights.
fn insights(run: &Run, grounds: &mut Grounds) {
    let entry = run.target.functions.entry_or_unnamed();
    let several = run.target.functions.sent_to().len() > 1;
    let named = |wanted: &dyn Fn(&Finding) -> bool| -> Vec<InsightOn> {
        let found = run.insights.iter().filter(|finding| wanted(finding));
        let on = |finding: &Finding| InsightOn {
            id: finding.id.key().to_owned(),
            function: Some(finding.function.clone()).filter(|name| several || name != entry),
            functions: None,
        };
        summed_up(found.map(on).collect())
    };
    let of = |verdict: Verdict| named(&|finding| finding.verdict == verdict);
    let demanded = |finding: &Finding, demand| finding.expected == Some(demand);
    let cannot_tell = named(&|finding| {
        finding.verdict == Verdict::CannotTell
            && (demanded(finding, Demand::Present) || demanded(finding, Demand::Absent))
    });
    let absent =
        named(&|finding| finding.verdict == Verdict::Absent && demanded(finding, Demand::Absent));
    let Grounds {
        missed,
        undetermined,
        kept,
    } = grounds;
    told(missed, of(Verdict::Missing), verdict::missing);
    told(undetermined, of(Verdict::NotSeenYet), verdict::not_seen_yet);
    told(kept, of(Verdict::Seen), verdict::seen);
    told(missed, of(Verdict::Unexpected), verdict::unexpected);
    told(undetermined, cannot_tell, verdict::undetermined);
    told(kept, absent, verdict::absent);
    let others = || run.insights.iter().filter(|f| demanded(f, Demand::Others));
    let determined =
        |finding: &&Finding| matches!(finding.verdict, Verdict::Absent | Verdict::Unexpected);
    if others().next().is_none() || others().any(|f| f.verdict == Verdict::Unexpected) {
        return;
    }
    match others().filter(determined).count() as u64 {
        0 => grounds.undetermined.push(verdict::others_undetermined()),
        determined => grounds.kept.push(verdict::no_others(determined)),
    }
}

/// The demands on monitors.
fn monitors(all: &[MonitorFinding], grounds: &mut Grounds) {
    let named = |wanted: &[Verdict]| -> Vec<String> {
        let found = all
            .iter()
            .filter(|finding| wanted.contains(&finding.verdict));
        found.map(|finding| finding.monitor.clone()).collect()
    };
    let (missed, seen) = (
        [Verdict::Missing, Verdict::Unexpected],
        [Verdict::Seen, Verdict::Absent],
    );
    let unknown = [Verdict::NotSeenYet, Verdict::CannotTell];
    told(
        &mut grounds.missed,
        named(&missed),
        verdict::monitors_missed,
    );
    told(
        &mut grounds.undetermined,
        named(&unknown),
        verdict::monitors_undetermined,
    );
    told(&mut grounds.kept, named(&seen), verdict::monitors_seen);
}

/// Says `which` among the grounds, if there are any.
fn told<T>(grounds: &mut Vec<Statement>, which: Vec<T>, say: impl Fn(Vec<T>) -> Statement) {
    if !which.is_empty() {
        grounds.push(say(which));
    }
}

/// At most this many functions are named per Insight.
const MOST_NAMED: usize = 3;

/// The same, with the number of functions where an Insight is on too many to name.
fn summed_up(all: Vec<InsightOn>) -> Vec<InsightOn> {
    let mut summed: Vec<InsightOn> = Vec::new();
    for one in &all {
        let same = all.iter().filter(|other| other.id == one.id).count();
        match same {
            ..=MOST_NAMED => summed.push(one.clone()),
            _ if summed.iter().any(|known| known.id == one.id) => {}
            many => summed.push(InsightOn {
                id: one.id.clone(),
                function: None,
                functions: Some(many as u64),
            }),
        }
    }
    summed
}

/// Rule 5.
fn thresholds(all: &[ThresholdResult], grounds: &mut Grounds) {
    let count = |met| all.iter().filter(|limit| limit.met == met).count() as u64;
    let of_all = all.len() as u64;
    if all.is_empty() {
        return;
    }
    if count(Some(true)) == of_all {
        grounds.kept.push(match of_all {
            1 => verdict::threshold_kept(),
            _ => verdict::thresholds_kept(of_all),
        });
        return;
    }
    if count(Some(false)) > 0 {
        let missed = verdict::thresholds_missed(count(Some(false)), of_all);
        grounds.missed.push(missed);
    }
    let without = || all.iter().filter(|limit| limit.met.is_none());
    let few = |limit: &ThresholdResult| {
        let support = limit.support?;
        Some(TooFewSamples {
            metric: limit.metric.clone(),
            samples: support.samples,
            needed: support.needed,
        })
    };
    let too_few: Vec<TooFewSamples> = without().filter_map(few).collect();
    told(&mut grounds.missed, too_few, verdict::too_few_samples);
    let others = without().filter(|limit| few(limit).is_none());
    let names: Vec<String> = others.map(|limit| limit.metric.clone()).collect();
    told(&mut grounds.missed, names, verdict::figures_undetermined);
}

#[cfg(test)]
mod tests;
