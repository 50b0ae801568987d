//! `loadgen doctor` as it is typed, against a sandbox, an emptiness, and a stub.

use std::process::Output;

use loadgen::{
    doctor::{Report, SCHEMA, State, Topic},
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions},
};
use tempfile::TempDir;

use crate::support::{
    command::{Finished, loadgen_in},
    server::nobody,
};

fn doctor(arguments: &[&str]) -> Output {
    let folder = TempDir::new().expect("a folder");
    let mut command = loadgen_in(folder.path());
    // No `aws` is on this path.
    command
        .arg("doctor")
        .args(arguments)
        .env("PATH", folder.path());
    command.output().expect("it runs")
}

fn report(output: &Output) -> Report {
    serde_json::from_value(Finished::from(output.clone()).json()).expect("a report")
}

fn state(report: &Report, topic: Topic) -> Option<State> {
    let found = report.checks.iter().find(|check| check.topic == topic);
    found.map(|check| check.state)
}

fn sandbox() -> EmbeddedSandbox {
    Sandbox::embedded(SandboxOptions::default()).expect("a sandbox")
}

/// Runs of three words without a Korean letter or a digit.
fn english(page: &str) -> Vec<&str> {
    let run = regex::Regex::new(r"\b[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}\b").expect("a pattern");
    run.find_iter(page).map(|run| run.as_str()).collect()
}

#[test]
fn the_doctor_speaks_korean_throughout() {
    let sandbox = sandbox();
    let url = sandbox.info().invoke_url.clone();
    for arguments in [
        &[][..],
        &["--url", &url],
        &["--datadog-url", &sandbox.info().datadog_url],
    ] {
        let folder = TempDir::new().expect("a folder");
        let mut command = loadgen_in(folder.path());
        command
            .arg("doctor")
            .args(arguments)
            .env("LOADGEN_LANG", "ko")
            .env("DD_SITE", "datadog.example")
            .env("PATH", folder.path());
        let page = Finished::of(&mut command).out;
        assert!(page.contains("고칠 것"), "{page}");
        // Commands that the reader may type stand in backquotes.
        let page: Vec<&str> = page.split('`').step_by(2).collect();
        assert_eq!(english(&page.join("·")), [""; 0]);
    }
    sandbox.stop().expect("it stops");
}

#[test]
fn a_sandbox_needs_nothing_and_says_what_it_has() {
    let sandbox = sandbox();
    let url = sandbox.info().invoke_url.clone();
    let output = doctor(&["--url", &url, "--json"]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report:?}");
    assert!(report.healthy && report.schema == SCHEMA);
    for topic in [
        Topic::Site,
        Topic::Keys,
        Topic::Api,
        Topic::Clock,
        Topic::ApiKey,
        Topic::ScopeMetrics,
        Topic::ScopeSpans,
        Topic::ScopeLogs,
        Topic::Target,
    ] {
        assert_eq!(
            state(&report, topic),
            Some(State::Ok),
            "{topic:?}: {report:?}"
        );
    }
    assert_eq!(state(&report, Topic::AwsCommand), Some(State::Skipped));
    // Nothing has run there yet.
    let silent = state(&report, Topic::EnhancedMetrics);
    assert_eq!(silent, Some(State::CannotTell));
    sandbox.stop().expect("it stops");
}

#[test]
fn a_sandbox_can_stand_in_for_datadog_without_keys() {
    let sandbox = sandbox();
    let output = doctor(&["--datadog-url", &sandbox.info().datadog_url]);
    let Finished { code, out, err } = output.into();
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.starts_with("✓ Nothing must be fixed"), "{out}");
    assert!(
        out.contains("skipped aws command: no `aws` command was found"),
        "{out}"
    );
    sandbox.stop().expect("it stops");
}

#[test]
fn what_is_needed_for_a_stack_must_be_there() {
    let sandbox = sandbox();
    let output = doctor(&[
        "--datadog-url",
        &sandbox.info().datadog_url,
        "--stack",
        "mine",
        "--json",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(state(&report(&output), Topic::AwsCommand), Some(State::Fix));
    sandbox.stop().expect("it stops");
}

#[test]
fn an_unknown_site_is_told_and_the_rest_is_still_looked_at() {
    let folder = TempDir::new().expect("a folder");
    let output = loadgen_in(folder.path())
        .args(["doctor", "--json"])
        .env("PATH", folder.path())
        .env("DD_SITE", "datadoghq.eux")
        .output()
        .expect("it runs");
    let report = report(&output);
    assert_eq!(output.status.code(), Some(2));
    let site = &report.checks[0];
    assert_eq!((site.topic, site.state), (Topic::Site, State::Fix));
    assert!(
        site.found
            .english()
            .contains("set DD_SITE to one of datadoghq.com"),
        "{site:?}"
    );
    assert_eq!(state(&report, Topic::Api), Some(State::Skipped));
    assert_eq!(state(&report, Topic::AwsCommand), Some(State::Skipped));
}

#[test]
fn an_endpoint_that_nobody_listens_at_is_told_with_its_cause() {
    let sandbox = sandbox();
    let address = nobody();
    let output = doctor(&[
        "--url",
        &address,
        "--datadog-url",
        &sandbox.info().datadog_url,
        "--json",
    ]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(2));
    let host = report
        .checks
        .iter()
        .find(|check| check.topic == Topic::TargetHost);
    let host = host.expect("a check");
    assert_eq!(host.state, State::Fix);
    assert!(
        host.found.english().contains("takes no connection"),
        "{host:?}"
    );
    sandbox.stop().expect("it stops");
}

#[test]
fn a_server_of_ones_own_gets_a_connection_and_no_request() {
    let sandbox = sandbox();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let heard = std::thread::spawn(move || {
        use std::io::Read;
        let mut requests = Vec::new();
        // The first connection asks whether it is a sandbox, the second only whether somebody is there.
        for _ in 0..2 {
            let (mut connection, _) = listener.accept().expect("a connection");
            let mut bytes = [0; 1024];
            let read = connection.read(&mut bytes).expect("bytes");
            requests.push(String::from_utf8_lossy(&bytes[..read]).into_owned());
        }
        requests
    });
    let base = sandbox.info().datadog_url.clone();
    let output = doctor(&["--url", &address, "--datadog-url", &base, "--json"]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report:?}");
    assert_eq!(state(&report, Topic::TargetHost), Some(State::Ok));
    assert_eq!(state(&report, Topic::Target), Some(State::Skipped));
    let requests = heard.join().expect("it heard");
    assert!(
        requests[0].starts_with("GET /_sandbox/info"),
        "{requests:?}"
    );
    assert_eq!(requests[1], "");
    sandbox.stop().expect("it stops");
}
