//! HTTP/2 with servers that keep to its rules.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response};
use loadgen::{
    engine::{ClosedJob, Job, SamplingPriority, Signer, StopSignal},
    lambda::Fault,
    sample::{Outcome, Temperature},
};

use crate::{
    closed_loop::run_closed,
    frames::{
        DATA, END_HEADERS, END_STREAM, HEADERS, PING, SETTINGS, STATUS_200, Secure, field, reason,
    },
    support::{OK, Peer, Plan, answer_all, burst, run, twice},
};

fn nothing_seen() -> Arc<Mutex<Vec<Request<()>>>> {
    Arc::default()
}

/// Two bursts, the second on the connections of the first, however long those took.
fn twice_over(server: &Secure, count: u64) -> Job {
    Job {
        max_in_flight: count as usize,
        ..server.job(&twice(count))
    }
}

#[test]
fn http2_is_spoken_where_the_server_chooses_it() {
    let seen = nothing_seen();
    let server = Secure::noting(&seen);
    let ran = run(twice_over(&server, 10));
    ran.all(Outcome::Ok);
    assert_eq!((ran.ended.connections, ran.ended.http2), (10, 10));
    assert!(ran.samples.iter().all(|sample| sample.bytes == 2));
    assert!(
        ran.samples
            .iter()
            .all(|sample| sample.first_byte_us.is_some())
    );
    let seen = seen.lock().expect("no panic");
    assert_eq!(seen.len(), 20);
    assert!(
        seen.iter()
            .all(|request| request.version() == http::Version::HTTP_2)
    );
}

/// Speaks HTTP/1.1 over TLS.
fn old(protocols: &[&str]) -> Secure {
    Secure::start(protocols, answer_all)
}

#[test]
fn http1_is_spoken_where_the_server_does_not_choose_http2() {
    for protocols in [&["http/1.1"][..], &[]] {
        let ran = run(twice_over(&old(protocols), 3));
        ran.all(Outcome::Ok);
        assert_eq!((ran.ended.connections, ran.ended.http2), (3, 0));
    }
}

#[test]
fn http1_is_spoken_where_the_user_wants_it_or_a_header_needs_it() {
    let server = old(&["h2", "http/1.1"]);
    let mut job = server.job(&burst(3));
    job.connection_use.http1 = true;
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.http2, 0);
    let mut job = server.job(&burst(3));
    job.request.headers = vec![("Connection".to_owned(), "keep-alive".to_owned())];
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.http2, 0);
}

#[test]
fn without_tls_http1_is_spoken() {
    let server = crate::support::Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        while peer.request().await.is_some() && peer.send(OK.as_bytes()).await {}
    });
    let ran = run(server.job(&twice(2)));
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.http2, 0);
}

#[test]
fn an_open_loop_keeps_its_schedule() {
    let server = Secure::noting(&nothing_seen());
    let ran = run(server.job(&[Plan::Rate(1000, 300, None)]));
    ran.all(Outcome::Ok);
    assert_eq!(
        (ran.ended.totals.planned, ran.ended.totals.sent),
        (300, 300)
    );
    assert_eq!(ran.ended.connections, ran.ended.http2);
}

#[test]
fn a_closed_loop_has_one_request_at_a_time_on_each_connection() {
    let server = Secure::noting(&nothing_seen());
    let job = server.job(&burst(1));
    let ran = run_closed(
        ClosedJob {
            target: job.target,
            request: job.request,
            connections: 4,
            length: Duration::from_millis(200),
            connection_use: Default::default(),
            tls: job.tls,
            part: Default::default(),
        },
        &StopSignal::new(),
    );
    ran.all(Outcome::Ok);
    assert_eq!((ran.ended.connections, ran.ended.http2), (4, 4));
    assert!(ran.samples.len() > 4);
    let mut times: Vec<(u64, i64)> = ran
        .samples
        .iter()
        .flat_map(|sample| [(sample.sent_us.expect("sent"), 1), (sample.done_us, -1)])
        .collect();
    times.sort_unstable();
    let mut under_way = 0;
    for (_, change) in times {
        under_way += change;
        assert!(under_way <= 4);
    }
}

#[test]
fn each_request_can_have_a_connection_of_its_own() {
    let server = Secure::noting(&nothing_seen());
    let mut job = server.job(&[Plan::Rate(100, 10, None)]);
    job.connection_use.is_new = true;
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!((ran.ended.connections, ran.ended.http2), (10, 10));
    assert!(
        ran.samples
            .iter()
            .all(|sample| sample.connect.is_some_and(|times| times.tls_us > 0))
    );
}

