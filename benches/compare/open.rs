//! Open loops: the truth under a stall, and how late requests leave.

use std::{error::Error, fmt::Write as _, time::Duration};

use crate::{
    ROUNDS,
    closed::{self, CONNECTIONS},
    measured::{self, processor},
    peers::{self, Latencies, Peer},
    server::Server,
    table::{cell, median, ratio},
};

/// How long one runs; the server stalls for a second of it.
const LENGTH: Duration = Duration::from_secs(6);
const RATES: [u32; 3] = [1_000, 5_000, 20_000];
/// The percentiles that are held against the truth.
const QUANTILES: [f64; 3] = [0.9, 0.95, 0.99];

#[derive(Default)]
struct Round {
    stalled: Option<(Latencies, u64)>,
    lag: Option<(f64, f64)>,
}

/// Measures and writes the tables.
pub fn compare(found: &[Peer], page: &mut String) -> Result<(), Box<dyn Error>> {
    let peers: Vec<Peer> = found
        .iter()
        .copied()
        .filter(|peer| *peer != Peer::Wrk)
        .collect();
    let mut lags = String::new();
    writeln!(
        page,
        "\n**Truth under a stall: {} s with the server frozen for 1 s**\n\n\
         What was planned while the server is frozen waits for the rest of that second, and then \
         for the backlog to drain as fast as the server can. \"True\" counts both; what the server \
         can is looked at in each round, as the most that wrk or loadgen gets in a closed loop of \
         2 s. wrk has no rate.\n\n\
         | rate | tool | p90, ms | p95, ms | p99, ms | of the true | requests answered |\n\
         |---|---|---|---|---|---|---|",
        LENGTH.as_secs(),
    )?;
    for rate in RATES {
        let mut rounds: Vec<Vec<Round>> = peers.iter().map(|_| Vec::new()).collect();
        let (mut truths, mut capacities) = (Vec::new(), Vec::new());
        for number in 1..=ROUNDS {
            let capacity = closed::capacity(found)?;
            capacities.push(capacity);
            truths.push(QUANTILES.map(|quantile| truth(quantile, f64::from(rate), capacity)));
            for (peer, rounds) in peers.iter().zip(&mut rounds) {
                eprintln!("{rate}/s, round {number}: {}", peer.name());
                rounds.push(round(*peer, rate));
            }
        }
        let [p90, p95, p99] = [0, 1, 2].map(|place| {
            let of_rounds = truths.iter().map(|truth: &[f64; 3]| truth[place]);
            cell(median(of_rounds), 0)
        });
        let drains = cell(median(capacities), 0);
        writeln!(
            page,
            "| {rate}/s | *true* | {p90} | {p95} | {p99} | drains at {drains}/s | |"
        )?;
        let bare = peers.iter().position(|peer| *peer == Peer::Bare);
        let bare = bare.and_then(|index| rounds.get(index));
        for (peer, rounds) in peers.iter().zip(&rounds) {
            let values = |place: usize| {
                let of_round = move |round: &Round| Some(round.stalled.as_ref()?.0[place]);
                rounds.iter().map(of_round)
            };
            let against = [0, 1, 2].map(|place| {
                let truths = truths.iter().map(|truth| Some(truth[place]));
                cell(ratio(values(place), truths), 3)
            });
            let values = [0, 1, 2].map(|place| median(values(place).flatten()));
            let answered = rounds.iter().filter_map(|round| round.stalled.as_ref());
            let planned = f64::from(rate) * LENGTH.as_secs_f64();
            let answered = median(answered.map(|(_, count)| *count as f64 / planned * 100.0));
            writeln!(
                page,
                "| {rate}/s | {} | {} | {} | {} | {} | {} % |",
                peer.name(),
                cell(values[0], 0),
                cell(values[1], 0),
                cell(values[2], 0),
                against.join(", "),
                cell(answered, 1),
            )?;
            let lag = |of: fn(&(f64, f64)) -> f64| {
                median(rounds.iter().filter_map(|round| round.lag.as_ref().map(of)))
            };
            let p99 = |round: &Round| round.lag.map(|lag| lag.1);
            let against = bare.and_then(|bare| ratio(rounds.iter().map(p99), bare.iter().map(p99)));
            if rounds.iter().any(|round| round.lag.is_some()) {
                writeln!(
                    lags,
                    "| {rate}/s | {} | {} | {} | {} |",
                    peer.name(),
                    cell(lag(|lag| lag.0), 3),
                    cell(lag(|lag| lag.1), 3),
                    cell(against, 2),
                )?;
            }
        }
    }
    write!(
        page,
        "\n**Send lag, without a stall**\n\n\
         How late requests leave. The bare loop is a hyper client on tokio's timer; other tools do \
         not report it.\n\n\
         | rate | tool | p50, ms | p99, ms | p99 of the bare loop's |\n|---|---|---|---|---|\n{lags}"
    )?;
    Ok(())
}

/// The true quantile of response times in ms, when the server is frozen for the first of
/// [`LENGTH`] seconds: a request planned t into the freeze waits 1 s - t and for the t × rate
/// before it, so waits fall linearly from 1 s to 0 over 1 / (1 - rate / capacity) seconds.
fn truth(quantile: f64, rate: f64, capacity: f64) -> f64 {
    let busy = (rate / capacity).min(1.0);
    1e3 * (1.0 - (1.0 - quantile) * LENGTH.as_secs_f64() * (1.0 - busy)).max(0.0)
}

fn round(peer: Peer, rate: u32) -> Round {
    let attempt = || -> Result<Round, Box<dyn Error>> {
        let server = Server::start("stalling")?;
        let Some(command) = peer.open(&server.url(), LENGTH, CONNECTIONS, rate) else {
            return Ok(Round::default());
        };
        let said = measured::run(command, processor(1))?.said;
        let stalled = Some((peer.latencies(&said)?, peer.answered(&said)?));
        drop(server);
        let server = Server::start("steady")?;
        let lag = match (peer, peer.open(&server.url(), LENGTH, CONNECTIONS, rate)) {
            (Peer::Loadgen | Peer::Bare, Some(command)) => Some(peers::send_lag(
                &measured::run(command, processor(1))?.said,
            )?),
            _ => None,
        };
        Ok(Round { stalled, lag })
    };
    attempt().unwrap_or_else(|error| {
        eprintln!("{} is left out: {error}", peer.name());
        Round::default()
    })
}
