//! Requests that share HTTP/2 connections, with servers that keep to the rules and such that do not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use http::Response;
use loadgen::{
    engine::{ClosedJob, EngineError, Job, StopSignal, TlsError},
    sample::Outcome,
};
use tokio::time::sleep;

use crate::{
    closed_loop::run_closed,
    frames::{
        DATA, END_HEADERS, Frames, HEADERS, PING, STATUS_200, Secure, answer_bytes, answers,
        first_and_later, random_damage, reason,
    },
    support::{Plan, Ran, answer_all, burst, run, twice},
};

/// At most so many requests in flight, so many on each connection.
fn sharing(job: Job, in_flight: usize, streams: usize) -> Job {
    let mut job = Job {
        max_in_flight: in_flight,
        ..job
    };
    job.connection_use.streams = streams;
    job
}

/// Waits for so many requests.
async fn requests(frames: &mut Frames, count: usize) -> Vec<u32> {
    let mut streams = Vec::new();
    while streams.len() < count
        && let Some(stream) = frames.request().await
    {
        streams.push(stream);
    }
    streams
}

/// The most requests that were in flight at once.
fn most_in_flight(ran: &Ran) -> i64 {
    let ends = ran.samples.iter().flat_map(|sample| {
        let sent = sample.sent_us.expect("sent");
        [(sent, 1), (sample.done_us, -1)]
    });
    let mut times: Vec<(u64, i64)> = ends.collect();
    times.sort_unstable();
    let mut now = 0;
    let in_flight = times.into_iter().map(|(_, change)| {
        now += change;
        now
    });
    in_flight.max().unwrap_or_default()
}

#[test]
fn a_burst_needs_a_connection_for_each_streams_requests() {
    // Answers nothing before ten requests are there.
    let server = Secure::frames(|mut frames| async move {
        loop {
            let streams = requests(&mut frames, 10).await;
            if streams.is_empty() {
                return;
            }
            for stream in streams {
                frames.answer(stream).await;
            }
        }
    });
    let ran = run(sharing(server.job(&twice(40)), 40, 10));
    ran.all(Outcome::Ok);
    assert_eq!((ran.ended.connections, ran.ended.http2), (4, 4));
    assert_eq!(
        (ran.ended.streams, ran.ended.fewer_streams),
        (Some(10), None)
    );
    assert!(ran.samples.iter().all(|sample| sample.connect.is_none()));
    assert!(ran.samples.iter().all(|sample| sample.bytes == 2));
}

fn closed(server: &Secure, connections: usize, streams: usize) -> Ran {
    let job = sharing(server.job(&burst(1)), 1, streams);
    let closed = ClosedJob {
        target: job.target,
        request: job.request,
        connections,
        length: Duration::from_millis(300),
        connection_use: job.connection_use,
        tls: job.tls,
        part: Default::default(),
    };
    run_closed(closed, &StopSignal::new())
}

/// Answers after a moment, and notes how many requests it had at once.
fn slow(streams: u32, most: &Arc<AtomicU64>) -> Secure {
    let (now, most) = (Arc::new(AtomicU64::new(0)), Arc::clone(most));
    Secure::allowing(streams, move |_, mut respond| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        most.fetch_max(now.fetch_add(1, Relaxed) + 1, Relaxed);
        async move {
            sleep(Duration::from_millis(5)).await;
            now.fetch_sub(1, Relaxed);
            let _ = respond.send_response(Response::new(()), true);
        }
    })
}

#[test]
fn a_closed_loop_has_connections_times_streams_in_flight() {
    let most = Arc::default();
    let ran = closed(&slow(u32::MAX, &most), 3, 5);
    ran.all(Outcome::Ok);
    assert_eq!((ran.ended.connections, ran.ended.http2), (3, 3));
    assert_eq!((most.load(Relaxed), most_in_flight(&ran)), (15, 15));
    assert_eq!(ran.ended.resent, 0);
}

#[test]
fn no_more_is_sent_than_the_server_allows_and_that_is_said() {
    let most = Arc::default();
    let ran = closed(&slow(3, &most), 1, 10);
    ran.all(Outcome::Ok);
    assert_eq!((ran.ended.connections, most.load(Relaxed)), (1, 3));
    assert_eq!((ran.ended.fewer_streams, ran.ended.resent), (Some(3), 0));
    // Where more connections may be opened, no request waits for a place.
    let server = Secure::frames(|mut frames| async move {
        for stream in requests(&mut frames, 3).await {
            frames.answer(stream).await;
        }
        frames.request().await;
    });
    let allowing = Secure::start(&["h2"], |stream| async move {
        let mut frames = Frames(stream);
        frames.begin(&[(3, 3)]).await;
        for stream in requests(&mut frames, 3).await {
            frames.answer(stream).await;
        }
        frames.request().await;
    });
    for (server, streams) in [(server, 3), (allowing, 10)] {
        let ran = run(sharing(server.job(&burst(9)), 90, streams));
        ran.all(Outcome::Ok);
        let fewer = (streams > 3).then_some(3);
        assert_eq!((ran.ended.connections, ran.ended.fewer_streams), (3, fewer));
    }
}

