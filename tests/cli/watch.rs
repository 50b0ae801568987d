//! `loadgen watch`: the Insights of the time in which any other command ran.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use loadgen::sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::support::command::{Finished, ignores_a_closed_terminal, loadgen, loadgen_in};

const ENTRY: &str = "datadog-sample-entry-function";

fn place() -> (TempDir, EmbeddedSandbox) {
    let folder = TempDir::new().expect("a folder");
    (
        folder,
        Sandbox::embedded(SandboxOptions::default()).expect("a sandbox"),
    )
}

/// `loadgen watch` over `command`, asking the sandbox.
fn watching(folder: &TempDir, sandbox: &EmbeddedSandbox, command: &[&str]) -> Finished {
    let mut watch = loadgen_in(folder.path());
    watch.args(["watch", "--function", ENTRY, "--expect", "cold_starts"]);
    watch.args(["--absent", "timeouts", "--json"]);
    watch.args(["--datadog-url", &sandbox.info().datadog_url, "--"]);
    Finished::of(watch.args(command))
}

#[test]
fn the_insights_of_another_load_tool_are_verified() {
    let (folder, sandbox) = place();
    let url = sandbox.info().invoke_url.clone();
    let program = loadgen().get_program().to_owned();
    let program = program.to_str().expect("a path");
    let bench = [
        program,
        "bench",
        &url,
        "--duration",
        "1s",
        "--connections",
        "5",
        "--quiet",
    ];
    let finished = watching(&folder, &sandbox, &bench);
    let last = finished.out.rfind("\n{\n").map_or(0, |at| at + 1);
    let run: serde_json::Value = serde_json::from_str(&finished.out[last..])
        .unwrap_or_else(|error| panic!("{error}: {}{}", finished.out, finished.err));
    assert_eq!(finished.code, Some(0), "{}", run["sentence"]);
    let verdict = |id: &str| {
        let findings = run["insights"].as_array().expect("findings").iter();
        let mut findings = findings.filter(|finding| finding["function"] == ENTRY);
        findings.find(|finding| finding["id"] == id).expect(id)["verdict"].clone()
    };
    assert_eq!(verdict("cold_starts"), "seen");
    assert_eq!(verdict("timeouts"), "absent");
    assert_eq!(run["requests"]["sent"], 0, "they were not ours");
    assert_eq!(run["watched"]["code"], 0);
    assert_eq!(idle_of(&run), ["idled_longer"], "nothing was sent before");

    // 20 minutes by the sandbox's clock later it says how long that was.
    let advance = json!({ "by_ms": 20 * 60_000 });
    let control = format!("{}/_sandbox/advance", sandbox.info().datadog_url);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sent = reqwest::Client::new().post(control).json(&advance).send();
    runtime.block_on(sent).expect("an answer");
    let run = watching(&folder, &sandbox, &["true"]).json();
    assert_eq!(idle_of(&run), ["idled"]);
    let note = run["notes"].as_array().expect("notes").iter();
    let note = note
        .filter_map(|note| note["text"].as_str())
        .find(|it| it.contains("had idled"));
    assert!(
        note.is_some_and(|it| it.contains("had idled for at least 19 min 5")
            || it.contains("had idled for at least 20 min")),
        "{note:?}"
    );
    sandbox.stop().expect("it stops");
}

/// What a record says of the idle time before its window.
fn idle_of(run: &serde_json::Value) -> Vec<&str> {
    let notes = run["notes"].as_array().expect("notes").iter();
    let codes = notes.filter_map(|note| note["code"].as_str());
    codes.filter(|code| code.starts_with("idle")).collect()
}

#[test]
fn the_commands_own_end_counts() {
    let (folder, sandbox) = place();
    for (script, key, value, part) in [
        (
            "exit 3",
            "code",
            json!(3),
            "the command ended with exit code 3",
        ),
        (
            "kill -9 $$",
            "signal",
            json!(9),
            "the command was ended by signal 9",
        ),
    ] {
        let finished = watching(&folder, &sandbox, &["sh", "-c", script]);
        let run = finished.json();
        assert_eq!(finished.code, Some(1));
        assert_eq!(run["watched"][key], value);
        assert!(
            run["sentence"].to_string().contains(part),
            "{}",
            run["sentence"]
        );
    }
    let runs = || {
        let entries = std::fs::read_dir(folder.path().join("loadgen-runs")).expect("runs");
        entries
            .filter(|entry| entry.as_ref().is_ok_and(|one| one.path().is_dir()))
            .count()
    };
    assert_eq!(runs(), 2);
    let absent = watching(&folder, &sandbox, &["no-such-program"]);
    absent.ended(2, &["`no-such-program` cannot be started"]);
    assert_eq!(runs(), 2, "it leaves no folder behind");
    sandbox.stop().expect("it stops");
}

