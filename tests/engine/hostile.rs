//! Servers that break the rules. Whatever they do, each request ends in one counted class and
//! what came before is kept.

use std::{sync::Arc, time::Duration};

use loadgen::{engine::EndReason, sample::Outcome};
use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::{
    frames::reason,
    support::{OK, Peer, Plan, Ran, Server, burst, job, run, twice},
};

/// Three requests, answered by these bytes and the connection's end.
fn against(answer: impl Into<Vec<u8>>) -> Ran {
    run(Server::answering_once(answer).job(&burst(3)))
}

/// Three requests that have little time.
fn hurried(server: &Server) -> Ran {
    let mut job = server.job(&burst(3));
    job.request.timeout = Duration::from_millis(200);
    run(job)
}

#[test]
fn what_is_not_http_is_a_bad_response() {
    for garbage in [
        &b"\0\0\0\0"[..],
        b"hello there\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"HTTP/3.0 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    ] {
        against(garbage).all(Outcome::BadResponse);
    }
}

#[test]
fn a_head_that_curl_reads_is_read_where_the_responses_end_stays_certain() {
    for head in [
        "HTTP/1.1 200 OK\r\nset-cookie: a=\u{1}b\r\ncontent-length: 2",
        "HTTP/1.1 200 OK\r\nPHP Warning: something on line 0\r\ncontent-length: 2",
        "HTTP/1.1 200 OK\r\nno colon\r\ncontent-length : 2",
        "HTTP/1.1 200 OK\r\nx-folded: one\r\n two\r\n\tthree\r\ncontent-length:\r\n 2",
        "HTTP/1.1  200  OK\r\n: no name\r\ncontent-length: 2",
        "HTTP/1.1 200 OK\ncontent-length: 2",
        "HTTP/1.1 200\r\nbad\u{e9}name: 1\r\ncontent-length: 2",
        "HTTP/1.1 200 OK\r\nPHP Notice: transfer\r\ntransfer-encoding: chunked\r\n\r\n2\nok\n0\n\n",
    ] {
        let body = if head.contains("chunked") {
            ""
        } else {
            "\r\n\r\nok"
        };
        against(format!("{head}{body}")).all(Outcome::Ok);
    }
    let cookies = "set-cookie: a=b\r\n".repeat(600);
    against(format!(
        "HTTP/1.1 200 OK\r\n{cookies}content-length: 2\r\n\r\nok"
    ))
    .all(Outcome::Ok);
}

#[test]
fn an_odd_line_that_may_say_where_the_response_ends_is_named() {
    for (line, said) in [
        (
            "content-length 2",
            "line 3 of the response's head, `content-length 2`",
        ),
        (
            "my transfer-encoding: chunked",
            "line 3 of the response's head, `my transfer-encoding`",
        ),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\nx: y\r\n{line}\r\n\r\nok");
        reason(&against(answer), said);
    }
}

#[test]
fn a_head_above_the_limits_is_refused_with_the_line_that_broke_them() {
    let head = "HTTP/1.1 200 OK\r\nx: y\r\n";
    let ran = against(format!("{head}x-big: {}\r\n\r\n", "a".repeat(300_000)));
    reason(&ran, "line 3, `x-big`");
    let ran = against(format!("{head}{}\r\n", "x-many: 1\r\n".repeat(1_100)));
    reason(&ran, "line 1,001, `x-many`");
}

#[test]
fn a_length_that_makes_no_sense_is_a_bad_response() {
    for length in [
        "-1",
        "+2",
        "2x",
        "",
        "99999999999999999999999",
        "2\r\ncontent-length: 3",
        "2, 3",
        "0x2",
    ] {
        against(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\nok"
        ))
        .all(Outcome::BadResponse);
    }
}

#[test]
fn the_same_length_said_twice_is_one_length() {
    against("HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\ncontent-length: 2\r\n\r\nok")
        .all(Outcome::Ok);
}

#[test]
fn bad_chunks_are_a_bad_response() {
    for chunks in [
        "x\r\n",
        "\r\n",
        "2\r\nokay\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n",
        "-2\r\nok\r\n0\r\n\r\n",
        "2\r\nok\rx0\r\n\r\n",
    ] {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        against(format!("{head}{chunks}")).all(Outcome::BadResponse);
    }
}

#[test]
fn chunks_with_extensions_and_trailers_are_counted_without_their_framing() {
    let answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                  5;a=\"b\"\r\nhello\r\n0b\r\n, new world\r\n0\r\nx-sum: 1\r\n\r\n";
    let ran = run(Server::answering(answer).job(&twice(1)));
    ran.all(Outcome::Ok);
    assert!(ran.samples.iter().all(|sample| sample.bytes == 16));
}

