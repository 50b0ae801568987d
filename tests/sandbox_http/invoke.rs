//! Lambda's Invoke API on the sandbox.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use loadgen::sandbox::SandboxOptions;
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