#[test]
fn requests_carry_what_they_carry_in_http1() {
    let seen = nothing_seen();
    let server = Secure::noting(&seen);
    let fault = Fault::Latency(Duration::from_millis(7));
    let mut job = server.job(&[Plan::Rate(100, 2, Some(fault))]);
    job.request.method = "PUT".to_owned();
    job.request.host = Some("other.test".to_owned());
    job.request.headers = vec![("X-Mine".to_owned(), "a: b".to_owned())];
    job.request.body = b"body".to_vec();
    job.request.signer = Some(Signer::new(|_| {
        Ok(vec![(
            "authorization".to_owned(),
            "AWS4-HMAC-SHA256 x".to_owned(),
        )])
    }));
    job.fault_key = Some("key-1".to_owned());
    job.trace = Some(SamplingPriority::UserKeep);
    let ran = run(job);
    ran.all(Outcome::Ok);
    let seen = seen.lock().expect("no panic");
    assert_eq!(seen.len(), 2);
    for request in seen.iter() {
        assert_eq!(request.method(), Method::PUT);
        assert_eq!(request.uri(), "https://other.test/");
        let value = |name: &str| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        for (name, expected) in [
            ("x-mine", "a: b"),
            ("accept", "*/*"),
            ("content-length", "4"),
            ("authorization", "AWS4-HMAC-SHA256 x"),
            ("x-loadgen-run", "run-1"),
            ("x-loadgen-fault", "latency;ms=7"),
            ("x-loadgen-fault-key", "key-1"),
            ("x-datadog-sampling-priority", "2"),
        ] {
            assert_eq!(value(name), Some(expected), "{name}");
        }
        assert!(value("user-agent").is_some_and(|agent| agent.starts_with("loadgen/")));
        let parent = value("traceparent").expect("a trace");
        let traces = ran.samples.iter().flat_map(|sample| &sample.trace_id);
        assert_eq!(traces.filter(|trace| parent.contains(*trace)).count(), 1);
        assert_eq!((value("host"), value("connection")), (None, None));
    }
}

#[test]
fn what_an_answer_says_is_read_as_in_http1() {
    let server = Secure::answering(|_, mut respond| async move {
        let answer = Response::builder()
            .status(429)
            .header("retry-after", "5")
            .header("x-loadgen-cold-start", "true")
            .header("x-loadgen-request-id", "5b321b10")
            .header("x-loadgen-environment-id", "env-1")
            .header(
                "x-amzn-trace-id",
                "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
            );
        let _ = respond.send_response(answer.body(()).expect("an answer"), true);
    });
    let ran = run(server.job(&burst(1)));
    let sample = &ran.samples[0];
    assert_eq!(
        (sample.status, sample.outcome),
        (Some(429), Outcome::HttpError)
    );
    assert_eq!(sample.temperature, Temperature::Cold);
    assert_eq!(sample.request_id.as_deref(), Some("5b321b10"));
    assert_eq!(sample.environment_id.as_deref(), Some("env-1"));
    assert!(sample.xray_trace_id.is_some());
    assert_eq!(ran.ended.retry_after, 1);
}

#[test]
fn why_lambda_refused_is_read_as_in_http1() {
    let server = Secure::answering(|_, mut respond| async move {
        let refused = Response::builder()
            .status(429)
            .header("x-amzn-errortype", "TooManyRequestsException");
        let refused = refused.body(()).expect("an answer");
        if let Ok(mut body) = respond.send_response(refused, false) {
            let why = Bytes::from_static(b"{\"message\":\"because\"}");
            let _ = body.send_data(why, true);
        }
    });
    let mut job = server.job(&burst(1));
    job.target = job.target.beside("/2015-03-31/functions/f/invocations");
    reason(&run(job), "429 TooManyRequestsException: because");
}

#[test]
fn the_answer_to_head_has_no_body_whatever_its_length_says() {
    let server = Secure::answering(|_, mut respond| async move {
        let answer = Response::builder().header("content-length", "1000");
        let _ = respond.send_response(answer.body(()).expect("an answer"), true);
    });
    let mut job = twice_over(&server, 1);
    job.request.method = "HEAD".to_owned();
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.connections, 1);
}

/// Sends this much of a body, as the client's flow control lets it.
async fn pour(mut body: h2::SendStream<Bytes>, mut left: usize) {
    while left > 0 {
        body.reserve_capacity(left);
        let room = std::future::poll_fn(|cx| body.poll_capacity(cx)).await;
        let Some(Ok(room)) = room else { return };
        let part = Bytes::from(vec![b'x'; room.min(left)]);
        left -= part.len();
        if body.send_data(part, left == 0).is_err() {
            return;
        }
    }
}