#[test]
fn half_a_body_is_an_incomplete_body_with_what_arrived() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\nhalf",
    ] {
        let ran = against(answer);
        ran.all(Outcome::IncompleteBody);
        assert_eq!(ran.samples[0].bytes, 4);
        assert_eq!(ran.samples[0].status, Some(200));
        assert!(ran.samples[0].first_byte_us.is_some());
    }
}

#[test]
fn a_body_that_ends_with_the_connection_is_whole() {
    for head in ["HTTP/1.1 200 OK", "HTTP/1.0 200 OK\r\nserver: old"] {
        let ran = against(format!("{head}\r\n\r\nall of it"));
        ran.all(Outcome::Ok);
        assert_eq!(ran.samples[0].bytes, 9);
    }
}

#[test]
fn a_server_that_closes_early_is_a_closed_connection() {
    for answer in ["", "HTTP/1.1", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"] {
        against(answer).all(Outcome::ConnectionClosed);
    }
}

#[test]
fn a_reset_is_a_closed_connection() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        peer.request().await;
        peer.0.get_ref().set_zero_linger().expect("a socket option");
    });
    run(server.job(&burst(3))).all(Outcome::ConnectionClosed);
}

#[test]
fn a_reset_within_the_body_is_an_incomplete_body() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        peer.request().await;
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            .await;
        // The reset must not overtake the bytes: they count as read once more is asked for.
        tokio::time::sleep(Duration::from_millis(50)).await;
        peer.0.get_ref().set_zero_linger().expect("a socket option");
    });
    run(server.job(&burst(3))).all(Outcome::IncompleteBody);
}

#[test]
fn a_server_that_half_closes_and_lingers_is_a_closed_connection() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        peer.request().await;
        let _ = peer.0.get_mut().shutdown().await;
        while peer.request().await.is_some() {}
    });
    run(server.job(&burst(3))).all(Outcome::ConnectionClosed);
}

/// Sends a beginning and then the same bytes forever.
fn endless(beginning: &'static str, more: &'static str) -> Server {
    Server::start(move |stream| async move {
        let mut peer = Peer::new(stream);
        peer.request().await;
        let more = more.repeat(1 + 64 * 1024 / more.len());
        peer.send(beginning.as_bytes()).await;
        while peer.send(more.as_bytes()).await {}
    })
}

#[test]
fn endless_heads_are_bad_responses() {
    for more in ["a: b\r\n", "a", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let beginning = match more {
            "a" => "HTTP/1.1 200 OK\r\nx: ",
            "a: b\r\n" => "HTTP/1.1 200 OK\r\n",
            _ => "",
        };
        run(endless(beginning, more).job(&burst(3))).all(Outcome::BadResponse);
    }
}

#[test]
fn an_endless_body_is_cut_off() {
    let server = endless("HTTP/1.1 200 OK\r\n\r\n", "body");
    let mut job = server.job(&burst(1));
    job.request.timeout = Duration::from_millis(300);
    let ran = run(job);
    let outcome = ran.samples[0].outcome;
    assert!(
        matches!(outcome, Outcome::TimedOut | Outcome::BadResponse),
        "by time or by size: {outcome:?}"
    );
}

#[test]
fn endless_chunk_extensions_are_a_bad_response() {
    let server = endless(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;",
        "x",
    );
    run(server.job(&burst(2))).all(Outcome::BadResponse);
}

#[test]
fn interim_answers_are_passed_over() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n\
                  HTTP/1.1 201 Created\r\ncontent-length: 3\r\n\r\nyes";
    let ran = run(Server::answering(answer).job(&twice(2)));
    ran.all(Outcome::Ok);
    assert!(ran.samples.iter().all(|sample| sample.status == Some(201)));
    assert_eq!(ran.ended.connections, 2);
}

#[test]
fn the_first_byte_is_that_of_the_final_answer() {
    let pause = Duration::from_millis(60);
    let server = Server::start(move |stream| async move {
        let mut peer = Peer::new(stream);
        peer.request().await;
        peer.send(b"HTTP/1.1 102 Processing\r\n\r\n").await;
        tokio::time::sleep(pause).await;
        peer.send(OK.as_bytes()).await;
    });
    let ran = run(server.job(&burst(1)));
    let sample = &ran.all(Outcome::Ok).samples[0];
    let waited = sample
        .first_byte_us
        .zip(sample.sent_us)
        .map(|(first, sent)| first - sent);
    assert!(waited >= Some(pause.as_micros() as u64), "{waited:?}");
}

