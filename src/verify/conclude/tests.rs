use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{
    insight::{Basis, Met},
    record::{ScenarioInfo, Support, Target, TargetKind},
};

/// A run of `answers` good answers, verified, with nothing expected of it.
fn run(answers: u64) -> Run {
    let mut run = Run::begun(
        "run".to_owned(),
        ScenarioInfo::default(),
        Target::at(TargetKind::Http, "http://127.0.0.1/".to_owned()),
        jiff::Timestamp::UNIX_EPOCH,
        answers,
        Duration::ZERO,
    );
    run.requests.sent = answers;
    run.requests.completed = answers;
    run.status.insert(200, answers);
    run.verification = Verification::Done;
    run
}

/// Makes `count` of the run's answers failures of this class and status.
fn failing(mut run: Run, outcome: Outcome, status: Option<u16>, count: u64) -> Run {
    match status {
        Some(status) => {
            run.status.insert(status, count);
        }
        None => {
            run.requests.completed -= count;
            run.requests.failed += count;
        }
    }
    *run.failures.entry(outcome.key().to_owned()).or_default() += count;
    run.failures_unasked.push(FailureKind {
        class: outcome.key().to_owned(),
        status,
        count,
    });
    run
}

fn finding(id: Id, expected: Option<Demand>, verdict: Verdict) -> Finding {
    Finding {
        id,
        function: "(unnamed function)".to_owned(),
        expected,
        predicted: None,
        client: None,
        observed: Some(Met::CannotTell),
        measured: Default::default(),
        basis: Basis::Client,
        verdict,
        reason: Default::default(),
        link: String::new(),
        queries: Vec::new(),
    }
}

fn threshold(metric: &str, met: Option<bool>) -> ThresholdResult {
    ThresholdResult {
        metric: metric.to_owned(),
        limit: "< 1".to_owned(),
        value: None,
        met,
        ends_run: false,
        support: None,
    }
}

fn concluded(mut run: Run) -> (Overall, String) {
    conclude(&mut run);
    (run.verdict, run.sentence)
}

#[test]
fn a_run_that_nobody_answered_is_missed_whatever_was_expected_of_it() {
    let nobody = || failing(run(2), Outcome::ConnectionRefused, None, 2);
    let others = || finding(Id::Errors, Some(Demand::Others), Verdict::Absent);
    for findings in [vec![], vec![others()]] {
        let run = Run {
            insights: findings,
            thresholds: vec![threshold("errors.share", Some(true))],
            ..nobody()
        };
        let (verdict, sentence) = concluded(run);
        assert_eq!(verdict, Overall::Missed);
        assert!(
            sentence.starts_with(
                "Missed (0 answers): no request was answered (2 × connection refused)"
            ),
            "{sentence}"
        );
    }
}

#[test]
fn failures_count_above_one_percent_and_not_at_it() {
    for (failed, verdict) in [(10, Overall::Met), (11, Overall::Missed)] {
        for (outcome, status) in [
            (Outcome::HttpError, Some(401)),
            (Outcome::Redirected, Some(302)),
            (Outcome::TimedOut, None),
        ] {
            let found = concluded(failing(run(1_000), outcome, status, failed)).0;
            assert_eq!(found, verdict, "{outcome:?} {failed}");
        }
    }
}

#[test]
fn the_sentence_says_what_to_write_if_the_failures_were_meant() {
    let (_, sentence) = concluded(failing(run(100), Outcome::HttpError, Some(401), 50));
    assert_eq!(
        sentence,
        "Missed (100 answers): 50 of 100 requests failed unexpectedly (50 × 401); \
         if you expect that, write `[request] expect = { status = [200, 401] }`."
    );
    let (_, sentence) = concluded(failing(run(100), Outcome::TimedOut, None, 50));
    let line = "write `--threshold \"errors.share <= 50%\"`.";
    assert!(sentence.ends_with(line), "{sentence}");
}

#[test]
fn a_threshold_on_the_share_of_errors_takes_the_rules_place() {
    let limited = |met| Run {
        thresholds: vec![threshold("errors.share", Some(met))],
        ..failing(run(100), Outcome::HttpError, Some(500), 50)
    };
    assert_eq!(concluded(limited(true)).0, Overall::Met);
    assert_eq!(concluded(limited(false)).0, Overall::Missed);
    let of_a_phase = Run {
        thresholds: vec![threshold("phase.a.errors.share", Some(true))],
        ..failing(run(100), Outcome::HttpError, Some(500), 50)
    };
    assert_eq!(concluded(of_a_phase).0, Overall::Missed);
}

