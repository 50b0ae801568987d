//! What a run promises on a server that behaves.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use loadgen::{
    engine::{
        EndReason, EngineEvent, FailureLimit, IdleStrategy, SamplingPriority, SkipIdle, StopSignal,
    },
    lambda::Fault,
    sample::{Evidence, Outcome, Temperature},
};

use crate::support::{OK, Peer, Plan, Server, burst, finish, run, start};

#[test]
fn a_burst_of_n_sends_exactly_n_on_connections_opened_before() {
    let server = Server::answering(OK);
    let ran = run(server.job(&burst(50)));
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.end, EndReason::Completed);
    assert_eq!(ran.ended.totals.completed, 50);
    assert_eq!(ran.ended.totals.sent, 50);
    assert_eq!(ran.ended.connections, 50);
    for sample in &ran.samples {
        assert_eq!(sample.connect, None);
        assert_eq!((sample.status, sample.bytes), (Some(200), 2));
        assert_eq!(sample.planned_us, Some(0));
        assert_eq!(sample.temperature, Temperature::Unknown);
        assert_eq!(sample.evidence, Evidence::None);
    }
}

#[test]
fn requests_leave_when_planned_though_no_answer_came() {
    // Answers are held back until all requests are in.
    let seen = Arc::new((AtomicUsize::new(0), tokio::sync::Notify::new()));
    let server = Server::start(move |stream| {
        let seen = Arc::clone(&seen);
        async move {
            let mut peer = Peer::new(stream);
            while peer.request().await.is_some() {
                if seen.0.fetch_add(1, Ordering::SeqCst) + 1 == 40 {
                    seen.1.notify_waiters();
                }
                while seen.0.load(Ordering::SeqCst) < 40 {
                    let _ = tokio::time::timeout(Duration::from_millis(5), seen.1.notified()).await;
                }
                peer.send(OK.as_bytes()).await;
            }
        }
    });
    run(server.job(&[Plan::Rate(400, 40, None)])).all(Outcome::Ok);
}

#[test]
fn what_exceeds_the_cap_waits_in_line_with_its_planned_time() {
    let at_once = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let server = Server::start({
        let most = Arc::clone(&most);
        move |stream| {
            let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most));
            async move {
                let mut peer = Peer::new(stream);
                while peer.request().await.is_some() {
                    most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    at_once.fetch_sub(1, Ordering::SeqCst);
                    peer.send(OK.as_bytes()).await;
                }
            }
        }
    });
    let mut job = server.job(&burst(20));
    job.max_in_flight = 4;
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!(most.load(Ordering::SeqCst), 4);
    assert!(
        ran.samples
            .iter()
            .all(|sample| sample.planned_us == Some(0))
    );
    // Five rounds of 10 ms: the last ones feel all of them in their response time only.
    let slowest = ran
        .samples
        .iter()
        .filter_map(|sample| sample.response_us())
        .max();
    assert!(slowest >= Some(50_000), "{slowest:?}");
}

#[test]
fn a_line_is_served_in_order_and_never_beyond_the_step_that_has_begun() {
    let server = Server::start(|stream| async move {
        let mut peer = Peer::new(stream);
        while peer.request().await.is_some() {
            tokio::time::sleep(Duration::from_millis(2)).await;
            peer.send(OK.as_bytes()).await;
        }
    });
    // All of both steps is due long before two slots can have sent the first.
    let mut job = server.job(&[Plan::Rate(20_000, 40, None), Plan::Rate(20_000, 40, None)]);
    job.max_in_flight = 2;
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!((ran.ended.totals.planned, ran.ended.totals.sent), (80, 80));
    let mut sent: Vec<_> = ran
        .samples
        .iter()
        .map(|it| (it.sent_us, it.index))
        .collect();
    sent.sort_unstable();
    for (place, (_, index)) in (0_u64..).zip(sent) {
        // Two that leave in the same microsecond have no order.
        assert!(place.abs_diff(index) <= 1, "{index} left as number {place}");
    }
    let begun = |step| {
        let begins = |event: &EngineEvent| *event == EngineEvent::StepStarted { step };
        ran.events.iter().position(begins).expect("it begins")
    };
    let ended = |step| {
        let ends =
            |event: &EngineEvent| matches!(event, EngineEvent::Sample(it) if it.step == step);
        ran.events.iter().position(ends).expect("it is answered")
    };
    assert!(begun(0) < ended(0) && begun(1) < ended(1));
}

