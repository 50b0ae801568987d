//! `loadgen bench` from the outside, against a server of the test's own.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

use assert_cmd::Command;
use serde_json::Value;

/// Answers every request with `ok`, one thread for each connection, for as long as the test lives.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    address
}

fn serve(mut stream: TcpStream) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..read]);
        assert!(!String::from_utf8_lossy(&seen).contains("x-datadog"));
        if seen.ends_with(b"\r\n\r\n") {
            seen.clear();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            if stream.write_all(answer).is_err() {
                return;
            }
        }
    }
}

fn bench(folder: &std::path::Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("loadgen")
        .expect("the binary")
        .arg("bench")
        .args(arguments)
        .arg("--out")
        .arg(folder)
        .assert()
}

fn report(assert: assert_cmd::assert::Assert) -> Value {
    let output = assert.success().get_output().stdout.clone();
    serde_json::from_slice(&output).expect("JSON on stdout")
}

#[test]
fn a_closed_loop_has_no_response_time_and_no_send_lag() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("http://{}/", server());
    let flags = [&url, "--connections", "4", "--duration", "300ms", "--json"];
    let run = report(bench(folder.path(), &flags));
    let completed = run["requests"]["completed"].as_u64().expect("a count");
    assert!(completed >= 4);
    assert!(
        run["requests_per_second"]
            .as_f64()
            .is_some_and(|rate| rate > 0.0)
    );
    assert_eq!(run["latency_ms"]["service"]["all"]["n"], completed);
    assert!(run["latency_ms"]["response"]["all"]["p50"].is_null());
    assert!(run["schedule"]["send_lag_ms"]["p50"].is_null());
    assert_eq!(run["insights"], Value::Array(Vec::new()));
    // So short a run keeps every sample, unless writing them cannot keep up.
    let share = run["samples"]["share"].as_f64().expect("a share");
    assert!(share > 0.0 && share <= 1.0, "{share}");
}

#[test]
fn at_a_rate_every_planned_request_is_sent_and_timed_from_its_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("http://{}/", server());
    let flags = [&url, "--rate", "200/s", "--duration", "500ms", "--json"];
    let run = report(bench(folder.path(), &flags));
    assert_eq!(run["requests"]["planned"], 100);
    assert_eq!(run["requests"]["sent"], 100);
    assert_eq!(run["requests"]["completed"], 100);
    assert_eq!(run["latency_ms"]["response"]["all"]["n"], 100);
    assert!(run["schedule"]["send_lag_ms"]["p50"].is_number());
    let samples = std::fs::read_to_string(folder.path().join("samples.ndjson")).expect("samples");
    assert_eq!(samples.lines().count(), 100);
}

#[test]
fn a_server_that_is_not_there_is_a_miss_that_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", free.local_addr().expect("bound"));
    drop(free);
    let flags = [&url, "--rate", "100", "--duration", "100ms"];
    let assert = bench(folder.path(), &flags).code(1);
    let said = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    assert!(said.contains("connection_refused"), "{said}");
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    for (flags, says) in [
        (&["http://127.0.0.1:1/", "--rate", "0"][..], "5000/s"),
        (&["http://127.0.0.1:1/", "--rate", "-3/s"], "-3"),
        (
            &["http://127.0.0.1:1/", "--duration", "0s"],
            "more than nothing",
        ),
        (&["http://127.0.0.1:1/", "--connections", "0"], "1..=20000"),
        (&["http://127.0.0.1:1/", "-H", "no-colon"], "NAME: VALUE"),
        (&["http://127.0.0.1:1/", "--method", "GE T"], "no method"),
        (&["ftp://127.0.0.1/"], "https://HOST/PATH"),
        (&["https://example.test/"], "--rate 100/s"),
        (&["http://example.test/", "--rate", "5/s"], "--allow-http"),
        (&["https://example.test/", "--rate", "201/s"], "--max-rate"),
    ] {
        let out = folder.path().join("run");
        let assert = bench(&out, flags).code(2);
        let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(said.contains(says), "{flags:?}: {said}");
    }
}

#[test]
fn a_limit_decides_over_the_exit_code() {
    let url = format!("http://{}/", server());
    for (limit, code, verdict) in [
        ("requests_per_second > 1", 0, "met"),
        ("requests_per_second > 1000000000", 1, "missed"),
        ("service.all.max < 1us", 1, "missed"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let flags = [&url, "--duration", "200ms", "--json", "--threshold", limit];
        let output = bench(folder.path(), &flags)
            .code(code)
            .get_output()
            .stdout
            .clone();
        let run: Value = serde_json::from_slice(&output).expect("JSON on stdout");
        assert_eq!(run["verdict"], verdict, "{limit}");
    }
}
