//! What a closed loop promises.

use std::{sync::mpsc, thread, time::Duration};

use loadgen::{
    engine::{self, ClosedJob, EndReason, EngineEvent, StopSignal},
    sample::Outcome,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{OK, Ran, Server, burst, finish};

fn closed(server: &Server, connections: usize, length: Duration, stop: &StopSignal) -> Ran {
    let job = server.job(&burst(1));
    let job = ClosedJob {
        target: job.target,
        request: job.request,
        connections,
        length,
        connection_use: Default::default(),
        tls: None,
        part: Default::default(),
    };
    run_closed(job, stop)
}

/// Runs a closed loop to its end, and checks what must hold of every run.
pub fn run_closed(job: ClosedJob, stop: &StopSignal) -> Ran {
    let (tell, events) = mpsc::channel();
    let stop = stop.clone();
    let running = thread::spawn(move || {
        engine::closed(job, move |event| drop(tell.send(event)), &stop).expect("it begins")
    });
    let mut seen = Vec::new();
    for event in events {
        seen.push(event);
    }
    finish(seen, running.join().expect("no panic"))
}

#[test]
fn a_closed_loop_keeps_each_connection_busy_until_time_is_up() {
    let server = Server::answering(OK);
    let length = Duration::from_millis(200);
    let ran = closed(&server, 5, length, &StopSignal::new());
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.end, EndReason::Completed);
    assert_eq!(ran.ended.connections, 5);
    assert!(ran.samples.len() > 5);
    let length_us = length.as_micros() as u64;
    for sample in &ran.samples {
        assert_eq!((sample.planned_us, sample.response_us()), (None, None));
        assert!(sample.service_us().is_some());
        // A request begins before time is up, if only just.
        let began = sample.sent_us.expect("sent");
        assert!(began < length_us + 50_000);
    }
    assert!(ran.ended.ended_us >= length_us);
}

#[test]
fn a_closed_loop_can_be_stopped() {
    let server = Server::answering(OK);
    let stop = StopSignal::new();
    stop.signal();
    let ran = closed(&server, 3, Duration::from_secs(3600), &stop);
    assert_eq!(ran.ended.end, EndReason::Stopped);
    assert!(ran.samples.len() <= 3);
    assert!(matches!(
        ran.events[0],
        EngineEvent::StepStarted { step: 0 }
    ));
}

/// Answers every other request of a connection, and closes it on the next without a word.
async fn answer_once(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    if stream.read(&mut buffer).await.is_ok_and(|read| read > 0)
        && stream.write_all(OK.as_ref()).await.is_ok()
    {
        let _ = stream.read(&mut buffer).await;
    }
}

#[test]
fn what_a_kept_connection_takes_to_its_grave_is_sent_once_more_where_it_may_be_repeated() {
    let server = Server::start(answer_once);
    for (method, may_be_repeated) in [("GET", true), ("PUT", true), ("POST", false)] {
        let job = server.job(&burst(1));
        let mut request = job.request;
        request.method = method.to_owned();
        let job = ClosedJob {
            target: job.target,
            request,
            connections: 2,
            length: Duration::from_millis(100),
            connection_use: Default::default(),
            tls: None,
            part: Default::default(),
        };
        let ran = run_closed(job, &StopSignal::new());
        assert_eq!(ran.ended.resent > 0, may_be_repeated, "{method}");
        let lost = ran.outcomes().contains(&Outcome::ConnectionClosed);
        assert_eq!(lost, !may_be_repeated, "{method}");
    }
}

#[test]
fn a_closed_loop_that_fails_at_once_waits_longer_each_time_and_can_be_stopped() {
    let server = Server::start(|stream| async move { drop(stream) });
    let length = Duration::from_millis(600);
    let ran = closed(&server, 10, length, &StopSignal::new());
    assert_eq!(ran.ended.totals.completed, 0);
    // 1, 2, 4, ... 128 ms: nine or ten tries each, and one connection opened ahead.
    assert!(ran.samples.len() <= 150, "{}", ran.samples.len());
    assert!(ran.ended.connections <= ran.samples.len() as u64 + 10);
}
