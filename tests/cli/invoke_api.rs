//! `--invoke`: requests to Lambda's own API, each told cold or warm by the tail of its own log.

use std::{
    collections::BTreeMap,
    process::Command,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use loadgen::sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::{
    command::{Finished, loadgen_in},
    server::serve,
};

const ENTRY: &str = "datadog-sample-entry-function";

const SCENARIO: &str = r#"
name = "invoke"
title = "Lambda's Invoke API"
[[phase]]
name = "idle"
idle = "15m"
[[phase]]
name = "burst"
burst = 10
within = "0s"
[[phase]]
name = "pause"
idle = "30s"
[[phase]]
name = "again"
burst = 5
within = "2s"
"#;

/// A folder with a scenario, and a sandbox.
fn place() -> (TempDir, EmbeddedSandbox) {
    let sandbox = Sandbox::embedded(SandboxOptions::default()).expect("a sandbox");
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("invoke.toml"), SCENARIO).expect("a file");
    (folder, sandbox)
}

fn invoking(folder: &TempDir, endpoint: &str, function: &str) -> Command {
    let mut command = loadgen_in(folder.path());
    command.args(["run", "invoke.toml", "--invoke", function]);
    command.args(["--endpoint", endpoint, "--json"]);
    command
}

#[test]
fn every_request_is_told_cold_or_warm_by_the_tail_of_its_log() {
    let (folder, sandbox) = place();
    let base = sandbox.info().datadog_url.clone();
    let mut command = invoking(&folder, &base, ENTRY);
    command.args(["--payload", r#"{"order": 7}"#]);
    let run = Finished::of(&mut command).json();
    assert_eq!(run["cold"]["unknown"], 0, "{}", run["cold"]);
    assert_eq!(run["cold"]["cold"], 10, "{}", run["cold"]);
    assert_eq!(run["cold"]["evidence"]["tail"], 15, "{}", run["cold"]);
    assert_eq!(run["latency_ms"]["init"]["cold"]["n"], 10);
    assert_eq!(run["target"]["functions"]["invoked"], json!([ENTRY]));
    let seen = |run: &Value| {
        let insights = run["insights"].as_array().expect("findings").iter();
        insights
            .filter(|finding| finding["function"] == ENTRY && finding["observed"] == "yes")
            .map(|finding| finding["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(seen(&run), ["cold_starts"], "the sandbox was asked too");
    sandbox.stop().expect("it stops");
}

/// What the sample app's markers said of each request, by its id.
type Marked = Arc<Mutex<BTreeMap<String, bool>>>;

/// Hands requests on to a sandbox, and keeps the markers that the function's answers hold, which
/// loadgen does not read: it has the tail of the log alone.
async fn hand_on(State((base, marked)): State<(String, Marked)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let url = format!("{base}{}", parts.uri);
    let sent = reqwest::Client::new().request(parts.method, url);
    let answer = sent
        .headers(parts.headers)
        .body(body)
        .send()
        .await
        .expect("an answer");
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.expect("a body");
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let marker = |name: &str| said["headers"][name].as_str().map(str::to_owned);
    if let (Some(id), Some(cold)) = (
        marker("x-loadgen-request-id"),
        marker("x-loadgen-cold-start"),
    ) {
        marked
            .lock()
            .expect("not poisoned")
            .insert(id, cold == "true");
    }
    (status, headers, body).into_response()
}

#[test]
fn the_tails_agree_with_the_markers_of_the_same_requests() {
    let (folder, sandbox) = place();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let marked = Marked::default();
    let state = (sandbox.info().datadog_url.clone(), Arc::clone(&marked));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime
        .block_on(TcpListener::bind(("127.0.0.1", 0)))
        .expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let router = Router::new().fallback(hand_on).with_state(state);
    runtime.spawn(axum::serve(listener, router).into_future());
    let mut command = invoking(&folder, &address, ENTRY);
    let run = Finished::of(command.args(["--out", "kept"])).json();
    assert_eq!(run["cold"]["evidence"]["tail"], 15, "{}", run["cold"]);

    let samples = std::fs::read_to_string(folder.path().join("kept/samples.ndjson"));
    let samples = samples.expect("the samples");
    let sample = |line: &str| -> (String, bool) {
        let sample: Value = serde_json::from_str(line).expect("JSON");
        let id = sample["request_id"].as_str().expect("an id").to_owned();
        (id, sample["temperature"] == "cold")
    };
    let by_tails: BTreeMap<String, bool> = samples.lines().map(sample).collect();
    assert_eq!(by_tails.len(), 15);
    assert_eq!(by_tails, *marked.lock().expect("not poisoned"));
    sandbox.stop().expect("it stops");
}

#[test]
fn what_cannot_be_invoked_is_said_before_anything_is_sent() {
    let (folder, sandbox) = place();
    let base = sandbox.info().datadog_url.clone();
    for (function, payload, parts) in [
        ("nobody", "{}", &["no function `nobody`"][..]),
        (
            "datadog-sample-entry-function:live",
            "{}",
            &["datadog-sample-entry-function:live", "version or alias"],
        ),
        (ENTRY, "{no", &["--payload is no JSON"]),
        (
            ENTRY,
            "missing.json",
            &["missing.json", "neither JSON nor a file"],
        ),
        ("a b", "{}", &["`a b` names no function", "arn:aws:lambda"]),
    ] {
        let mut command = invoking(&folder, &base, function);
        command.args(["--payload", payload]);
        Finished::of(&mut command).ended(2, parts);
    }
    let large = format!("\"{}\"", "x".repeat(6 * 1024 * 1024));
    std::fs::write(folder.path().join("large.json"), large).expect("a file");
    let mut command = invoking(&folder, &base, ENTRY);
    command.args(["--payload", "large.json"]);
    Finished::of(&mut command).ended(2, &["the payload has 6,291,458 bytes"]);
    sandbox.stop().expect("it stops");
}

/// What stands in for Lambda: lets a DryRun pass, and answers invocations with these headers.
fn lambda(headers: &'static str, status: &'static str, body: &'static str) -> String {
    serve(move |request| {
        if request
            .to_lowercase()
            .contains("x-amz-invocation-type: dryrun")
        {
            return b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n".to_vec();
        }
        let length = body.len();
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
    })
}

fn signed(folder: &TempDir, endpoint: &str) -> Command {
    let mut command = invoking(folder, endpoint, ENTRY);
    command.args(["--real-idle", "--no-verify", "--region", "eu-west-1"]);
    command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    command.env("AWS_SECRET_ACCESS_KEY", "secret");
    std::fs::write(
        folder.path().join("invoke.toml"),
        "name = \"invoke\"\n[[phase]]\nname = \"few\"\nburst = 3\nwithin = \"0s\"\n",
    )
    .expect("a file");
    command
}

#[test]
fn what_lambda_refuses_is_counted_with_its_reason() {
    let folder = TempDir::new().expect("a folder");
    for (status, headers, body, class, why) in [
        (
            "429 Too Many Requests",
            "x-amzn-errortype: TooManyRequestsException\r\n",
            r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#,
            "throttled",
            "429 TooManyRequestsException: ReservedFunctionConcurrentInvocationLimitExceeded",
        ),
        (
            "413 Payload Too Large",
            "x-amzn-errortype: RequestTooLargeException\r\n",
            r#"{"message":"Request must be smaller than 6291456 bytes"}"#,
            "refused",
            "413 RequestTooLargeException: Request must be smaller",
        ),
        (
            "403 Forbidden",
            "x-amzn-errortype: AccessDeniedException\r\n",
            r#"{"Message":"You are not authorized to perform: lambda:InvokeFunction"}"#,
            "refused",
            "403 AccessDeniedException: You are not authorized",
        ),
        (
            "408 Request Timeout",
            "x-amzn-errortype: EFSMountTimeoutException\r\n",
            r#"{"message":"the mount operation timed out"}"#,
            "http_error",
            "408 EFSMountTimeoutException: the mount",
        ),
        (
            "400 Bad Request",
            "x-amzn-errortype: SnapStartException\r\n",
            r#"{"message":"afterRestore() failed"}"#,
            "http_error",
            "400 SnapStartException: afterRestore",
        ),
        (
            "500 Internal Server Error",
            "x-amzn-errortype: ServiceException\r\n",
            r#"{"message":"An error occurred"}"#,
            "http_error",
            "500 ServiceException",
        ),
        (
            "200 OK",
            "x-amz-function-error: Unhandled\r\n",
            r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"secret"}"#,
            "function_error",
            "Function.ResponseSizeTooLarge",
        ),
    ] {
        let url = lambda(headers, status, body);
        let run = Finished::of(&mut signed(&folder, &url)).json();
        assert_eq!(run["failures"][class], 3, "{status}: {}", run["failures"]);
        let notes = run["notes"].to_string();
        assert!(notes.contains(why), "{status}: {notes}");
        assert!(!notes.contains("secret"), "{notes}");
        // Without a REPORT line nothing is told. What was refused met no environment.
        assert_eq!(run["cold"]["evidence"], json!({}), "{status}");
        let unknown = if matches!(class, "throttled" | "refused") {
            0
        } else {
            3
        };
        assert_eq!(run["cold"]["unknown"], unknown, "{status}");
    }
}

#[test]
fn no_right_to_invoke_is_named() {
    let folder = TempDir::new().expect("a folder");
    let url = serve(|_| {
        let body = r#"{"Message":"User: arn:aws:iam::123456789012:user/you is not authorized to perform: lambda:InvokeFunction"}"#;
        let length = body.len();
        format!("HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: AccessDeniedException\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
    });
    let parts = [
        "AWS denied `lambda:InvokeFunction`",
        "user/you",
        "AWS_PROFILE",
    ];
    Finished::of(&mut signed(&folder, &url)).ended(2, &parts);
}
