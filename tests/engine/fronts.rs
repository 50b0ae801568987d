//! What an error status means depends on what stands in front of the function.

use std::sync::{Arc, Mutex};

use loadgen::{
    engine::Signer,
    sample::{Front, Outcome, Sample},
};

use crate::{
    frames::reason,
    support::{Peer, Plan, Server, run},
};

/// The sample of one request to a server that answers so.
fn answered(status: u16, headers: &str) -> Sample {
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n{headers}\r\n");
    let server = Server::answering(answer);
    let ran = run(server.job(&[Plan::Burst(1)]));
    ran.samples.into_iter().next().expect("a sample")
}

#[test]
fn the_headers_of_an_answer_tell_a_rest_api_from_an_http_api_and_from_neither() {
    let rest = "x-amz-apigw-id: RL2XYiwjPHcEMEQ=\r\n";
    let http = "apigw-requestid: RL2XYiwjPHcEMEQ=\r\n";
    for (status, headers, outcome) in [
        (500, rest, Outcome::Rejected),
        (502, rest, Outcome::FunctionError),
        (503, rest, Outcome::HttpError),
        (504, rest, Outcome::GatewayTimeout),
        (500, http, Outcome::FunctionError),
        (502, http, Outcome::HttpError),
        (503, http, Outcome::Unavailable),
        (500, "", Outcome::HttpError),
        (502, "", Outcome::HttpError),
        (503, "", Outcome::HttpError),
        (429, "", Outcome::Throttled),
    ] {
        let sample = answered(status, headers);
        assert_eq!(sample.outcome, outcome, "{status} {headers}");
    }
}

#[test]
fn a_status_that_the_function_itself_returned_is_no_failure_of_the_platform() {
    let headers = "x-amz-apigw-id: RL2=\r\nx-loadgen-request-id: 5b321b10\r\n";
    for status in [500, 502, 503] {
        assert_eq!(answered(status, headers).outcome, Outcome::HttpError);
    }
}

#[test]
fn why_lambda_refused_is_read_however_the_body_is_framed() {
    for framed in [
        "content-length: 21\r\n\r\n{\"message\":\"because\"}",
        "transfer-encoding: chunked\r\n\r\n8\r\n{\"messag\r\nd\r\ne\":\"because\"}\r\n0\r\n\r\n",
        "\r\n{\"message\":\"because\"}",
    ] {
        let head = "HTTP/1.1 429 X\r\nx-amzn-errortype: TooManyRequestsException\r\n";
        let server = Server::answering_once(format!("{head}{framed}"));
        let mut job = server.job(&[Plan::Burst(1)]);
        job.target = job.target.beside("/2015-03-31/functions/f/invocations");
        let ran = run(job);
        reason(&ran, "429 TooManyRequestsException: because");
        assert_eq!(ran.samples[0].bytes, 21, "{framed}");
    }
}

#[test]
fn a_function_url_is_known_by_its_name() {
    let url = Front::of_host("abc123.lambda-url.eu-west-1.on.aws");
    let api = Front::of_host("ab12.execute-api.eu-west-1.amazonaws.com");
    assert_eq!((url, api), (Front::FunctionUrl, Front::RestApi));
    assert_eq!(Front::of_host("ab12.execute-api.localhost:4566"), api);
    assert_eq!(Front::of_host("127.0.0.1:80"), Front::Plain);
    assert_eq!(Front::of_host("lambda-url.example.com"), Front::Plain);
    for (status, outcome) in [
        (429, Outcome::Throttled),
        (502, Outcome::FunctionError),
        (500, Outcome::HttpError),
        (504, Outcome::GatewayTimeout),
    ] {
        assert_eq!(Outcome::of_status(status, url), outcome, "{status}");
    }
}

#[test]
fn ids_that_join_an_answer_with_a_log_are_kept_where_the_function_gives_none() {
    let ids = "x-amzn-requestid: 5b321b10-9dfa\r\n\
               x-amzn-trace-id: root=1-5759e988-bd862e3fe1be46a994272793;parent=53;sampled=0\r\n";
    let sample = answered(200, ids);
    assert_eq!(sample.front_request_id.as_deref(), Some("5b321b10-9dfa"));
    assert_eq!(
        sample.xray_trace_id.as_deref(),
        Some("1-5759e988-bd862e3fe1be46a994272793")
    );
    assert_eq!(sample.request_id, None);
    let marked = answered(200, &format!("{ids}x-loadgen-request-id: abc\r\n"));
    assert_eq!(marked.front_request_id, None);
    assert_eq!(marked.request_id.as_deref(), Some("abc"));
    let strange = answered(
        200,
        "x-amzn-requestid: a b<>\r\nx-amzn-trace-id: nothing\r\n",
    );
    assert_eq!(
        (strange.front_request_id, strange.xray_trace_id),
        (None, None)
    );
}

#[test]
fn every_request_carries_what_its_signer_makes() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    let server = Server::start(move |stream| {
        let kept = Arc::clone(&kept);
        async move {
            let mut peer = Peer::new(stream);
            while let Some(head) = peer.request().await {
                kept.lock().expect("not poisoned").push(head);
                peer.send(crate::support::OK.as_bytes()).await;
            }
        }
    });
    let mut job = server.job(&[Plan::Burst(3)]);
    job.request.signer = Some(Signer::new(|_| {
        Ok(vec![("authorization".to_owned(), "AWS4 x".to_owned())])
    }));
    run(job).all(Outcome::Ok);
    let heads = heads.lock().expect("not poisoned");
    assert_eq!(heads.len(), 3);
    assert!(
        heads
            .iter()
            .all(|head| head.contains("\r\nauthorization: AWS4 x\r\n"))
    );
}

#[test]
fn a_request_that_cannot_be_signed_is_not_sent() {
    let server = Server::answering(crate::support::OK);
    let mut job = server.job(&[Plan::Burst(1)]);
    job.request.signer = Some(Signer::new(|_| Err("no such address".to_owned())));
    let error = loadgen::engine::run(job, drop, &loadgen::engine::StopSignal::new());
    let error = error.expect_err("it cannot begin");
    assert!(error.to_string().contains("no such address"), "{error}");
}