#[test]
fn an_expected_insight_explains_its_own_kind_of_failure_and_no_other() {
    let expecting = |id, outcome, status| Run {
        insights: vec![finding(id, Some(Demand::Present), Verdict::Seen)],
        ..failing(run(100), outcome, status, 50)
    };
    for (id, outcome, status, verdict) in [
        (Id::Throttles, Outcome::Rejected, Some(500), Overall::Met),
        (
            Id::Throttles,
            Outcome::FunctionError,
            Some(502),
            Overall::Missed,
        ),
        (Id::Errors, Outcome::FunctionError, Some(502), Overall::Met),
        (Id::Errors, Outcome::HttpError, Some(500), Overall::Met),
        (Id::Errors, Outcome::HttpError, Some(401), Overall::Missed),
        (Id::Errors, Outcome::Rejected, Some(500), Overall::Missed),
        (Id::Timeouts, Outcome::TimedOut, None, Overall::Met),
        (
            Id::OutOfMemory,
            Outcome::FunctionError,
            Some(502),
            Overall::Met,
        ),
        (
            Id::ColdStarts,
            Outcome::FunctionError,
            Some(502),
            Overall::Missed,
        ),
    ] {
        let found = concluded(expecting(id, outcome, status)).0;
        assert_eq!(found, verdict, "{id} {outcome:?}");
    }
}

#[test]
fn what_is_forbidden_counts_where_it_can_be_determined() {
    let with = |findings: &[Finding]| Run {
        insights: findings.to_vec(),
        ..run(100)
    };
    let others = |id, verdict| finding(id, Some(Demand::Others), verdict);
    let some = [
        others(Id::Errors, Verdict::Absent),
        others(Id::Timeouts, Verdict::CannotTell),
    ];
    let (verdict, sentence) = concluded(with(&some));
    assert_eq!(verdict, Overall::Met);
    let said = "Met (100 answers): no unexpected Insight among the 1 that could be determined.";
    assert_eq!(sentence, said);
    let (verdict, _) = concluded(with(&some[1..]));
    assert_eq!(verdict, Overall::NotVerified);
    let by_name = finding(Id::Errors, Some(Demand::Absent), Verdict::CannotTell);
    let (verdict, sentence) = concluded(with(&[by_name]));
    assert_eq!(verdict, Overall::NotVerified);
    assert_eq!(
        sentence,
        "Not verified (100 answers): errors cannot be determined."
    );
}

#[test]
fn a_threshold_with_too_few_samples_is_missed_and_says_how_many_it_needs() {
    let limit = ThresholdResult {
        support: Some(Support {
            samples: 30,
            needed: 59,
        }),
        ..threshold("response.cold.p95", None)
    };
    let run = Run {
        thresholds: vec![threshold("cold.count", Some(true)), limit],
        ..run(100)
    };
    let (verdict, sentence) = concluded(run);
    assert_eq!(verdict, Overall::Missed);
    assert_eq!(
        sentence,
        "Missed (100 answers): too few samples for response.cold.p95 (30, needs 59)."
    );
}

#[test]
fn of_a_run_that_is_not_whole_only_what_is_certain_is_claimed() {
    let cut = |failed| {
        let mut run = failing(run(100), Outcome::HttpError, Some(500), failed);
        run.requests.planned = 1_000;
        run.requests.not_sent = 900;
        run.interrupted = true;
        run
    };
    // Ten of a thousand may still be 1 %, eleven are more whatever the rest would have been.
    let (verdict, sentence) = concluded(cut(10));
    assert_eq!(verdict, Overall::NotVerified);
    assert_eq!(
        sentence,
        "Interrupted (100 answers): 100 of 1,000 requests were sent, and nothing is claimed of the rest."
    );
    assert_eq!(concluded(cut(11)).0, Overall::Missed);
    let lost = Run {
        interrupted: false,
        ..cut(0)
    };
    assert_eq!(concluded(lost).0, Overall::NotVerified);
    let expected = Run {
        insights: vec![finding(
            Id::ColdStarts,
            Some(Demand::Present),
            Verdict::Seen,
        )],
        ..cut(0)
    };
    assert_eq!(concluded(expected).0, Overall::NotVerified);
}