#[test]
fn signals_to_loadgen_reach_the_command() {
    let (folder, sandbox) = place();
    for name in ["TERM", "HUP"] {
        if name == "HUP" && ignores_a_closed_terminal() {
            eprintln!("SKIPPED: under nohup, a closed terminal ends nothing");
            continue;
        }
        let script = format!("trap 'exit 7' {name}; touch begun; while :; do sleep 0.05; done");
        let mut watch = loadgen_in(folder.path());
        watch.args(["watch", "--function", ENTRY, "--expect", "cold_starts"]);
        watch.args(["--datadog-url", &sandbox.info().datadog_url, "--json"]);
        watch.args(["--", "sh", "-c", &script]);
        let child = watch.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = child.spawn().expect("loadgen starts");
        let begun = folder.path().join("begun");
        let patience = Instant::now() + Duration::from_secs(60);
        while !begun.exists() {
            assert!(Instant::now() < patience, "the command does not begin");
            std::thread::sleep(Duration::from_millis(20));
        }
        std::fs::remove_file(begun).expect("a file");
        crate::place::signal(&child, name);
        let finished = Finished::from(child.wait_with_output().expect("it ends"));
        assert_eq!(finished.code, Some(130), "{name}: {}", finished.err);
        let run = finished.json();
        assert_eq!(
            (&run["watched"]["code"], &run["interrupted"]),
            (&json!(7), &json!(true))
        );
    }
    sandbox.stop().expect("it stops");
}

#[test]
fn a_command_is_not_started_for_a_record_that_cannot_be_written() {
    let (folder, sandbox) = place();
    std::fs::write(folder.path().join("file"), "").expect("a file");
    let mut watch = loadgen_in(folder.path());
    watch.args(["watch", "--function", ENTRY, "--expect", "cold_starts"]);
    watch.args(["--datadog-url", &sandbox.info().datadog_url]);
    watch.args(["--out", "file/run", "--", "touch", "started"]);
    Finished::of(&mut watch).ended(2, &["cannot create file/run"]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(!folder.path().join("started").exists());
    sandbox.stop().expect("it stops");
}

#[test]
fn a_function_that_is_named_twice_is_judged_once() {
    let (folder, sandbox) = place();
    let consumer = "datadog-sample-sqs-consumer-function";
    let mut watch = loadgen_in(folder.path());
    watch.arg("watch");
    for name in [ENTRY, consumer, ENTRY] {
        watch.args(["--function", name]);
    }
    watch.args([
        "--absent", "timeouts", "--since", "1m", "--json", "--wait", "0s",
    ]);
    watch.args(["--datadog-url", &sandbox.info().datadog_url]);
    let run = Finished::of(&mut watch).json();
    let names = json!([ENTRY, consumer]);
    assert_eq!(run["target"]["functions"]["invoked"], names);
    sandbox.stop().expect("it stops");
}

#[test]
fn what_cannot_be_watched_is_said() {
    for (arguments, part) in [
        (
            &["--function", "f", "--", "true"][..],
            "nothing is expected",
        ),
        (
            &["--function", "f", "--expect", "cold_starts"],
            "no time window",
        ),
    ] {
        let mut watch = loadgen();
        Finished::of(watch.arg("watch").args(arguments)).ended(2, &[part]);
    }
    let (folder, sandbox) = place();
    let mut watch = loadgen_in(folder.path());
    watch.args([
        "watch",
        "--function",
        "nobody",
        "--expect",
        "errors",
        "--since",
        "5m",
    ]);
    watch.args(["--datadog-url", &sandbox.info().datadog_url]);
    Finished::of(&mut watch).ended(2, &["the sandbox has no function `nobody`"]);
    sandbox.stop().expect("it stops");
}
