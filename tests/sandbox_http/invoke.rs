//! Lambda's Invoke API on the sandbox.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use loadgen::{
    control::{FAULT_HEADER, FAULT_KEY_HEADER, ModelledApp, SANDBOX_FAULT_KEY},
    lambda::Function,
    sandbox::{AppProfile, SandboxOptions},
};
use reqwest::{Method, Response};
use serde_json::json;

use crate::client::Sandboxed;

const ENTRY: &str = "datadog-sample-entry-function";

async fn invoke(
    sandbox: &Sandboxed,
    function: &str,
    payload: impl Into<reqwest::Body>,
) -> Response {
    let base = sandbox.info.datadog_url.trim_end_matches('/');
    let url = format!("{base}/2015-03-31/functions/{function}/invocations");
    let request = sandbox.http.post(url).header("X-Amz-Log-Type", "Tail");
    request.body(payload).send().await.expect("an answer")
}

fn header(answer: &Response, name: &str) -> Option<String> {
    let value = answer.headers().get(name)?;
    Some(value.to_str().expect("a text").to_owned())
}

fn tail(answer: &Response) -> String {
    let tail = header(answer, "x-amz-log-result").expect("a tail");
    let tail = STANDARD.decode(tail).expect("base64");
    String::from_utf8(tail).expect("a text")
}

#[tokio::test]
async fn the_tail_of_an_invocation_has_its_own_report_line_with_init_duration_if_it_was_cold() {
    let sandbox = Sandboxed::usual().await;
    for cold in [true, false] {
        let answer = invoke(&sandbox, ENTRY, "{}").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "x-amz-function-error"), None);
        let (id, tail) = (header(&answer, "x-amzn-requestid"), tail(&answer));
        let report = format!("REPORT RequestId: {}", id.expect("an id"));
        assert!(tail.contains(&report), "{tail}");
        assert_eq!(tail.contains("Init Duration"), cold, "{tail}");
        assert!(tail.len() <= 4096);
        // The extension has sent its data by then, and the environment is free.
        let by = json!({ "by_ms": 5_000 });
        let advanced = sandbox.json(Method::POST, "/_sandbox/advance", Some(&by));
        assert_eq!(advanced.await.0, 200);
    }
}

#[tokio::test]
async fn what_lambda_refuses_is_refused_with_its_error_type() {
    let sandbox = Sandboxed::start(SandboxOptions::default()).await;
    let large = vec![b' '; 7 * 1024 * 1024];
    for (function, payload, status, kind) in [
        ("nobody", b"{}".to_vec(), 404, "ResourceNotFoundException"),
        (ENTRY, b"{".to_vec(), 400, "InvalidRequestContentException"),
        (ENTRY, large, 413, "RequestTooLargeException"),
    ] {
        let answer = invoke(&sandbox, function, payload).await;
        assert_eq!(answer.status(), status);
        assert_eq!(header(&answer, "x-amzn-errortype").as_deref(), Some(kind));
    }
}

/// Four functions: one with a route, which invokes two, and one that nothing invokes.
fn shop() -> SandboxOptions {
    let shop: ModelledApp = toml::from_str(
        r#"
[[function]]
name = "shop-api"
route = "/orders"
invokes = ["shop-mail", "shop-stock"]
[[function]]
name = "shop-mail"
runtime = "nodejs22.x"
[[function]]
name = "shop-stock"
[[function]]
name = "shop-report"
memory = "1024MB"
init = "300ms"
"#,
    )
    .expect("an app");
    SandboxOptions {
        functions: Some(shop.function.iter().map(Function::from).collect()),
        ..SandboxOptions::default()
    }
}

async fn advance(sandbox: &Sandboxed, by_ms: u64) {
    let by = json!({ "by_ms": by_ms });
    let advanced = sandbox.json(Method::POST, "/_sandbox/advance", Some(&by));
    assert_eq!(advanced.await.0, 200);
}