#[test]
fn new_connections_are_told_apart_from_the_servers_time() {
    let server = Server::answering(OK);
    let mut job = server.job(&[Plan::Rate(1000, 20, None)]);
    job.connection_use.is_new = true;
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.connections, 20);
    assert!(ran.samples.iter().all(|sample| sample.connect.is_some()));
}

#[test]
fn requests_carry_run_trace_fault_and_the_users_headers() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let server = Server::start({
        let heads = Arc::clone(&heads);
        move |stream| {
            let heads = Arc::clone(&heads);
            async move {
                let mut peer = Peer::new(stream);
                while let Some(head) = peer.request().await {
                    heads.lock().expect("not poisoned").push(head);
                    peer.send(OK.as_bytes()).await;
                }
            }
        }
    });
    let mut job = server.job(&[Plan::Rate(
        100,
        2,
        Some(Fault::Latency(Duration::from_millis(7))),
    )]);
    job.fault_key = Some("key-1".to_owned());
    job.trace = Some(SamplingPriority::UserKeep);
    job.request.method = "POST".to_owned();
    job.request.body = b"{\"a\":1}".to_vec();
    job.request.host = Some("app.test".to_owned());
    job.request.headers = vec![("X-Mine".to_owned(), "yes".to_owned())];
    let ran = run(job);
    let heads = heads.lock().expect("not poisoned");
    for (head, sample) in heads.iter().zip(&ran.samples) {
        let trace = sample.trace_id.as_deref().expect("traced");
        assert!(head.starts_with("POST /path?x=1 HTTP/1.1\r\n"), "{head}");
        assert!(head.ends_with("\r\n\r\n{\"a\":1}"), "{head}");
        for line in [
            "host: app.test",
            "X-Mine: yes",
            concat!("user-agent: loadgen/", env!("CARGO_PKG_VERSION")),
            "x-loadgen-run: run-1",
            "x-loadgen-fault: latency;ms=7",
            "x-loadgen-fault-key: key-1",
            "x-datadog-sampling-priority: 2",
            &format!("traceparent: 00-{trace}"),
            "content-length: 7",
        ] {
            assert_eq!(
                head.matches(&format!("\r\n{line}")).count(),
                1,
                "{line} in {head}"
            );
        }
        assert_eq!(sample.fault.as_deref(), Some("latency;ms=7"));
    }
    assert_eq!(heads.len(), 2);
    assert_ne!(ran.samples[0].trace_id, ran.samples[1].trace_id);
}

#[test]
fn markers_are_evidence_and_nonsense_is_not() {
    let marked = |cold: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nX-Loadgen-Cold-Start: {cold}\r\nx-loadgen-request-id: abc-1\r\n\
             x-loadgen-environment-id: {}\r\nx-loadgen-init-age-ms: 12\r\ncontent-length: 0\r\n\r\n",
            "e".repeat(500)
        )
    };
    for (said, temperature, evidence) in [
        ("true", Temperature::Cold, Evidence::Marker),
        ("false", Temperature::Warm, Evidence::Marker),
        ("perhaps", Temperature::Unknown, Evidence::None),
    ] {
        let ran = run(Server::answering(marked(said)).job(&burst(1)));
        let sample = &ran.samples[0];
        assert_eq!(
            (sample.temperature, sample.evidence),
            (temperature, evidence)
        );
        assert_eq!(sample.request_id.as_deref(), Some("abc-1"));
        assert_eq!(sample.environment_id, None, "500 letters are no id");
        assert_eq!(sample.init_age_ms, Some(12));
    }
}