#[test]
fn a_run_that_checks_nothing_is_not_met() {
    for verification in [
        Verification::Skipped,
        Verification::None,
        Verification::Failed,
    ] {
        let unchecked = Run {
            verification,
            ..run(100)
        };
        assert_eq!(concluded(unchecked).0, Overall::NotVerified);
    }
    assert_eq!(concluded(run(100)).0, Overall::Met);
    // A benchmark measures, and has nothing to verify.
    let bench = Run {
        verification: Verification::None,
        requests_per_second: Some(51.2),
        ..run(51)
    };
    for (rate, said) in [
        (51.2, "51 answers a second"),
        (1.0, "1 answer a second"),
        (0.5, "0.50 answers a second"),
        (2.4, "2.40 answers a second"),
    ] {
        let bench = Run {
            requests_per_second: Some(rate),
            ..bench.clone()
        };
        let said = format!("{said} (51 answers).");
        assert_eq!(concluded(bench), (Overall::Met, said));
    }
}

proptest! {
    /// The truth table of the design, for every combination: written here as it stands there.
    #[test]
    fn the_verdict_follows_the_truth_table(
        answers in prop_oneof![Just(0_u64), 1_u64..500],
        failed_share in prop_oneof![Just(0.0), 0.0..0.02_f64, 0.02..1.0_f64],
        findings in prop::collection::vec((0_usize..12, 0_usize..4, 0_usize..7), 0..6),
        limits in prop::collection::vec(prop::option::of(any::<bool>()), 0..3),
        limited_errors in any::<bool>(),
        verification in 0_usize..4,
    ) {
        let demands = [None, Some(Demand::Present), Some(Demand::Absent), Some(Demand::Others)];
        let verdicts = [
            Verdict::Seen, Verdict::Missing, Verdict::NotSeenYet, Verdict::Unexpected,
            Verdict::AlsoSeen, Verdict::Absent, Verdict::CannotTell,
        ];
        let possible = |demand: Option<Demand>, verdict| match demand {
            Some(Demand::Present) => !matches!(verdict, Verdict::Unexpected | Verdict::AlsoSeen | Verdict::Absent),
            Some(_) => matches!(verdict, Verdict::Unexpected | Verdict::Absent | Verdict::CannotTell),
            None => matches!(verdict, Verdict::AlsoSeen | Verdict::Absent | Verdict::CannotTell),
        };
        let insights: Vec<Finding> = findings
            .into_iter()
            .map(|(id, demand, verdict)| finding(Id::ALL[id], demands[demand], verdicts[verdict]))
            .filter(|finding| possible(finding.expected, finding.verdict))
            .collect();
        let failed = (answers as f64 * failed_share) as u64;
        let mut run = failing(run(answers), Outcome::HttpError, Some(403), failed);
        run.thresholds = limits.iter().map(|met| threshold("cold.count", *met)).collect();
        if limited_errors {
            run.thresholds.push(threshold("errors.share", Some(true)));
        }
        run.insights = insights;
        run.verification = [
            Verification::None, Verification::Done, Verification::Failed, Verification::Skipped,
        ][verification];

        let has = |demand, verdict| {
            run.insights.iter().any(|f| f.expected == Some(demand) && f.verdict == verdict)
        };
        let forbidden = |verdict| has(Demand::Absent, verdict) || has(Demand::Others, verdict);
        let missed = answers == 0
            || (!limited_errors && failed * 100 > answers)
            || has(Demand::Present, Verdict::Missing)
            || forbidden(Verdict::Unexpected)
            || limits.iter().any(|met| *met != Some(true));
        let others = || run.insights.iter().filter(|f| f.expected == Some(Demand::Others));
        let undetermined = has(Demand::Present, Verdict::CannotTell)
            || has(Demand::Present, Verdict::NotSeenYet)
            || has(Demand::Absent, Verdict::CannotTell)
            || (others().count() > 0 && others().all(|f| f.verdict == Verdict::CannotTell))
            || run.verification == Verification::Failed
            || (run.verification != Verification::Done
                && run.thresholds.is_empty()
                && run.insights.iter().all(|f| f.expected.is_none()));
        let expected = match (missed, undetermined) {
            (true, _) => Overall::Missed,
            (false, true) => Overall::NotVerified,
            (false, false) => Overall::Met,
        };
        let (verdict, sentence) = concluded(run);
        prop_assert_eq!(verdict, expected, "{}", sentence);
        let counted = format!("({answers} answer");
        prop_assert!(sentence.contains(&counted), "{}", sentence);
    }
}