#[test]
fn a_204_with_a_body_is_an_answer_and_the_end_of_its_connection() {
    let answer = "HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\nbody";
    let step = Plan::Rate(50, 4, None);
    let ran = run(Server::answering(answer).job(&[step]));
    ran.all(Outcome::Ok);
    assert!(ran.samples.iter().all(|sample| sample.bytes == 0));
    assert!(ran.ended.connections >= 4);
}

#[test]
fn garbage_after_an_answer_never_becomes_the_next_answer() {
    let answer = format!("{OK}HTTP/1.1 500 Planted\r\ncontent-length: 0\r\n\r\n");
    let ran = run(Server::answering(answer).job(&[Plan::Rate(50, 6, None)]));
    ran.all(Outcome::Ok);
}

#[test]
fn garbage_on_an_idle_connection_never_becomes_the_next_answer() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        while peer.request().await.is_some() {
            peer.send(OK.as_bytes()).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
            peer.send(b"HTTP/1.1 500 Planted\r\ncontent-length: 0\r\n\r\n")
                .await;
        }
    });
    let idle = Plan::Idle(Duration::from_millis(100));
    run(server.job(&[Plan::Burst(2), idle, Plan::Burst(2)])).all(Outcome::Ok);
}

#[test]
fn lengths_told_in_two_ways_end_the_connection() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\ntransfer-encoding: chunked\r\n\r\n\
                  2\r\nok\r\n0\r\n\r\n";
    let ran = run(Server::answering(answer).job(&[Plan::Rate(50, 3, None)]));
    ran.all(Outcome::Ok);
    assert!(ran.ended.connections >= 3);
}

#[test]
fn the_answer_to_head_has_no_body_whatever_its_length_says() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
    let mut job = server.job(&twice(1));
    job.request.method = "HEAD".to_owned();
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.connections, 1);
}

#[test]
fn a_server_that_never_answers_is_timed_out() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        while peer.request().await.is_some() {}
    });
    let ran = hurried(&server);
    ran.all(Outcome::TimedOut);
    assert_eq!(ran.ended.totals.timed_out, 3);
    for sample in &ran.samples {
        assert!(sample.service_us() >= Some(200_000));
    }
}

#[test]
fn a_body_that_drips_is_timed_out() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        peer.request().await;
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
            .await;
        while peer.send(b"x").await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let ran = hurried(&server);
    ran.all(Outcome::TimedOut);
    assert!(
        ran.samples
            .iter()
            .all(|sample| sample.first_byte_us.is_some())
    );
}

#[test]
fn a_head_that_drips_is_read() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        while peer.request().await.is_some() {
            for byte in OK.bytes() {
                peer.send(&[byte]).await;
                tokio::task::yield_now().await;
            }
        }
    });
    run(server.job(&twice(2))).all(Outcome::Ok);
}

#[test]
fn a_server_that_answers_before_it_has_read_all_is_heard() {
    let server = Server::start(|stream| async {
        let mut peer = Peer::new(stream);
        peer.send(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await;
        // Reading nothing, so that the request's body cannot be written whole.
        tokio::time::sleep(Duration::from_millis(300)).await;
    });
    let mut job = server.job(&burst(2));
    job.connection_use.is_new = true;
    job.request.method = "POST".to_owned();
    job.request.body = vec![b'x'; 32 * 1024 * 1024];
    let ran = run(job);
    ran.all(Outcome::HttpError);
    assert_eq!(ran.samples[0].status, Some(413));
}

#[test]
fn a_large_body_is_sent_whole() {
    // The server answers once it has read all that the length promised.
    let server = Server::answering(OK);
    let mut job = server.job(&burst(2));
    job.request.method = "PUT".to_owned();
    job.request.body = vec![b'x'; 8 * 1024 * 1024];
    run(job).all(Outcome::Ok);
}

#[test]
fn a_refused_connection_is_told_as_such() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}/", free.local_addr().expect("bound"));
    drop(free);
    let ran = run(job(&address, &burst(5)));
    ran.all(Outcome::ConnectionRefused);
    assert_eq!(ran.ended.end, EndReason::Completed);
    assert_eq!(ran.ended.totals.sent, 0);
    assert_eq!(ran.ended.reasons.len(), 1);
    assert_eq!(ran.ended.reasons[0].count, 5);
}