#[test]
fn a_body_larger_than_the_window_is_counted_whole() {
    const SIZE: usize = 9 * 1024 * 1024 + 17;
    let server = Secure::answering(|_, mut respond| async move {
        if let Ok(body) = respond.send_response(Response::new(()), false) {
            pour(body, SIZE).await;
        }
    });
    let ran = run(twice_over(&server, 2));
    ran.all(Outcome::Ok);
    assert!(ran.samples.iter().all(|sample| sample.bytes == SIZE as u64));
    assert_eq!(ran.ended.connections, 2);
}

#[test]
fn a_large_body_is_sent_whole() {
    const SIZE: usize = 5 * 1024 * 1024;
    let server = Secure::answering(|request, mut respond| async move {
        let mut body = request.into_body();
        let mut read = 0;
        while let Some(Ok(data)) = body.data().await {
            read += data.len();
            let _ = body.flow_control().release_capacity(data.len());
        }
        let status = if read == SIZE { 200 } else { 400 };
        let answer = Response::builder()
            .status(status)
            .body(())
            .expect("an answer");
        let _ = respond.send_response(answer, true);
    });
    let mut job = server.job(&twice(2));
    job.request.method = "PUT".to_owned();
    job.request.body = vec![b'x'; SIZE];
    run(job).all(Outcome::Ok);
}

#[test]
fn trailers_and_padding_are_no_part_of_a_body() {
    const PADDED: u8 = 8;
    let server = Secure::frames(|mut frames| async move {
        while let Some(stream) = frames.request().await {
            frames.send(HEADERS, END_HEADERS, stream, STATUS_200).await;
            frames.send(DATA, PADDED, stream, b"\x03hello\0\0\0").await;
            let trailers = field("x-sum", "1");
            frames
                .send(HEADERS, END_HEADERS | END_STREAM, stream, &trailers)
                .await;
        }
    });
    let ran = run(twice_over(&server, 2));
    ran.all(Outcome::Ok);
    assert!(ran.samples.iter().all(|sample| sample.bytes == 5));
    assert_eq!(ran.ended.connections, 2);
}

const PAUSE: Duration = Duration::from_millis(60);

#[test]
fn the_first_byte_is_that_of_the_final_answer() {
    let server = Secure::frames(|mut frames| async move {
        while let Some(stream) = frames.request().await {
            // None of these is the answer.
            frames.send(PING, 0, 0, &[0; 8]).await;
            frames.send(SETTINGS, 0, 0, &[]).await;
            let early_hints = [0x08, 3, b'1', b'0', b'3'];
            frames
                .send(HEADERS, END_HEADERS, stream, &early_hints)
                .await;
            tokio::time::sleep(PAUSE).await;
            frames.send(HEADERS, END_HEADERS, stream, STATUS_200).await;
            // Nor is its body the first of it.
            frames.all_read().await;
            tokio::time::sleep(PAUSE).await;
            frames.send(DATA, END_STREAM, stream, b"ok").await;
        }
    });
    let ran = run(server.job(&twice(2)));
    ran.all(Outcome::Ok);
    let pause = PAUSE.as_micros() as u64;
    for sample in &ran.samples {
        let sent = sample.sent_us.expect("sent");
        let first = sample.first_byte_us.expect("answered");
        assert!(first - sent >= pause, "{sample:?}");
        assert!(sample.done_us - first >= pause, "{sample:?}");
    }
}

#[test]
fn a_request_is_sent_when_the_server_lets_it() {
    const MAX_CONCURRENT_STREAMS: u16 = 3;
    const WITHHELD: Duration = Duration::from_millis(800);
    let server = Secure::start(&["h2"], |stream| async move {
        let mut frames = crate::frames::Frames(stream);
        frames.begin(&[(MAX_CONCURRENT_STREAMS, 0)]).await;
        tokio::time::sleep(WITHHELD).await;
        let one = [0, 3, 0, 0, 0, 1];
        frames.send(SETTINGS, 0, 0, &one).await;
        while let Some(stream) = frames.request().await {
            frames.answer(stream).await;
        }
    });
    // The connection is opened within the second half of the idle time.
    let idle = Plan::Idle(Duration::from_secs(1));
    let ran = run(server.job(&[idle, Plan::Burst(1)]));
    let sample = &ran.all(Outcome::Ok).samples[0];
    assert_eq!(sample.connect, None);
    let late = sample.sent_us.expect("sent") - sample.planned_us.expect("planned");
    assert!(late >= 200_000, "{sample:?}");
}
