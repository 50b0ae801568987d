//! HTTP/2 with servers that go away, reset streams or break its rules. Whatever they do, each
//! request ends in one counted class.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use loadgen::sample::Outcome;
use tokio::io::AsyncWriteExt;

use crate::{
    frames::{
        DATA, END_HEADERS, END_STREAM, Frames, HEADERS, RST_STREAM, STATUS_200, Secure, against,
        answer_bytes, answers, field, first_and_later, random_damage, reason,
    },
    support::{Plan, burst, run},
};

// Reasons (RFC 9113, section 7).
const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const HTTP_1_1_REQUIRED: u32 = 13;

#[test]
fn a_server_that_goes_away_after_some_requests_loses_none() {
    let server = Secure::frames(|mut frames| async move {
        for _ in 0..7 {
            let Some(stream) = frames.request().await else {
                return;
            };
            frames.answer(stream).await;
            if stream == 13 {
                frames.go_away(stream).await;
            }
        }
    });
    let ran = run(server.job(&[Plan::Rate(2000, 400, None)]));
    ran.all(Outcome::Ok);
    assert!(ran.ended.connections >= 400 / 7);
}

#[test]
fn a_server_that_goes_away_instead_of_answering_is_asked_once_more() {
    let goes = |mut frames: Frames| async move {
        while let Some(stream) = frames.request().await {
            frames.go_away(stream - 1).await;
        }
    };
    let server = first_and_later(5, goes, answers);
    let ran = run(server.job(&burst(5)));
    ran.all(Outcome::Ok);
    assert_eq!((ran.ended.resent, ran.ended.connections), (5, 10));
    assert!(ran.samples.iter().all(|sample| sample.connect.is_some()));
}

#[test]
fn a_refused_stream_is_tried_once_more_and_no_more() {
    let asked = Arc::new(AtomicU64::new(0));
    let server = Secure::frames({
        let asked = Arc::clone(&asked);
        move |mut frames| {
            let asked = Arc::clone(&asked);
            async move {
                while let Some(stream) = frames.request().await {
                    asked.fetch_add(1, Ordering::Relaxed);
                    frames.reset(stream, REFUSED_STREAM).await;
                }
            }
        }
    });
    let ran = run(server.job(&burst(4)));
    ran.all(Outcome::ConnectionClosed);
    assert_eq!(asked.load(Ordering::Relaxed), 8);
    assert_eq!(ran.ended.resent, 4);
    reason(&ran, "refused");
}

#[test]
fn what_may_have_been_processed_is_never_sent_twice() {
    let asked = Arc::new(AtomicU64::new(0));
    // A stream that was reset, and a method that may not be repeated.
    for (step, method) in [(0, "GET"), (0, "POST"), (1, "POST"), (2, "POST")] {
        asked.store(0, Ordering::Relaxed);
        let server = Secure::frames({
            let asked = Arc::clone(&asked);
            move |mut frames| {
                let asked = Arc::clone(&asked);
                async move {
                    while let Some(stream) = frames.request().await {
                        asked.fetch_add(1, Ordering::Relaxed);
                        match step {
                            0 => drop(frames.reset(stream, INTERNAL_ERROR).await),
                            // This stream may have been processed.
                            1 => {
                                frames.go_away(stream).await;
                                return;
                            }
                            _ => return,
                        }
                    }
                }
            }
        });
        let mut job = server.job(&burst(3));
        job.request.method = method.to_owned();
        run(job).all(Outcome::ConnectionClosed);
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }
}

#[test]
fn a_stream_that_is_reset_tells_why() {
    let ran = against(|mut frames, stream| async move {
        frames.reset(stream, HTTP_1_1_REQUIRED).await;
        frames.request().await;
    });
    ran.all(Outcome::ConnectionClosed);
    reason(&ran, "--http1");
    let ran = against(|mut frames, stream| async move {
        frames.reset(stream, INTERNAL_ERROR).await;
        frames.request().await;
    });
    reason(&ran, "internal error");
}

#[test]
fn a_stream_that_is_reset_within_its_body_is_an_incomplete_body_with_what_arrived() {
    for ending in [Some(INTERNAL_ERROR), Some(REFUSED_STREAM), None] {
        let ran = against(move |mut frames, stream| async move {
            frames.send(HEADERS, END_HEADERS, stream, STATUS_200).await;
            frames.send(DATA, 0, stream, b"half").await;
            if let Some(ending) = ending {
                frames.reset(stream, ending).await;
                frames.request().await;
            }
        });
        ran.all(Outcome::IncompleteBody);
        assert_eq!(
            (ran.samples[0].bytes, ran.samples[0].status),
            (4, Some(200))
        );
        assert!(ran.samples[0].first_byte_us.is_some());
    }
}