#[test]
fn a_name_that_does_not_resolve_is_told_as_such() {
    let mut job = job("http://no-such-host.invalid/", &burst(3));
    job.request.timeout = Duration::from_secs(60);
    run(job).all(Outcome::DnsFailure);
}

#[test]
fn a_server_that_lets_nobody_in_is_timed_out() {
    // A listener that accepts nothing and whose queue is full.
    let full = async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket
            .bind(([127, 0, 0, 1], 0).into())
            .expect("a free port");
        let listener = socket.listen(1).expect("it listens");
        let address = listener.local_addr().expect("bound");
        let mut queued = Vec::new();
        while let Ok(Ok(stream)) = tokio::time::timeout(
            Duration::from_millis(100),
            tokio::net::TcpStream::connect(address),
        )
        .await
        {
            queued.push(stream);
        }
        (listener, queued, address)
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let (_listener, _queued, address): (TcpListener, _, _) = runtime.block_on(full);
    let mut job = job(&format!("http://{address}/"), &burst(2));
    job.request.timeout = Duration::from_millis(200);
    let ran = run(job);
    ran.all(Outcome::TimedOut);
    assert!(ran.samples.iter().all(|sample| sample.sent_us.is_none()));
}

#[test]
fn a_server_that_closes_every_other_connection_loses_no_request() {
    let turn = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let server = Server::start(move |stream| {
        let turn = Arc::clone(&turn);
        async move {
            let mut peer = Peer::new(stream);
            while peer.request().await.is_some() {
                let turn = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if !turn.is_multiple_of(3) {
                    peer.send(OK.as_bytes()).await;
                }
                if turn.is_multiple_of(2) {
                    return;
                }
            }
        }
    });
    let mut job = server.job(&[Plan::Burst(30), Plan::Rate(2000, 200, None)]);
    job.request.timeout = Duration::from_millis(500);
    let ran = run(job);
    assert_eq!(ran.ended.totals.planned, 230);
    assert_eq!(ran.ended.totals.not_sent, 0);
}

#[test]
fn being_asked_to_retry_later_is_counted_and_not_obeyed() {
    let answer = "HTTP/1.1 429 Slow Down\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n";
    let ran = run(Server::answering(answer).job(&twice(2)));
    ran.all(Outcome::Throttled);
    assert_eq!(ran.ended.retry_after, 4);
}

/// Closes every connection as soon as it is open.
fn closing_at_once() -> Server {
    Server::start(|stream| async move { drop(stream) })
}

#[test]
fn connections_that_close_as_they_open_are_tried_a_bounded_number_of_times() {
    let mut job = closing_at_once().job(&twice(50));
    job.max_in_flight = 50;
    let ran = run(job);
    assert_eq!(ran.ended.totals.completed + ran.ended.totals.not_sent, 0);
    // Each burst opens its connections ahead, and each request one of its own.
    assert!(ran.ended.connections <= 200, "{}", ran.ended.connections);
}

#[test]
fn a_rate_that_cannot_be_kept_ends_one_timeout_after_its_plan() {
    let silent = Server::start(|stream| async move {
        let mut peer = Peer::new(stream);
        while peer.request().await.is_some() {}
    });
    let mut job = silent.job(&[Plan::Rate(1_000, 200, None)]);
    job.max_in_flight = 5;
    job.request.timeout = Duration::from_millis(300);
    let ran = run(job);
    assert_eq!(ran.ended.end, EndReason::QueueExpired);
    let totals = ran.ended.totals;
    assert_eq!(totals.timed_out + totals.not_sent, 200);
    assert!((5..=15).contains(&totals.timed_out), "{totals:?}");
    assert!(ran.ended.ended_us < 1_500_000);
}

#[test]
fn a_request_is_sent_a_second_time_only_as_often_as_allowed() {
    let server = Server::start(|stream| async move {
        let mut peer = Peer::new(stream);
        peer.request().await;
        peer.send(OK.as_bytes()).await;
        peer.request().await;
    });
    let pause = Plan::Idle(Duration::from_millis(50));
    let plan = [
        Plan::Burst(1),
        pause,
        Plan::Burst(1),
        pause,
        Plan::Burst(1),
        pause,
        Plan::Burst(1),
    ];
    let mut job = server.job(&plan);
    job.max_in_flight = 1;
    job.most_resent = 1;
    let ran = run(job);
    assert_eq!(ran.ended.resent, 1);
    assert_eq!(ran.ended.totals.completed, 3, "{:?}", ran.ended.reasons);
}