#[test]
fn a_connection_that_the_server_closed_while_idle_is_replaced_before_the_burst() {
    let server = Server::answering_once(OK);
    let idle = Plan::Idle(Duration::from_millis(300));
    let ran = run(server.job(&[Plan::Burst(5), idle, Plan::Burst(5)]));
    ran.all(Outcome::Ok);
    assert!(ran.samples.iter().all(|sample| sample.connect.is_none()));
    assert_eq!(ran.ended.connections, 10);
}

#[test]
fn a_skipped_idle_moves_the_runs_clock_by_what_the_call_was_asked_to_skip() {
    let server = Server::answering(OK);
    let quarter = Duration::from_secs(900);
    let mut job = server.job(&[
        Plan::Idle(quarter),
        Plan::Burst(3),
        Plan::Idle(quarter),
        Plan::Burst(3),
    ]);
    let called = Arc::new(Mutex::new(Vec::new()));
    let calls = Arc::clone(&called);
    job.idle = IdleStrategy::Skip(SkipIdle::new(move |left| {
        calls.lock().map_err(|error| error.to_string())?.push(left);
        Ok(())
    }));
    let ran = run(job);
    ran.all(Outcome::Ok);
    let skips = called.lock().expect("not poisoned").clone();
    assert_eq!(skips.len(), 2);
    for left in skips {
        assert!(
            (Duration::from_secs(840)..=quarter).contains(&left),
            "{left:?}"
        );
    }
    let planned: Vec<_> = ran.samples.iter().map(|sample| sample.planned_us).collect();
    assert_eq!(planned[0], Some(900_000_000));
    assert_eq!(planned[5], Some(1_800_000_000));
    assert!(ran.ended.ended_us >= 1_800_000_000);
    assert!(ran.ended.skipped <= 2 * quarter);
    let order: Vec<&str> = ran
        .events
        .iter()
        .filter_map(|event| match event {
            EngineEvent::IdleStarted { until: None, .. } => Some("idle"),
            EngineEvent::IdleSkipped { .. } => Some("skipped"),
            EngineEvent::IdleEnded { .. } => Some("over"),
            EngineEvent::StepStarted { .. } => Some("burst"),
            _ => None,
        })
        .collect();
    assert_eq!(order, ["idle", "skipped", "over", "burst"].repeat(2));
}

#[test]
fn an_idle_is_skipped_between_the_answers_and_the_next_request() {
    let answered = Arc::new(AtomicUsize::new(0));
    let server = Server::start({
        let answered = Arc::clone(&answered);
        move |stream| {
            let answered = Arc::clone(&answered);
            async move {
                let mut peer = Peer::new(stream);
                while peer.request().await.is_some() {
                    answered.fetch_add(1, Ordering::SeqCst);
                    peer.send(OK.as_bytes()).await;
                }
            }
        }
    });
    let quarter = Duration::from_secs(900);
    let mut job = server.job(&[Plan::Burst(3), Plan::Idle(quarter), Plan::Burst(2)]);
    let called = Arc::new(Mutex::new(Vec::new()));
    let calls = Arc::clone(&called);
    job.idle = IdleStrategy::Skip(SkipIdle::new(move |_| {
        let so_far = answered.load(Ordering::SeqCst);
        calls
            .lock()
            .map_err(|error| error.to_string())?
            .push(so_far);
        Ok(())
    }));
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!(*called.lock().expect("not poisoned"), [3]);
    let planned: Vec<_> = ran.samples.iter().map(|sample| sample.planned_us).collect();
    assert_eq!(planned[3], Some(900_000_000));
}

