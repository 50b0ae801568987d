//! Log lines and deployments.

use loadgen::telemetry::store::LogEntry;
use serde_json::json;

use super::{EVER, Kept, traced};

#[tokio::test]
async fn logs_say_what_lambda_and_the_handler_wrote() {
    let kept = Kept::start().await;
    let trace = traced(&kept.sandbox, None).await;
    kept.sandbox.advance(10_000).await;
    traced(&kept.sandbox, Some("error")).await;
    let left = kept.stop().await;
    let logs: Vec<LogEntry> = left
        .logs()
        .into_iter()
        .filter(|log| log.host.ends_with("entry-function"))
        .collect();
    let starts: Vec<&str> = logs
        .iter()
        .map(|log| log.message.split([' ', '\t']).next().unwrap_or_default())
        .collect();
    let expected = [
        "INIT_START",
        "START",
        "[INFO]",
        "END",
        "REPORT",
        "START",
        "[ERROR]",
        "END",
        "REPORT",
    ];
    assert_eq!(starts, expected);
    for log in &logs {
        assert_eq!(log.service, "datadog-serverless-sample-app");
        assert_eq!(log.source, "lambda");
        assert_eq!(log.attributes["lambda"]["arn"], json!(log.host));
        assert!(log.attributes["lambda"]["request_id"].is_string());
    }
    let high = 0x6812_6c43_0000_0000_u128 << 64;
    let id = format!("{:032x}", high | u128::from(trace));
    assert_eq!(logs[2].attributes["dd"]["trace_id"], json!(id));
    assert!(logs[2].message.contains(&format!("dd.trace_id={id}")));
    assert!(logs[4].message.contains("Init Duration: 20.00 ms"));
    assert_eq!(logs[6].status, "error");
    assert!(
        logs[6]
            .message
            .contains("Traceback (most recent call last)")
    );
}

#[tokio::test]
async fn deployments_are_recorded() {
    let kept = Kept::start().await;
    kept.sandbox
        .configure(json!({ "memory": "256MB", "reserved_concurrency": 5, "warm": "1ms" }))
        .await;
    for path in ["break", "restore"] {
        let path = format!("/_sandbox/{path}");
        let (status, _) = kept.sandbox.json(reqwest::Method::POST, &path, None).await;
        assert_eq!(status, 200);
    }
    let left = kept.stop().await;
    let deployments = left
        .reader
        .deployments(EVER.0, EVER.1)
        .expect("deployments");
    let events: Vec<&str> = deployments
        .iter()
        .map(|deployment| deployment.event.as_str())
        .collect();
    let expected = [
        "UpdateFunctionConfiguration",
        "PutFunctionConcurrency",
        "UpdateFunctionCode",
        "UpdateFunctionCode",
    ];
    assert_eq!(events, expected);
}