#[test]
fn a_server_that_answers_before_it_has_read_all_is_heard() {
    let server = Secure::start(&["h2"], |stream| async move {
        let mut frames = Frames(stream);
        frames.begin(&[]).await;
        while !matches!(frames.next().await, Some((HEADERS, ..)) | None) {}
        // A body larger than the window: the request's end never comes.
        frames
            .send(HEADERS, END_HEADERS, 1, &[&[0x08, 3][..], b"413"].concat())
            .await;
        frames.send(DATA, END_STREAM, 1, b"too large").await;
        frames.reset(1, NO_ERROR).await;
        frames.request().await;
    });
    let mut job = server.job(&burst(2));
    job.connection_use.is_new = true;
    job.request.method = "POST".to_owned();
    job.request.body = vec![b'x'; 1024 * 1024];
    let ran = run(job);
    ran.all(Outcome::HttpError);
    assert_eq!(
        (ran.samples[0].status, ran.samples[0].bytes),
        (Some(413), 9)
    );
}

#[test]
fn a_body_that_ends_before_its_length_is_not_whole() {
    let ran = against(|mut frames, stream| async move {
        let head = [STATUS_200, &field("content-length", "10")].concat();
        frames.send(HEADERS, END_HEADERS, stream, &head).await;
        frames.send(DATA, 0, stream, b"half").await;
        frames.reset(stream, NO_ERROR).await;
        frames.request().await;
    });
    ran.all(Outcome::IncompleteBody);
    let ran = against(|mut frames, stream| async move {
        let head = [STATUS_200, &field("content-length", "10")].concat();
        frames.send(HEADERS, END_HEADERS, stream, &head).await;
        frames.send(DATA, END_STREAM, stream, b"half").await;
        frames.request().await;
    });
    ran.all(Outcome::BadResponse);
}

#[test]
fn what_is_not_http2_is_a_bad_response() {
    for garbage in [
        &b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"[..],
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        // A body on a stream that has none, settings on a stream, a window that overflows.
        b"\0\0\x02\0\x01\0\0\0\x01ok",
        b"\0\0\0\x04\0\0\0\0\x01",
        b"\0\0\x04\x08\0\0\0\0\0\x7f\xff\xff\xff",
    ] {
        let ran = against(move |mut frames, _| async move {
            frames.raw(garbage).await;
            frames.request().await;
        });
        ran.all(Outcome::BadResponse);
        assert!(ran.samples.iter().all(|sample| sample.status.is_none()));
    }
}

#[test]
fn a_broken_record_is_a_tls_failure() {
    let ran = against(|frames, _| async move {
        let (mut tcp, _) = frames.0.into_inner();
        // An alert that is not encrypted (RFC 8446, section 6).
        let _ = tcp.write_all(&[21, 3, 3, 0, 2, 2, 40]).await;
        let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
    });
    ran.all(Outcome::TlsFailure);
}

#[test]
fn a_connection_that_closes_while_idle_costs_no_request() {
    for polite in [true, false] {
        let server = Secure::frames(move |mut frames| async move {
            let Some(stream) = frames.request().await else {
                return;
            };
            frames.answer(stream).await;
            if polite {
                frames.go_away(stream).await;
                frames.request().await;
            }
        });
        // Long enough to be noticed on a busy machine too.
        let idle = Plan::Idle(Duration::from_secs(1));
        let ran = run(server.job(&[Plan::Burst(5), idle, Plan::Burst(5)]));
        ran.all(Outcome::Ok);
        assert!(ran.ended.connections >= 10);
    }
}

#[test]
fn any_bytes_in_place_of_an_answer_end_in_a_counted_class() {
    const REQUESTS: u64 = 400;
    let turn = Arc::new(AtomicU64::new(1));
    let server = Secure::frames(move |mut frames| {
        let seed = turn.fetch_add(1, Ordering::Relaxed);
        async move {
            let Some(stream) = frames.request().await else {
                return;
            };
            let reset = [0, 0, 4, RST_STREAM, 0, 0, 0, 0, stream as u8, 0, 0, 0, 0];
            let mut bytes = [&answer_bytes(stream)[..], &reset].concat();
            let mut random = random_damage(seed);
            for _ in 0..seed % 4 {
                let at = random() % bytes.len();
                bytes[at] = random() as u8;
            }
            bytes.truncate(bytes.len() - random() % 4);
            frames.raw(&bytes).await;
        }
    });
    let mut job = server.job(&[Plan::Rate(1000, REQUESTS, None)]);
    job.connection_use.is_new = true;
    let ran = run(job);
    assert_eq!(ran.ended.totals.planned, REQUESTS);
    assert_eq!(ran.ended.totals.not_sent, 0);
    let ok = ran
        .outcomes()
        .iter()
        .filter(|outcome| **outcome == Outcome::Ok)
        .count();
    assert!(ok as u64 >= REQUESTS / 4, "undamaged ones are answers");
}
