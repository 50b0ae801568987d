//! A server that does to each request what a seed says: resets, stalls, closes, odd heads and bad
//! ones, mixed on connections that are used again. `LOADGEN_FAULTS=100000` sends so many requests.

use std::{collections::BTreeMap, time::Duration};

use loadgen::{
    engine::EndReason,
    lambda::Fault,
    sample::{Outcome, Sample},
};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::support::{OK, Peer, Plan, Server, run};

/// What the server sends for each kind of request and whether it closes then, and what the request
/// must end as.
const KINDS: [(&str, End, Outcome); 24] = [
    (OK, End::Keep, Outcome::Ok),
    (
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nsum: 1\r\n\r\n",
        End::Keep,
        Outcome::Ok,
    ),
    (
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 None\r\n\r\n",
        End::Keep,
        Outcome::Ok,
    ),
    (
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        End::Close,
        Outcome::Ok,
    ),
    ("HTTP/1.1 200 OK\r\n\r\nto the end", End::Close, Outcome::Ok),
    // The next request on this connection is sent once more on another one.
    (OK, End::Close, Outcome::Ok),
    (
        "HTTP/1.1 200 OK\r\nset-cookie: a\u{1}b\r\nPHP Warning: x\r\ncontent-length : 2\r\n\r\nok",
        End::Keep,
        Outcome::Ok,
    ),
    (
        "HTTP/1.1 200\ncontent-length: 2\n\nok",
        End::Keep,
        Outcome::Ok,
    ),
    (
        "HTTP/1.1 429 Slow Down\r\nretry-after: 9\r\ncontent-length: 0\r\n\r\n",
        End::Keep,
        Outcome::Throttled,
    ),
    (
        "HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nno",
        End::Keep,
        Outcome::HttpError,
    ),
    (
        "HTTP/1.1 302 There\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
        End::Keep,
        Outcome::Redirected,
    ),
    ("", End::Close, Outcome::ConnectionClosed),
    ("", End::Reset, Outcome::ConnectionClosed),
    ("HTTP/1.1 20", End::Close, Outcome::ConnectionClosed),
    (
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        End::Close,
        Outcome::IncompleteBody,
    ),
    (
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf",
        End::Close,
        Outcome::IncompleteBody,
    ),
    ("hello\r\n\r\n", End::Close, Outcome::BadResponse),
    (
        "HTTP/1.1 200 OK\r\ncontent-length 2\r\n\r\nok",
        End::Close,
        Outcome::BadResponse,
    ),
    (
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
        End::Close,
        Outcome::BadResponse,
    ),
    (
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
        End::Close,
        Outcome::BadResponse,
    ),
    (
        "HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n",
        End::Close,
        Outcome::BadResponse,
    ),
    ("", End::Stall, Outcome::TimedOut),
    ("HTTP/1.1 200 OK\r\nx: ", End::Stall, Outcome::TimedOut),
    (
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        End::Stall,
        Outcome::TimedOut,
    ),
];

/// How many of the kinds, the last ones, stall: each takes a request's whole timeout.
const STALLS: usize = 3;

#[derive(Clone, Copy)]
enum End {
    Keep,
    Close,
    Reset,
    Stall,
}

/// Does what each request's fault header asks for.
async fn obey(mut peer: Peer) {
    while let Some(request) = peer.request().await {
        let asked = request.split_once("latency;ms=").map(|(_, rest)| rest);
        let asked = asked.and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
        let (answer, end, _) = KINDS[asked.expect("a kind")];
        peer.send(answer.as_bytes()).await;
        match end {
            End::Keep => {}
            End::Close => return,
            End::Reset => return peer.0.get_ref().set_zero_linger().expect("an option"),
            End::Stall => while peer.request().await.is_some() {},
        }
    }
}

#[test]
fn whatever_a_server_does_each_request_ends_in_the_class_of_what_was_done_to_it() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut kind = move || match random.random_range(0..60) {
        0 => KINDS.len() - 1 - random.random_range(0..STALLS),
        _ => random.random_range(0..KINDS.len() - STALLS),
    };
    let server = Server::start(|stream| obey(Peer::new(stream)));
    let many = std::env::var("LOADGEN_FAULTS").map(|many| many.parse().expect("a number"));
    let many = many.unwrap_or(3_000);
    let mut job = server.job(&[Plan::Rate(1_500, many, None)]);
    job.arrivals = Box::new(job.arrivals.map(move |mut arrival| {
        arrival.fault = Some(Fault::Latency(Duration::from_millis(kind() as u64)));
        arrival
    }));
    job.fault_key = Some("key".to_owned());
    job.request.timeout = Duration::from_secs(3);
    let ran = run(job);
    assert_eq!(ran.ended.end, EndReason::Completed);
    assert_eq!(ran.samples.len() as u64, many);
    let asked = |sample: &Sample| {
        let fault = sample.fault.as_deref().expect("a fault");
        let number = fault.trim_start_matches("latency;ms=").parse::<usize>();
        KINDS[number.expect("a kind")].2
    };
    let mut counts = BTreeMap::<Outcome, u64>::new();
    for sample in &ran.samples {
        assert_eq!(sample.outcome, asked(sample), "{sample:?}");
        *counts.entry(sample.outcome).or_default() += 1;
    }
    assert_eq!(counts.len(), 8, "{counts:?}");
    assert_eq!(ran.ended.totals.timed_out, counts[&Outcome::TimedOut]);
    assert!(ran.ended.resent > 0);
}
