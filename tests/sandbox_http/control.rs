//! `/_sandbox/...`.

use std::time::Duration;

use loadgen::control::{FunctionInfo, Info};
use reqwest::Method;
use serde_json::json;

use crate::client::{Sandboxed, cold};

const ENTRY: &str = "/_sandbox/functions/datadog-sample-entry-function";

#[tokio::test]
async fn the_info_says_what_the_sandbox_is() {
    let sandbox = Sandboxed::usual().await;
    let (status, body) = sandbox.json(Method::GET, "/_sandbox/info", None).await;
    assert_eq!(status, 200);
    let info: Info = serde_json::from_value(body).expect("an info");
    assert_eq!(info.kind, Info::KIND);
    assert_eq!(info.skipped_ms, 0);
    assert_eq!(info.functions.len(), 2);
    assert_eq!(info.functions[0].name, "datadog-sample-entry-function");
    assert!(info.invoke_url.starts_with(&info.datadog_url));
}

#[tokio::test]
async fn advancing_moves_the_clock_by_what_was_asked() {
    let sandbox = Sandboxed::usual().await;
    sandbox.advance(1_000).await;
    let info = sandbox.advance(2_500).await;
    assert_eq!(info["skipped_ms"], 3_500);
}

#[tokio::test]
async fn settings_are_kept_and_the_unset_ones_stay() {
    let sandbox = Sandboxed::usual().await;
    sandbox
        .configure(json!({ "memory": "1024MB", "timeout": "5s", "reserved_concurrency": 7 }))
        .await;
    let (status, body) = sandbox.json(Method::GET, ENTRY, None).await;
    assert_eq!(status, 200);
    let function: FunctionInfo = serde_json::from_value(body).expect("a function");
    assert_eq!(function.memory.mb(), 1_024);
    assert_eq!(function.timeout_ms, 5_000);
    assert_eq!(function.reserved_concurrency, Some(7));
    assert_eq!(function.init.to_string(), "20ms");
}

#[tokio::test]
async fn a_broken_function_raises_on_every_request_until_it_is_restored() {
    let sandbox = Sandboxed::usual().await;
    assert_eq!(sandbox.invoke().await.status(), 200);
    let (status, function) = sandbox.json(Method::POST, "/_sandbox/break", None).await;
    assert_eq!((status, &function["broken"]), (200, &json!(true)));
    for _ in 0..3 {
        assert_eq!(sandbox.invoke().await.status(), 502);
    }
    let (status, function) = sandbox.json(Method::POST, "/_sandbox/restore", None).await;
    assert_eq!((status, &function["broken"]), (200, &json!(false)));
    let answer = sandbox.invoke().await;
    assert_eq!(answer.status(), 200);
    assert!(cold(&answer), "new code runs in new environments");
}