/// How often functions ran, as the API has it.
async fn invocations(sandbox: &Sandboxed, function: &str) -> f64 {
    let now = sandbox.json(Method::GET, "/_sandbox/info", None).await.1;
    let now: jiff::Timestamp = now["now"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    let (from, to) = (now.as_second() - 3_600, now.as_second() + 60);
    let query =
        format!("sum:aws.lambda.enhanced.invocations%7Bfunctionname:{function}%7D.as_count()");
    let path = format!("/api/v1/query?from={from}&to={to}&query={query}");
    let base = sandbox.info.datadog_url.trim_end_matches('/');
    let request = sandbox.http.get(format!("{base}{path}"));
    let request = request
        .header("DD-API-KEY", "a".repeat(32))
        .header("DD-APPLICATION-KEY", "b".repeat(40));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let body: serde_json::Value = answer.json().await.expect("JSON");
    let points = body["series"][0]["pointlist"].as_array().cloned();
    let points = points.unwrap_or_default();
    points.iter().filter_map(|point| point[1].as_f64()).sum()
}

#[tokio::test]
async fn any_number_of_functions_is_modelled_with_what_each_invokes() {
    let sandbox = Sandboxed::start(shop()).await;
    let base = sandbox.info.datadog_url.trim_end_matches('/').to_owned();
    assert!(
        sandbox
            .info
            .invoke_url
            .ends_with("/datadog-sample-app-stage/orders")
    );
    let stage = format!("{base}/datadog-sample-app-stage");
    for (path, status) in [
        ("/orders", 200),
        ("/orders/7", 200),
        ("/other", 403),
        ("", 403),
    ] {
        let answer = sandbox.http.get(format!("{stage}{path}")).send().await;
        assert_eq!(answer.expect("an answer").status(), status, "{path}");
    }
    for function in ["shop-report", "shop-mail"] {
        assert_eq!(invoke(&sandbox, function, "{}").await.status(), 200);
    }
    advance(&sandbox, 60_000).await;
    for (function, times) in [
        ("shop-api", 2.0),
        ("shop-stock", 2.0),
        ("shop-mail", 3.0),
        ("shop-report", 1.0),
    ] {
        let seen = invocations(&sandbox, function).await;
        // A queue hands over up to ten messages at once.
        let least = if function == "shop-stock" || function == "shop-mail" {
            1.0
        } else {
            times
        };
        assert!((least..=times).contains(&seen), "{function}: {seen}");
    }
}

#[tokio::test]
async fn an_asynchronous_invocation_is_taken_at_once_and_runs_later() {
    let sandbox = Sandboxed::start(shop()).await;
    let base = sandbox.info.datadog_url.trim_end_matches('/');
    let url = format!("{base}/2015-03-31/functions/shop-report/invocations");
    let request = sandbox
        .http
        .post(url)
        .header("X-Amz-Invocation-Type", "Event");
    let answer = request.body("{}").send().await.expect("an answer");
    assert_eq!(answer.status(), 202);
    advance(&sandbox, 60_000).await;
    assert_eq!(invocations(&sandbox, "shop-report").await, 1.0);
}

#[tokio::test]
async fn a_fault_is_taken_from_the_event_or_the_request_if_the_key_is_there() {
    let sandbox = Sandboxed::usual().await;
    let original = Sandboxed::start(SandboxOptions {
        profile: AppProfile::Datadog,
        ..SandboxOptions::default()
    })
    .await;
    let asking = |key: &str| json!({ FAULT_HEADER: "error", FAULT_KEY_HEADER: key });
    let none = json!({});
    let (good, bad) = (asking(SANDBOX_FAULT_KEY), asking("guessed"));
    for (sandbox, event, request, fails) in [
        (&sandbox, &none, &none, false),
        (&sandbox, &good, &none, true),
        (&sandbox, &none, &good, true),
        (&sandbox, &bad, &none, false),
        (&sandbox, &none, &bad, false),
        (&original, &none, &good, false),
    ] {
        let base = sandbox.info.datadog_url.trim_end_matches('/');
        let url = format!("{base}/2015-03-31/functions/{ENTRY}/invocations");
        let mut invoking = sandbox.http.post(url).json(&json!({ "headers": event }));
        for (name, value) in request.as_object().expect("headers") {
            invoking = invoking.header(name, value.as_str().expect("a text"));
        }
        let answer = invoking.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let failed = header(&answer, "x-amz-function-error").is_some();
        assert_eq!(failed, fails, "event {event}, request {request}");
        let result: serde_json::Value = answer.json().await.expect("JSON");
        let markers = result["headers"].as_object().map(serde_json::Map::len);
        let marked = !fails && sandbox.info.profile == "ours";
        assert_eq!(markers, marked.then_some(4), "{result}");
    }
}

#[tokio::test]
async fn functions_are_listed_page_by_page() {
    let sandbox = Sandboxed::start(shop()).await;
    let (_, first) = sandbox
        .json(Method::GET, "/2015-03-31/functions/?MaxItems=3", None)
        .await;
    assert_eq!(first["Functions"][2]["FunctionName"], "shop-stock");
    let marker = first["NextMarker"].as_str().expect("more").to_owned();
    let path = format!("/2015-03-31/functions/?Marker={marker}");
    let (_, rest) = sandbox.json(Method::GET, &path, None).await;
    assert_eq!(rest["Functions"][0]["MemorySize"], 1024);
    assert_eq!(rest["NextMarker"], json!(null));
}