#[test]
fn an_open_loop_keeps_its_schedule() {
    let server = slow(u32::MAX, &Arc::default());
    let ran = run(sharing(server.job(&[Plan::Rate(1000, 300, None)]), 100, 20));
    ran.all(Outcome::Ok);
    assert_eq!(
        (ran.ended.totals.planned, ran.ended.totals.sent),
        (300, 300)
    );
    assert!(ran.ended.connections <= 5);
}

#[test]
fn what_a_server_has_not_processed_when_it_goes_away_is_sent_once_more() {
    let goes = |mut frames: Frames| async move {
        let streams = requests(&mut frames, 10).await;
        frames.go_away(streams[3]).await;
        for stream in &streams[..4] {
            frames.answer(*stream).await;
        }
        frames.request().await;
    };
    let server = first_and_later(4, goes, answers);
    let mut job = sharing(server.job(&burst(40)), 40, 10);
    job.request.method = "POST".to_owned();
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.resent, 24);
    let connected = |sample: &&loadgen::sample::Sample| sample.connect.is_some();
    assert_eq!(ran.samples.iter().filter(connected).count(), 24);
    assert!((5..=7).contains(&(ran.ended.connections)));
}

#[test]
fn what_was_on_a_connection_that_dies_is_sent_once_more_where_its_method_allows() {
    let dies = |mut frames: Frames| async move { drop(requests(&mut frames, 10).await) };
    for (method, outcome, resent) in [
        ("PUT", Outcome::Ok, 20),
        ("POST", Outcome::ConnectionClosed, 0),
    ] {
        let server = first_and_later(2, dies, answers);
        let mut job = sharing(server.job(&burst(20)), 20, 10);
        job.request.method = method.to_owned();
        let ran = run(job);
        ran.all(outcome);
        assert_eq!(ran.ended.resent, resent);
    }
    // Once, and no more than once.
    let server = Secure::frames(dies);
    let ran = run(sharing(server.job(&burst(20)), 20, 10));
    ran.all(Outcome::ConnectionClosed);
    assert_eq!(ran.ended.resent, 20);
}

#[test]
fn what_had_begun_to_be_answered_is_not_sent_again() {
    let server = Secure::frames(|mut frames: Frames| async move {
        for stream in requests(&mut frames, 5).await {
            frames.send(HEADERS, END_HEADERS, stream, STATUS_200).await;
            frames.send(DATA, 0, stream, b"half").await;
        }
    });
    let ran = run(sharing(server.job(&burst(10)), 10, 5));
    ran.all(Outcome::IncompleteBody);
    assert!(ran.samples.iter().all(|sample| sample.bytes == 4));
    assert_eq!((ran.ended.resent, ran.ended.connections), (0, 2));
}

#[test]
fn a_request_that_is_reset_or_late_leaves_the_others_alone() {
    let server = Secure::frames(|mut frames| async move {
        for (place, stream) in requests(&mut frames, 8).await.into_iter().enumerate() {
            match place {
                0 => drop(frames.reset(stream, 2).await),
                // Never answered.
                1 => {}
                _ => drop(frames.answer(stream).await),
            }
        }
        answers(frames).await;
    });
    let mut job = sharing(server.job(&twice(8)), 8, 8);
    job.request.timeout = Duration::from_millis(400);
    let ran = run(job);
    let ended = |outcome| ran.outcomes().iter().filter(|it| **it == outcome).count();
    assert_eq!((ended(Outcome::Ok), ended(Outcome::TimedOut)), (14, 1));
    assert_eq!(ended(Outcome::ConnectionClosed), 1);
    assert_eq!((ran.ended.connections, ran.ended.resent), (1, 0));
}

#[test]
fn a_connection_that_has_gone_silent_gets_no_further_request() {
    let silent = |mut frames: Frames| async move { while frames.request().await.is_some() {} };
    let server = first_and_later(1, silent, answers);
    let idle = Plan::Idle(Duration::from_secs(1));
    // The first idle time lets the connection's settings be acknowledged.
    let plan = [idle, Plan::Burst(5), idle, Plan::Burst(5)];
    let mut job = sharing(server.job(&plan), 5, 5);
    job.request.timeout = Duration::from_millis(700);
    let ran = run(job);
    let outcomes = ran.outcomes();
    assert!(outcomes[..5].iter().all(|it| *it == Outcome::TimedOut));
    assert!(outcomes[5..].iter().all(|it| *it == Outcome::Ok));
    assert_eq!(ran.ended.connections, 2);
}