#[tokio::test]
async fn what_is_wrong_gets_a_json_error_that_says_so() {
    let sandbox = Sandboxed::usual().await;
    let wrong = [
        ("POST", "/_sandbox/advance", "", 400),
        ("POST", "/_sandbox/advance", "{", 400),
        ("POST", "/_sandbox/advance", "[]", 400),
        ("POST", "/_sandbox/advance", r#"{"by_ms": -1}"#, 400),
        ("POST", "/_sandbox/advance", r#"{"by_ms": 1.5}"#, 400),
        (
            "POST",
            "/_sandbox/advance",
            r#"{"by_ms": 99999999999999999999}"#,
            400,
        ),
        (
            "POST",
            "/_sandbox/advance",
            r#"{"by_ms": 18446744073709551615}"#,
            400,
        ),
        (
            "POST",
            "/_sandbox/advance",
            r#"{"by_ms": 1, "more": 2}"#,
            400,
        ),
        ("GET", "/_sandbox/advance", "", 405),
        ("PUT", ENTRY, r#"{"memory": "12MB"}"#, 400),
        ("PUT", ENTRY, r#"{"memory": 512}"#, 400),
        ("PUT", ENTRY, r#"{"timeout": "0s"}"#, 400),
        ("PUT", ENTRY, r#"{"timeout": "16m"}"#, 400),
        ("PUT", ENTRY, r#"{"init": "fast"}"#, 400),
        ("PUT", ENTRY, r#"{"reserved_concurrency": 100000}"#, 400),
        ("PUT", ENTRY, r#"{"colour": "red"}"#, 400),
        ("PUT", "/_sandbox/functions/other", "{}", 404),
        ("GET", "/_sandbox/functions/other", "", 404),
        ("GET", "/_sandbox/nothing", "", 404),
        ("GET", "/nothing", "", 404),
    ];
    for (method, path, body, expected) in wrong {
        let url = format!("{}{path}", sandbox.info.datadog_url);
        let method: Method = method.parse().expect("a method");
        let request = sandbox.http.request(method, url).body(body);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), expected, "{path} {body}");
        let error: serde_json::Value = answer.json().await.expect("JSON");
        assert!(error["error"].is_string(), "{path} {body}: {error}");
    }
    let long = "x".repeat(70_000);
    let url = format!("{}/_sandbox/advance", sandbox.info.datadog_url);
    let answer = sandbox.http.post(url).body(long).send().await;
    assert_eq!(answer.expect("an answer").status(), 413);
    assert_eq!(sandbox.invoke().await.status(), 200, "it lives on");
}

#[tokio::test]
async fn the_clock_does_not_run_away() {
    let sandbox = Sandboxed::usual().await;
    let year = json!({ "by_ms": 366 * 86_400_000_u64 });
    let mut refused = 0;
    for _ in 0..102 {
        let (status, _) = sandbox
            .json(Method::POST, "/_sandbox/advance", Some(&year))
            .await;
        refused += u32::from(status == 400);
    }
    assert_eq!(refused, 2);
    assert_eq!(sandbox.invoke().await.status(), 200, "it lives on");
}

/// How many invocations of the functions whose names begin so Datadog's API counts.
async fn counted(sandbox: &Sandboxed, function: &str) -> f64 {
    total(sandbox, "invocations", function).await
}

/// The sum of an enhanced metric of the functions whose names begin so.
async fn total(sandbox: &Sandboxed, metric: &str, function: &str) -> f64 {
    let from = sandbox.info.now.as_second() - 60;
    let query = format!("sum:aws.lambda.enhanced.{metric}{{functionname:{function}*}}.as_count()");
    let url = format!("{}/api/v1/query", sandbox.info.datadog_url);
    let (from, to) = (from.to_string(), (from + 3_600).to_string());
    let asked = [("query", query.as_str()), ("from", &from), ("to", &to)];
    let url = reqwest::Url::parse_with_params(&url, asked).expect("a URL");
    let request = sandbox
        .http
        .get(url)
        .header("DD-API-KEY", "a".repeat(32))
        .header("DD-APPLICATION-KEY", "b".repeat(40));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let body: serde_json::Value = answer.json().await.expect("JSON");
    let points = body["series"][0]["pointlist"].as_array();
    let values = points.into_iter().flatten();
    values.filter_map(|point| point[1].as_f64()).sum()
}

#[tokio::test]
async fn datadogs_api_on_the_same_port_counts_what_was_invoked() {
    let sandbox = Sandboxed::usual().await;
    for _ in 0..3 {
        sandbox.invoke().await;
        sandbox.advance(2_000).await;
    }
    assert_eq!(counted(&sandbox, "datadog-sample-entry").await, 3.0);
    assert_eq!(counted(&sandbox, "datadog-sample-sqs-consumer").await, 3.0);
}

#[tokio::test]
async fn a_success_that_used_all_of_its_memory_counts_as_out_of_memory() {
    let sandbox = Sandboxed::usual().await;
    for (fault, status, counted) in [
        ("memory;percent=99", 200, 0.0),
        ("memory;percent=100", 200, 1.0),
    ] {
        assert_eq!(sandbox.fault(fault).await.status(), status, "{fault}");
        sandbox.advance(2_000).await;
        let found = total(&sandbox, "out_of_memory", "datadog-sample-entry").await;
        assert_eq!(found, counted, "{fault}");
    }
}

#[tokio::test]
async fn what_an_extension_holds_back_comes_when_its_environment_is_shut_down() {
    let sandbox = Sandboxed::usual().await;
    let held = json!({ "flush_strategy": "default" });
    sandbox.configure(held).await;
    for _ in 0..25 {
        sandbox.invoke().await;
        sandbox.advance(1_000).await;
    }
    let entry = "datadog-sample-entry";
    // At each end until the twentieth; from then on beside invocations, every 20 s.
    assert_eq!(counted(&sandbox, entry).await, 19.0);
    sandbox.advance(30_000).await;
    assert_eq!(
        counted(&sandbox, entry).await,
        19.0,
        "a frozen environment sends nothing"
    );
    sandbox.invoke().await;
    sandbox.advance(1_000).await;
    assert_eq!(counted(&sandbox, entry).await, 25.0);
    assert_eq!(total(&sandbox, "shutdowns", entry).await, 0.0);
    sandbox.advance(700_000).await;
    assert_eq!(counted(&sandbox, entry).await, 26.0);
    assert_eq!(total(&sandbox, "shutdowns", entry).await, 1.0);
    let cores = total(&sandbox, "num_cores", entry).await;
    assert_eq!(cores, 2.0 * 26.0);
}

#[tokio::test]
async fn telemetry_of_both_functions_comes_by_itself_as_time_passes() {
    let sandbox = Sandboxed::usual().await;
    sandbox.invoke().await;
    let come = async {
        while counted(&sandbox, "datadog-sample").await < 2.0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), come).await;
    assert!(waited.is_ok(), "entry and consumer are there");
}

#[tokio::test]
async fn the_apis_own_errors_keep_their_shape_behind_the_host_check() {
    let sandbox = Sandboxed::usual().await;
    let (status, body) = sandbox.json(Method::GET, "/api/v1/validate", None).await;
    assert_eq!(status, 403);
    assert!(body["errors"].is_array(), "{body}");
    let url = format!("{}/api/v1/validate", sandbox.info.datadog_url);
    let request = sandbox.http.get(url).header("host", "example.com");
    assert_eq!(request.send().await.expect("an answer").status(), 421);
}
