//! The sample app's endpoint.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use loadgen::sandbox::{AppProfile, SandboxOptions};
use serde_json::{Value, json};

use crate::client::{Sandboxed, cold, marker};

#[tokio::test]
async fn the_first_request_is_cold_and_the_next_is_warm_in_the_same_environment() {
    let sandbox = Sandboxed::usual().await;
    let first = sandbox.invoke().await;
    // The extension still flushes after the response, and the environment is busy as long.
    sandbox.advance(2_000).await;
    let second = sandbox.invoke().await;
    assert_eq!(
        (first.status().as_u16(), second.status().as_u16()),
        (200, 200)
    );
    assert!(cold(&first));
    assert!(!cold(&second));
    let environment = |answer| marker(answer, "x-loadgen-environment-id");
    let request_id = |answer| marker(answer, "x-loadgen-request-id");
    assert_eq!(environment(&first), environment(&second));
    assert_ne!(request_id(&first), request_id(&second));
    assert_eq!(first.headers()["content-type"], "application/json");
    assert!(first.headers().contains_key("x-amz-apigw-id"));
    assert_ne!(marker(&first, "x-amzn-requestid"), request_id(&first));
    assert_eq!(first.text().await.expect("a body"), "Sent message to SNS");
}

#[tokio::test]
async fn skipped_idle_time_makes_the_next_request_cold() {
    let sandbox = Sandboxed::usual().await;
    sandbox.invoke().await;
    sandbox.advance(599_000).await;
    assert!(!cold(&sandbox.invoke().await), "not yet expired");
    sandbox.advance(601_000).await;
    assert!(cold(&sandbox.invoke().await), "expired after 600 s");
}

#[tokio::test]
async fn parallel_requests_get_an_environment_each() {
    let sandbox = Sandboxed::usual().await;
    let answers = join_all((0..8).map(|_| sandbox.invoke())).await;
    let environments: BTreeSet<_> = answers
        .iter()
        .map(|answer| marker(answer, "x-loadgen-environment-id"))
        .collect();
    assert_eq!(environments.len(), 8);
    assert!(answers.iter().all(cold));
}

#[tokio::test]
async fn every_method_and_every_path_below_the_stage_reaches_the_function() {
    let sandbox = Sandboxed::usual().await;
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        for path in ["", "/", "/orders/7?paid=yes&paid=no"] {
            let url = format!("{}{path}", sandbox.info.invoke_url);
            let method = method.parse().expect("a method");
            let request = sandbox.http.request(method, url).body("{\"a\": 1}");
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 200);
        }
    }
}

#[tokio::test]
async fn requests_beyond_the_reserved_concurrency_get_500_and_no_markers() {
    let options = SandboxOptions {
        reserved_concurrency: Some(2),
        ..SandboxOptions::default()
    };
    let sandbox = Sandboxed::start(options).await;
    let answers = join_all((0..6).map(|_| sandbox.invoke())).await;
    let (ran, refused): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|answer| answer.status() == 200);
    assert_eq!((ran.len(), refused.len()), (2, 4));
    for answer in refused {
        assert_eq!(answer.status(), 500);
        assert_eq!(marker(&answer, "x-loadgen-cold-start"), None);
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body, json!({ "message": "Internal server error" }));
    }
}

#[tokio::test]
async fn a_function_error_is_a_bare_502() {
    let sandbox = Sandboxed::usual().await;
    sandbox.configure(json!({ "timeout": "1s" })).await;
    for fault in ["error", "timeout", "memory;percent=120"] {
        let answer = sandbox.fault(fault).await;
        assert_eq!(answer.status(), 502, "{fault}");
        assert_eq!(marker(&answer, "x-loadgen-request-id"), None);
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body, json!({ "message": "Internal server error" }));
    }
}

#[tokio::test]
async fn a_status_that_the_function_returns_comes_through_with_markers() {
    let sandbox = Sandboxed::usual().await;
    for code in [201, 404, 503, 599] {
        let answer = sandbox.fault(&format!("status;code={code}")).await;
        assert_eq!(answer.status(), code);
        assert!(marker(&answer, "x-loadgen-request-id").is_some());
    }
    assert_eq!(sandbox.fault("status;code=101").await.status(), 502);
}

#[tokio::test]
async fn faults_need_the_key() {
    let sandbox = Sandboxed::usual().await;
    for key in [None, Some("Sandbox"), Some("")] {
        let mut request = sandbox.request().header("x-loadgen-fault", "error");
        if let Some(key) = key {
            request = request.header("x-loadgen-fault-key", key);
        }
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{key:?}");
    }
}

#[tokio::test]
async fn what_is_no_fault_is_ignored() {
    let sandbox = Sandboxed::usual().await;
    for fault in ["", "explode", "status;code=9999", "latency;ms=-1"] {
        assert_eq!(sandbox.fault(fault).await.status(), 200, "{fault}");
    }
}

#[tokio::test]
async fn datadogs_original_app_sends_no_markers_and_knows_no_faults() {
    let options = SandboxOptions {
        profile: AppProfile::Datadog,
        ..SandboxOptions::default()
    };
    let sandbox = Sandboxed::start(options).await;
    assert_eq!(sandbox.info.profile, "datadog");
    let answer = sandbox.fault("error").await;
    assert_eq!(answer.status(), 200);
    for name in answer.headers().keys() {
        assert!(!name.as_str().starts_with("x-loadgen"), "{name}");
    }
    assert_eq!(answer.text().await.expect("a body"), "Sent message to SNS");
}

#[tokio::test]
async fn asked_latency_is_waited_for() {
    let sandbox = Sandboxed::usual().await;
    sandbox.invoke().await;
    let begin = std::time::Instant::now();
    sandbox.fault("latency;ms=120").await;
    assert!(begin.elapsed() >= std::time::Duration::from_millis(125));
}

#[tokio::test]
async fn the_gateway_gives_up_after_29_seconds() {
    let sandbox = Sandboxed::usual().await;
    sandbox.configure(json!({ "timeout": "60s" })).await;
    // Only the time until the answer matters here, and it is the gateway's own: nobody waits.
    let waiting = sandbox.fault("latency;ms=40000");
    let given = tokio::time::timeout(std::time::Duration::from_millis(300), waiting).await;
    assert!(given.is_err(), "the gateway waits for the function");
}