#[test]
fn connections_that_close_while_idle_cost_no_request() {
    let server = Secure::frames(|mut frames| async move {
        for stream in requests(&mut frames, 5).await {
            frames.answer(stream).await;
        }
    });
    let idle = Plan::Idle(Duration::from_secs(1));
    let plan = [Plan::Burst(10), idle, Plan::Burst(10)];
    let ran = run(sharing(server.job(&plan), 10, 5));
    ran.all(Outcome::Ok);
    assert_eq!((ran.ended.connections, ran.ended.resent), (4, 0));
}

#[test]
fn connections_that_close_as_they_open_are_tried_a_bounded_number_of_times() {
    let server = Secure::frames(|_| async {});
    let ran = run(sharing(server.job(&burst(50)), 50, 10));
    ran.all(Outcome::ConnectionClosed);
    assert!(ran.ended.connections <= 100, "{}", ran.ended.connections);
    let server = Secure::start(&["h2"], |_| async {});
    let ran = run(sharing(server.job(&burst(50)), 50, 10));
    ran.all(Outcome::ConnectionClosed);
    assert!(ran.ended.connections <= 100, "{}", ran.ended.connections);
}

#[test]
fn a_server_that_never_sends_its_settings_is_timed_out() {
    let server = Secure::start(&["h2"], |stream| async move {
        let mut frames = Frames(stream);
        while frames.request().await.is_some() {}
    });
    let mut job = sharing(server.job(&burst(20)), 20, 10);
    job.request.timeout = Duration::from_millis(300);
    let ran = run(job);
    ran.all(Outcome::TimedOut);
    assert_eq!(ran.ended.totals.sent, 0);
}

#[test]
fn a_flood_of_pings_holds_up_no_end() {
    let server = Secure::frames(|frames| async move {
        let (mut reading, mut writing) = tokio::io::split(frames.0);
        let read = tokio::spawn(async move {
            let _ = tokio::io::copy(&mut reading, &mut tokio::io::sink()).await;
        });
        let ping = [&[0, 0, 8, PING, 0, 0, 0, 0, 0][..], &[0; 8]].concat();
        let pings = ping.repeat(1000);
        while tokio::io::AsyncWriteExt::write_all(&mut writing, &pings)
            .await
            .is_ok()
        {}
        read.abort();
    });
    let mut job = sharing(server.job(&burst(6)), 6, 3);
    job.request.timeout = Duration::from_millis(300);
    run(job).all(Outcome::TimedOut);
}

#[test]
fn a_server_that_chooses_http1_is_a_bad_response() {
    let server = Secure::start(&["http/1.1"], answer_all);
    let ran = run(sharing(server.job(&burst(20)), 20, 10));
    ran.all(Outcome::BadResponse);
    reason(&ran, "--streams");
    assert!(ran.ended.connections <= 20);
}

#[test]
fn requests_that_http2_cannot_carry_share_nothing() {
    let server = Secure::start(&["h2"], answer_all);
    let refused = |change: &dyn Fn(&mut Job)| {
        let mut job = sharing(server.job(&burst(1)), 10, 10);
        change(&mut job);
        let refused = loadgen::engine::run(job, |_| {}, &StopSignal::new());
        assert!(matches!(
            refused,
            Err(EngineError::Tls(TlsError::NotShared))
        ));
    };
    refused(&|job| job.connection_use.http1 = true);
    refused(&|job| {
        job.request.headers = vec![("Connection".to_owned(), "keep-alive".to_owned())];
    });
}

#[test]
fn any_bytes_in_place_of_answers_end_in_counted_classes() {
    const REQUESTS: u64 = 400;
    let turn = Arc::new(AtomicU64::new(1));
    let server = Secure::frames(move |mut frames| {
        let seed = turn.fetch_add(1, Relaxed);
        async move {
            let mut random = random_damage(seed);
            while let Some(stream) = frames.request().await {
                let mut bytes = answer_bytes(stream);
                if random().is_multiple_of(4) {
                    let at = random() % bytes.len();
                    bytes[at] = random() as u8;
                    bytes.truncate(bytes.len() - random() % 2);
                }
                frames.raw(&bytes).await;
            }
        }
    });
    // What a damaged frame leaves without an answer must not fill all places.
    let plan = [Plan::Rate(1000, REQUESTS, None)];
    let mut job = sharing(server.job(&plan), REQUESTS as usize, 8);
    job.request.timeout = Duration::from_secs(1);
    let ran = run(job);
    assert_eq!(ran.ended.totals.planned, REQUESTS);
    assert_eq!(ran.ended.totals.not_sent, 0);
    let ok = ran
        .outcomes()
        .iter()
        .filter(|it| **it == Outcome::Ok)
        .count();
    assert!(ok as u64 >= REQUESTS / 4, "{:?}", ran.ended.reasons);
}