#[test]
fn an_idle_that_cannot_be_skipped_ends_the_run_with_the_reason() {
    let server = Server::answering(OK);
    let mut job = server.job(&[Plan::Idle(Duration::from_secs(900)), Plan::Burst(3)]);
    let refuse = |_| Err("no permission".to_owned().into());
    job.idle = IdleStrategy::Skip(SkipIdle::new(refuse));
    let ran = run(job);
    assert_eq!(ran.ended.totals.not_sent, 3);
    let EndReason::SkipFailed { step: 0, reason } = &ran.ended.end else {
        panic!("{:?}", ran.ended.end);
    };
    assert_eq!(reason.text, "no permission");
}

#[test]
fn the_first_signal_waits_for_answers_and_sends_no_more() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        peer.request().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        peer.send(OK.as_bytes()).await;
    });
    let stop = StopSignal::new();
    let hour = Plan::Idle(Duration::from_secs(3600));
    let (events, running) = start(server.job(&[Plan::Burst(2), hour, Plan::Burst(7)]), &stop);
    let mut seen = Vec::new();
    for event in &events {
        let idles = matches!(event, EngineEvent::IdleStarted { .. });
        seen.push(event);
        if idles {
            stop.signal();
            break;
        }
    }
    seen.extend(events);
    let ran = finish(seen, running.join().expect("no panic"));
    assert_eq!(ran.ended.end, EndReason::Stopped);
    assert_eq!(ran.outcomes(), [Outcome::Ok, Outcome::Ok]);
    assert_eq!(ran.ended.totals.not_sent, 7);
}

#[test]
fn the_second_signal_cuts_off_what_is_in_flight() {
    // It never answers, so that only a cut can end the run before the timeout.
    let requests = Arc::new(tokio::sync::Semaphore::new(0));
    let server = Server::start({
        let requests = Arc::clone(&requests);
        move |stream| {
            let requests = Arc::clone(&requests);
            async move {
                let mut peer = Peer::new(stream);
                while peer.request().await.is_some() {
                    requests.add_permits(1);
                }
            }
        }
    });
    let stop = StopSignal::new();
    let mut job = server.job(&burst(6));
    job.request.timeout = Duration::from_secs(3600);
    job.max_in_flight = 4;
    let (events, running) = start(job, &stop);
    wait_for(&requests, 4);
    stop.signal();
    stop.signal();
    let ran = finish(
        events.into_iter().collect(),
        running.join().expect("no panic"),
    );
    assert_eq!(ran.ended.end, EndReason::Stopped);
    assert_eq!(ran.ended.totals.failed, 4);
    assert_eq!(ran.ended.totals.sent, 4);
    assert_eq!(ran.ended.totals.not_sent, 2);
    assert_eq!(ran.samples.len(), 6, "the two that waited in line were due");
}

/// Blocks until so many permits were given.
fn wait_for(requests: &tokio::sync::Semaphore, count: u32) {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(async { drop(requests.acquire_many(count).await) });
}

#[test]
fn a_phase_that_only_fails_ends_the_run() {
    let server = Server::answering("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n");
    let mut job = server.job(&[Plan::Rate(500, 500, None)]);
    job.give_up = Some(FailureLimit {
        share: 0.5,
        after: 10,
    });
    let ran = run(job);
    let EndReason::GaveUp {
        step: 0,
        failed,
        of,
    } = ran.ended.end
    else {
        panic!("{:?}", ran.ended.end);
    };
    assert_eq!((failed, of), (10, 10));
    assert!(ran.ended.totals.not_sent > 300);
}

#[test]
fn failures_that_were_asked_for_do_not_end_the_run() {
    let server = Server::answering("HTTP/1.1 502 Bad\r\ncontent-length: 0\r\n\r\n");
    let mut job = server.job(&[Plan::Rate(1000, 50, Some(Fault::Error))]);
    job.give_up = Some(FailureLimit {
        share: 0.5,
        after: 10,
    });
    let ran = run(job);
    ran.all(Outcome::HttpError);
    assert_eq!(ran.ended.end, EndReason::Completed);
}
