//! Monitors that a scenario names, and events that tell of a run.

use std::time::Duration;

use loadgen::{
    insight::MonitorDemand,
    record::{Overall, Verdict},
    run::{self, RunOptions, RunTarget},
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions},
    scenario::{self, ExpectedMonitor, Scenario},
};
use serde_json::{Value, json};

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(work)
}

const COLD: &str = "Cold starts of the entry function";

fn sandbox() -> EmbeddedSandbox {
    Sandbox::embedded(SandboxOptions::default()).expect("a sandbox")
}

fn api(sandbox: &EmbeddedSandbox, method: &str, path: &str, body: Option<Value>) -> Value {
    let url = format!("{}{path}", sandbox.info().datadog_url);
    block_on(async {
        let request = reqwest::Client::new()
            .request(method.parse().expect("a method"), url)
            .header("dd-api-key", "0123456789abcdef0123456789abcdef")
            .header(
                "dd-application-key",
                "0123456789abcdef0123456789abcdef01234567",
            );
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        answer.json().await.expect("JSON")
    })
}

fn with_monitor() -> EmbeddedSandbox {
    let sandbox = sandbox();
    let query = "sum(last_5m):sum:aws.lambda.enhanced.invocations{cold_start:true,\
                 functionname:datadog-sample-entry-function}.as_count() > 5";
    let body = json!({"type": "query alert", "name": COLD, "query": query});
    assert!(api(&sandbox, "POST", "/api/v1/monitor", Some(body))["id"].is_u64());
    sandbox
}

fn ran(
    sandbox: &EmbeddedSandbox,
    phases: &str,
    monitors: &str,
    annotate: bool,
) -> loadgen::record::Run {
    let text = format!("name = \"alarm\"\n{phases}\n[expect]\nmonitors = [{monitors}]\n");
    let scenario = Scenario::parse(&text, "alarm.toml").expect("sound");
    run_of(sandbox, &scenario, annotate)
}

fn run_of(sandbox: &EmbeddedSandbox, scenario: &Scenario, annotate: bool) -> loadgen::record::Run {
    let folder = tempfile::tempdir().expect("a folder");
    let target = RunTarget::at(&sandbox.info().invoke_url).expect("a target");
    let options = RunOptions {
        wait: Some(Duration::from_secs(2)),
        annotate,
        ..RunOptions::in_folder(folder.path().join("run"))
    };
    let completed = run::run(scenario, target, &options, &mut ()).expect("a run");
    completed.run
}

const BURST: &str =
    "[[phase]]\nname = \"idle\"\nidle = \"15m\"\n[[phase]]\nname = \"burst\"\nburst = 10";
const QUIET: &str =
    "[[phase]]\nname = \"one\"\nburst = 1\n[[phase]]\nname = \"idle\"\nidle = \"10m\"";

#[test]
fn a_run_proves_that_an_alarm_fires_and_that_it_recovers() {
    let sandbox = with_monitor();
    let must_be_ok = format!("{{ monitor = \"{COLD}\", state = \"ok\" }}");
    let must_alert = format!("\"{COLD}\"");
    let verdict = |run: &loadgen::record::Run| (run.monitors[0].verdict, run.verdict);

    let fired = ran(&sandbox, BURST, &must_alert, false);
    assert_eq!(
        verdict(&fired),
        (Verdict::Seen, Overall::Met),
        "{:?}",
        fired.monitors
    );
    assert_eq!(fired.monitors[0].expected, MonitorDemand::Alert);
    let recovered = ran(&sandbox, QUIET, &must_be_ok, false);
    assert_eq!(
        verdict(&recovered),
        (Verdict::Seen, Overall::Met),
        "{:?}",
        recovered.monitors
    );

    // The opposite demands are missed.
    let silent = ran(&sandbox, QUIET, &must_alert, false);
    assert_eq!(verdict(&silent), (Verdict::Missing, Overall::Missed));
    let noisy = ran(&sandbox, BURST, &must_be_ok, false);
    assert_eq!(verdict(&noisy), (Verdict::Unexpected, Overall::Missed));
    // It is in Alert now: a run that adds to it proves nothing.
    let already = ran(&sandbox, &BURST.replace("15m", "1s"), &must_alert, false);
    assert_eq!(
        verdict(&already),
        (Verdict::CannotTell, Overall::NotVerified)
    );
    assert!(already.monitors[0].reason.text.contains("before the run"));
}

#[test]
fn a_monitor_on_cold_starts_alerts_in_cold_start_and_is_ok_again_after_quiet() {
    let sandbox = with_monitor();
    for (name, demand) in [
        ("cold-start", MonitorDemand::Alert),
        ("quiet", MonitorDemand::Ok),
    ] {
        let text = scenario::builtin(name).expect("built in").text;
        let mut scenario = Scenario::parse(text, name).expect("sound");
        scenario.expect.monitors.push(ExpectedMonitor {
            name: COLD.to_owned(),
            demand,
        });
        let run = run_of(&sandbox, &scenario, false);
        let seen = (run.monitors[0].verdict, run.verdict);
        assert_eq!(
            seen,
            (Verdict::Seen, Overall::Met),
            "{name}: {:?}",
            run.monitors
        );
    }
}

#[test]
fn a_monitor_that_is_not_there_leaves_the_run_not_verified_and_says_how_to_create_it() {
    let sandbox = sandbox();
    let run = ran(
        &sandbox,
        "[[phase]]\nname = \"one\"\nburst = 1",
        "\"No such monitor\"",
        false,
    );
    assert_eq!(run.monitors[0].verdict, Verdict::CannotTell);
    assert_eq!(run.verdict, Overall::NotVerified);
    assert!(
        run.monitors[0]
            .reason
            .text
            .contains("audit --service NAME --monitors json --apply")
    );
}

#[test]
fn a_run_that_is_annotated_has_an_event_at_its_start_and_its_end() {
    let sandbox = with_monitor();
    let run = ran(&sandbox, BURST, &format!("\"{COLD}\""), true);
    let body = json!({"filter": {"query": "created_by:loadgen", "from": "now-1d", "to": "now"}});
    let found = api(&sandbox, "POST", "/api/v2/events/search", Some(body));
    let found = found.to_string();
    for part in [
        "loadgen alarm started",
        "loadgen alarm ended",
        "10 of 10 requests were sent",
        &run.run_id,
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    assert!(!run.notes.iter().any(|note| note.code == "not_annotated"));
}
