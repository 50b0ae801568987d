//! HTTP/2 with servers that send nothing, too little or without end.

use std::{sync::Arc, time::Duration};

use loadgen::{engine::EndReason, sample::Outcome};
use tokio::io::AsyncWriteExt;

use crate::{
    frames::{
        CONTINUATION, DATA, END_HEADERS, END_STREAM, Frames, HEADERS, PING, STATUS_200, Secure,
        against, field, hurried, reason,
    },
    support::{Plan, burst, run},
};

#[test]
fn a_server_that_never_answers_is_timed_out() {
    let server =
        Secure::frames(|mut frames| async move { while frames.request().await.is_some() {} });
    hurried(&server).all(Outcome::TimedOut);
}

#[test]
fn a_server_that_says_nothing_at_all_is_timed_out() {
    let server = Secure::start(&["h2"], |stream| async move {
        let mut frames = Frames(stream);
        while frames.request().await.is_some() {}
    });
    hurried(&server).all(Outcome::TimedOut);
}

#[test]
fn a_server_that_allows_no_stream_is_timed_out_and_nothing_is_sent() {
    const MAX_CONCURRENT_STREAMS: u16 = 3;
    let server = Secure::start(&["h2"], |stream| async move {
        let mut frames = Frames(stream);
        frames.begin(&[(MAX_CONCURRENT_STREAMS, 0)]).await;
        frames.request().await;
    });
    // The settings have arrived when the idle time ends.
    let idle = Plan::Idle(Duration::from_secs(1));
    let mut job = server.job(&[idle, Plan::Burst(3)]);
    job.request.timeout = Duration::from_millis(300);
    let ran = run(job);
    ran.all(Outcome::TimedOut);
    assert_eq!(ran.ended.totals.sent, 0);
    reason(&ran, "allowed no HTTP/2 stream");
}

#[test]
fn a_flood_of_pings_is_timed_out() {
    let server = Secure::frames(|frames| async move {
        let (mut reading, mut writing) = tokio::io::split(frames.0);
        // What the client says is read, so that it is never held up.
        let read = tokio::spawn(async move {
            let _ = tokio::io::copy(&mut reading, &mut tokio::io::sink()).await;
        });
        let ping = [&[0, 0, 8, PING, 0, 0, 0, 0, 0][..], &[0; 8]].concat();
        let pings = ping.repeat(1000);
        while writing.write_all(&pings).await.is_ok() {}
        read.abort();
    });
    let ran = hurried(&server);
    ran.all(Outcome::TimedOut);
    assert_eq!(ran.ended.end, EndReason::Completed);
}

#[test]
fn endless_heads_are_bad_responses() {
    let line = field("x-more", &"y".repeat(8000));
    let huge = [STATUS_200, &line.repeat(2)].concat();
    let ran = against({
        let (line, huge) = (line.clone(), huge.clone());
        move |mut frames, stream| {
            let (line, huge) = (line.clone(), huge.clone());
            async move {
                frames.send(HEADERS, 0, stream, &huge).await;
                while frames.send(CONTINUATION, 0, stream, &line).await {}
            }
        }
    });
    ran.all(Outcome::BadResponse);
    // Frames without anything in them.
    let ran = against(|mut frames, stream| async move {
        frames.send(HEADERS, 0, stream, STATUS_200).await;
        while frames.send(CONTINUATION, 0, stream, &[]).await {}
    });
    ran.all(Outcome::BadResponse);
    // A list that ends, and is too long; and one with too many lines.
    let many = [STATUS_200, &field("x", "y").repeat(1_200)].concat();
    for (head, rest) in [(huge, line.repeat(40)), (many, Vec::new())] {
        let (head, rest) = (Arc::new(head), Arc::new(rest));
        let ran = against(move |mut frames, stream| {
            let (head, rest) = (Arc::clone(&head), Arc::clone(&rest));
            async move {
                frames.send(HEADERS, 0, stream, &head).await;
                for part in rest.chunks(16_000) {
                    frames.send(CONTINUATION, 0, stream, part).await;
                }
                frames.send(CONTINUATION, END_HEADERS, stream, &[]).await;
                frames.send(DATA, END_STREAM, stream, b"ok").await;
                frames.request().await;
            }
        });
        ran.all(Outcome::BadResponse);
        reason(&ran, "256 KiB");
    }
}

#[test]
fn announcing_an_answer_for_ever_is_a_bad_response() {
    let early_hints = [&[0x08, 3][..], b"103"].concat();
    let ran = against(move |mut frames, stream| {
        let early_hints = early_hints.clone();
        async move {
            while frames
                .send(HEADERS, END_HEADERS, stream, &early_hints)
                .await
            {}
        }
    });
    ran.all(Outcome::BadResponse);
    let ran = against(|mut frames, stream| async move {
        let switching = [&[0x08, 3][..], b"101"].concat();
        frames.send(HEADERS, END_HEADERS, stream, &switching).await;
        frames.request().await;
    });
    ran.all(Outcome::BadResponse);
}

#[test]
fn an_endless_body_is_cut_off() {
    let server = Secure::frames(|mut frames| async move {
        let Some(stream) = frames.request().await else {
            return;
        };
        frames.send(HEADERS, END_HEADERS, stream, STATUS_200).await;
        while frames.send(DATA, 0, stream, &[]).await {}
    });
    let mut job = server.job(&burst(2));
    job.request.timeout = Duration::from_millis(300);
    let ran = run(job);
    for outcome in ran.outcomes() {
        assert!(
            matches!(outcome, Outcome::TimedOut | Outcome::BadResponse),
            "by time or by h2's own limit: {outcome:?}"
        );
    }
}
