//! `loadgen sandbox` as it is typed.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Output, Stdio},
};

use loadgen::telemetry::{search::Query, store};
use serde_json::Value;

use crate::support::command::loadgen;

/// A running sandbox, killed when the test is over whatever happens.
pub struct Running {
    child: Child,
    pub addresses: Value,
}

impl Running {
    pub fn start(flags: &[&str]) -> Running {
        let mut child = loadgen()
            .args(["sandbox", "--port", "0", "--json"])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdout = child.stdout.take().expect("its stdout");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let addresses = serde_json::from_str(&line).expect("one line of JSON");
        Running { child, addresses }
    }

    /// Sends a request to the sample app and gives the answer's first line.
    fn invoke(&self) -> String {
        let url = self.addresses["invoke_url"].as_str().expect("an address");
        let rest = url.strip_prefix("http://").expect("http");
        let (host, path) = rest.split_once('/').expect("a path");
        let mut stream = TcpStream::connect(host).expect("a connection");
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.lines().next().unwrap_or_default().to_owned()
    }

    /// Sends a signal by its name and waits for the end.
    pub fn signal(&mut self, name: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status();
        assert!(sent.expect("kill runs").success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refused(flags: &[&str]) -> Output {
    let output = loadgen().arg("sandbox").args(flags).output();
    let output = output.expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{flags:?}");
    assert!(output.stdout.is_empty());
    output
}

#[test]
fn it_serves_until_it_is_told_to_stop_and_keeps_its_telemetry() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("new").join("folder");
    let flags = ["--data", data.to_str().expect("a path")];
    for (round, signal) in ["-TERM", "-INT"].into_iter().enumerate() {
        let mut sandbox = Running::start(&flags);
        assert!(sandbox.invoke().contains(" 200 "));
        assert_eq!(sandbox.signal(signal), Some(0), "{signal}");
        let reader = store::StoreReader::open(data.join("telemetry.db")).expect("the store");
        let query = Query::parse("operation_name:aws.apigateway").expect("a query");
        let search = store::EventSearch {
            query: &query,
            from_ms: 0,
            to_ms: i64::MAX / 2_000_000,
            order: store::SearchOrder::OldestFirst,
            after: None,
        };
        let spans = reader.spans(&search, 10).expect("spans").items;
        assert_eq!(
            spans.len(),
            round + 1,
            "the second goes on with the first's"
        );
        let id = |n: usize| &spans[n].value.meta["request_id"];
        assert!(round == 0 || id(0) != id(1), "no id is given twice");
    }
}

#[test]
fn the_profile_and_the_limits_are_taken_as_typed() {
    let mut sandbox = Running::start(&["--profile", "datadog", "--account-concurrency", "300"]);
    assert_eq!(sandbox.addresses["profile"], "datadog");
    assert!(sandbox.invoke().contains(" 200 "));
    assert_eq!(sandbox.signal("-TERM"), Some(0));
}

#[test]
fn a_person_is_told_what_is_where() {
    let mut child = loadgen()
        .args(["sandbox", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let stdout = child.stdout.take().expect("its stdout");
    let told: String = BufReader::new(stdout)
        .lines()
        .map(|line| line.expect("text") + "\n")
        .take_while(|line| !line.contains("Ctrl-C"))
        .collect();
    let mut running = Running {
        child,
        addresses: Value::Null,
    };
    for part in [
        "simulated",
        "ApiGatewayInvokeURL",
        "Datadog API",
        "loadgen cold-start --url",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(running.signal("-INT"), Some(0));
}

#[test]
fn a_port_that_is_taken_is_said_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let output = refused(&["--port", &port]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains(&port), "{told}");
    assert!(told.contains("--port"), "{told}");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for flags in [
        ["--expiry", "soon"],
        ["--profile", "mine"],
        ["--account-concurrency", "0"],
        ["--reserved-concurrency", "5000"],
        ["--ingest-delay", "soon"],
        ["--rate-limit", "300"],
        ["--rate-limit", "300/0s"],
        ["--port", "70000"],
        ["--seed", "-1"],
        ["--data", "/dev/null/folder"],
    ] {
        let mut flags = flags.to_vec();
        if flags[0] != "--port" {
            flags.extend(["--port", "0"]);
        }
        let output = refused(&flags);
        assert!(!output.stderr.is_empty(), "{flags:?}");
    }
}
