//! Thresholds, expectations and the exit code that follows.

use std::time::Duration;

use loadgen::{
    cli::Exit,
    engine::StopSignal,
    record::{Overall, Run, Verification},
    run::{
        Benchmark, GuardRails, RecordPlace, RunTarget, Verified, VerifyOptions, bench, run, verify,
    },
    scenario::Threshold,
};

use crate::{
    support::server::plain_server,
    watching::{completed, folder, options, record, scenario},
};

/// Two phases, of which one is always cold.
const TWO_PHASES: &str = r#"
seed = 1
[[phase]]
name = "idle"
idle = "15m"
[[phase]]
name = "burst"
burst = 8
[[phase]]
name = "calm"
rate = 20
for = "1s"
[repeat]
times = 2
[thresholds]
"phase.burst.response.p50" = "> 500ms"
"phase.burst.cold.share" = ">= 100%"
"phase.calm.requests.sent" = ">= 40"
"phase.calm.response.p50" = "< 1us"
"#;

fn met(run: &Run) -> Vec<Option<bool>> {
    run.thresholds.iter().map(|limit| limit.met).collect()
}

#[test]
fn a_threshold_of_a_phase_counts_its_own_requests_and_stays_with_the_run() {
    let folder = folder();
    let options = options(folder.path());
    let ended = run(
        &scenario(TWO_PHASES),
        RunTarget::Embedded,
        &options,
        &mut (),
    );
    let run = ended.expect("a run").run;
    assert_eq!(met(&run), [Some(true), Some(true), Some(true), Some(false)]);
    assert_eq!(
        (run.verdict, Exit::of(&run)),
        (Overall::Missed, Exit::Missed)
    );
    let verified = verify(record(&folder), &VerifyOptions::default(), &mut ());
    let Ok(Verified::Judged(judged)) = verified else {
        panic!("nobody was asked");
    };
    assert_eq!(judged.run.thresholds, run.thresholds);
}

#[test]
fn thresholds_decide_one_by_one() {
    let run = completed(&scenario(
        "[[phase]]\nname = \"one\"\nburst = 3\n\
         [thresholds]\n\"response.all.max\" = \"< 1ms\"\n\"errors.count\" = \"<= 0\"\n",
    ))
    .run;
    assert_eq!(met(&run), [Some(false), Some(true)]);
    assert_eq!(Exit::of(&run), Exit::Missed);
}

#[test]
fn an_expectation_that_is_not_met_is_missed_and_named() {
    let folder = folder();
    let mut options = options(folder.path());
    options.wait = Some(Duration::ZERO);
    let scenario =
        scenario("[[phase]]\nname = \"one\"\nburst = 3\n[expect]\ninsights = [\"timeouts\"]\n");
    let run = run(&scenario, RunTarget::Embedded, &options, &mut ())
        .expect("a run")
        .run;
    assert_eq!(
        (run.verdict, Exit::of(&run)),
        (Overall::Missed, Exit::Missed)
    );
    assert!(
        run.sentence.contains("timeouts missing"),
        "{}",
        run.sentence
    );
}

#[test]
fn what_nobody_wanted_verified_is_no_failure() {
    let folder = folder();
    let mut options = options(folder.path());
    options.verify = false;
    let scenario = scenario("[[phase]]\nname = \"one\"\nburst = 3\n");
    let run = run(&scenario, RunTarget::Embedded, &options, &mut ())
        .expect("a run")
        .run;
    assert_eq!(run.verification, Verification::Skipped);
    assert_eq!(
        (run.verdict, Exit::of(&run)),
        (Overall::NotVerified, Exit::Met)
    );
}

fn benched(limits: &[&str], abort_on: &[&str]) -> Run {
    let folder = folder();
    let parsed = |texts: &[&str]| -> Vec<Threshold> {
        texts
            .iter()
            .map(|text| text.parse().expect("a limit"))
            .collect()
    };
    let benchmark = Benchmark {
        url: plain_server(),
        connections: 50,
        duration: Duration::from_millis(300),
        rate: Some(100.0),
        method: "GET".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout: Duration::from_secs(30),
        connection_use: Default::default(),
        tls: Default::default(),
        thresholds: parsed(limits),
        abort_on: parsed(abort_on),
        record: RecordPlace::Folder(folder.path().join("run")),
        sharing: Default::default(),
        guard: GuardRails::default(),
        stop: StopSignal::new(),
    };
    bench(&benchmark, &mut ()).expect("a benchmark").run
}

#[test]
fn a_threshold_decides_over_a_benchmark() {
    for (limit, verdict, exit) in [
        ("requests_per_second > 1", Overall::Met, Exit::Met),
        (
            "requests_per_second > 1000000000",
            Overall::Missed,
            Exit::Missed,
        ),
        ("service.all.max < 1us", Overall::Missed, Exit::Missed),
    ] {
        let run = benched(&[limit], &[]);
        assert_eq!((run.verdict, Exit::of(&run)), (verdict, exit), "{limit}");
    }
}

#[test]
fn a_condition_that_the_last_answer_meets_is_a_threshold_that_was_missed() {
    // Whoever looks a moment before the end sees fewer.
    let run = benched(&[], &["requests.completed >= 30"]);
    assert_eq!(run.thresholds[0].met, Some(false));
    assert_eq!(Exit::of(&run), Exit::Missed);
}
