//! Runs that end before their plan does keep what they measured, and say why.

use loadgen::{
    cli::Exit,
    record::Overall,
    run::{CompletedRun, RunTarget, run},
    sandbox::{Sandbox, SandboxOptions},
    scenario::Threshold,
};

use crate::watching::{Watching, folder, is_recorded, options, scenario};

/// Nearly all requests fail, for as long as nobody stops it.
const FAILING: &str = r#"
[[phase]]
name = "steady"
rate = 40
for = "5m"
fault = { kind = "error", share = 0.9 }
"#;

const STEADY: &str = "[[phase]]\nname = \"steady\"\nrate = 100\nfor = \"5m\"\n";

fn limit(text: &str) -> Threshold {
    text.parse().expect("a limit")
}

fn aborted(condition: &str) -> CompletedRun {
    let folder = folder();
    let mut options = options(folder.path());
    options.abort_on = vec![limit(condition)];
    run(&scenario(FAILING), RunTarget::Embedded, &options, &mut ()).expect("a run")
}

#[test]
fn an_interrupted_run_lets_requests_finish_and_is_recorded() {
    let folder = folder();
    let options = options(folder.path());
    let stop = options.stop.clone();
    let mut watching = Watching {
        on_sample: Some(Box::new(move |completed| {
            if completed == 5 {
                stop.signal();
            }
        })),
        ..Watching::default()
    };
    let ended = run(
        &scenario(STEADY),
        RunTarget::Embedded,
        &options,
        &mut watching,
    );
    let run = ended.expect("a run").run;
    assert!(run.interrupted && run.aborted.is_none());
    let requests = &run.requests;
    assert_eq!(requests.sent, requests.completed);
    assert_eq!(requests.planned, requests.completed + requests.not_sent);
    assert_eq!(run.verdict, Overall::NotVerified);
    assert_eq!(Exit::of(&run), Exit::Interrupted);
    assert_eq!(
        watching.calls,
        ["planned", "begins", "sent"],
        "nobody is asked"
    );
    is_recorded(&folder, &run);
}

#[test]
fn a_condition_that_is_met_stops_the_run_with_the_reason() {
    let run = aborted("errors.share > 50%").run;
    assert_eq!(
        (run.verdict, Exit::of(&run)),
        (Overall::Missed, Exit::Missed)
    );
    assert!(
        (20..12_000).contains(&run.requests.sent),
        "{:?}",
        run.requests
    );
    let why = run.aborted.expect("a reason");
    assert!(
        why.text.starts_with("errors.share was") && why.text.contains("> 50%"),
        "{why}"
    );
    assert_eq!(run.thresholds[0].met, Some(false));
}

#[test]
fn a_condition_may_be_of_one_phase() {
    let run = aborted("phase.steady.response.p50 > 1us").run;
    let why = run.aborted.expect("a reason");
    assert!(
        why.text.starts_with("phase.steady.response.all.p50 was"),
        "{why}"
    );
}

#[test]
fn a_condition_that_is_not_met_stops_nothing() {
    let folder = folder();
    let mut options = options(folder.path());
    // The first is met from the beginning, but three requests are too few to stop for.
    options.abort_on = vec![limit("errors.share >= 0%"), limit("response.all.max > 1h")];
    let scenario = scenario("[[phase]]\nname = \"few\"\nburst = 3\n");
    let run = run(&scenario, RunTarget::Embedded, &options, &mut ())
        .expect("a run")
        .run;
    assert_eq!((run.aborted, run.thresholds.len()), (None, 0));
}

#[test]
fn a_sandbox_that_is_killed_leaves_a_record_that_says_so() {
    let sandbox = Sandbox::embedded(SandboxOptions::default()).expect("a sandbox");
    let target = RunTarget::at(&sandbox.info().invoke_url).expect("a target");
    let mut sandbox = Some(sandbox);
    let mut watching = Watching {
        on_sample: Some(Box::new(move |completed| {
            if completed == 10 {
                drop(sandbox.take());
            }
        })),
        ..Watching::default()
    };
    let folder = folder();
    let scenario = scenario(&STEADY.replace("5m", "3s"));
    let ended = run(&scenario, target, &options(folder.path()), &mut watching);
    let run = ended.expect("a run").run;
    assert_eq!(
        (run.verdict, Exit::of(&run)),
        (Overall::Missed, Exit::Missed)
    );
    assert!(
        run.requests.completed >= 10 && run.requests.failed > 0,
        "{:?}",
        run.requests
    );
    assert!(run.sentence.contains("connection"), "{}", run.sentence);
    assert!(!run.notes.is_empty(), "why nothing could be verified");
    is_recorded(&folder, &run);
}
