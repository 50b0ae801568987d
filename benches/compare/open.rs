//! Open loops: the truth under a stall, and how late requests leave.

use std::{error::Error, fmt::Write as _, time::Duration};

use crate::{
    ROUNDS,
    closed::CONNECTIONS,
    measured::{self, processor},
    peers::{self, Latencies, Peer},
    server::Server,
    table::{cell, median, ratio},
};

/// How long one runs; the server stalls for a second of it.
const LENGTH: Duration = Duration::from_secs(6);
const RATES: [u32; 3] = [1_000, 5_000, 20_000];

#[derive(Default)]
struct Round {
    stalled: Option<(Latencies, u64)>,
    lag: Option<(f64, f64)>,
}

/// Measures and writes the tables. `capacity` is what the server answers in a second.
pub fn compare(
    peers: &[Peer],
    capacity: Option<f64>,
    page: &mut String,
) -> Result<(), Box<dyn Error>> {
    let peers: Vec<Peer> = peers
        .iter()
        .copied()
        .filter(|peer| *peer != Peer::Wrk)
        .collect();
    let mut lags = String::new();
    writeln!(
        page,
        "\n**Truth under a stall: {} s with the server frozen for 1 s**\n\n\
         What was planned while the server is frozen waits for the rest of that second, and then \
         for the backlog to drain at the server's capacity of {} a second (the most that any tool \
         got in a closed loop). \"True\" counts both. wrk has no rate.\n\n\
         | rate | tool | p90, ms | p95, ms | p99, ms | of the true | requests answered |\n\
         |---|---|---|---|---|---|---|",
        LENGTH.as_secs(),
        cell(capacity, 0),
    )?;
    for rate in RATES {
        let mut rounds: Vec<Vec<Round>> = peers.iter().map(|_| Vec::new()).collect();
        for number in 1..=ROUNDS {
            for (peer, rounds) in peers.iter().zip(&mut rounds) {
                eprintln!("{rate}/s, round {number}: {}", peer.name());
                rounds.push(round(*peer, rate));
            }
        }
        let truth = [0.9, 0.95, 0.99].map(|quantile| truth(quantile, f64::from(rate), capacity));
        writeln!(
            page,
            "| {rate}/s | *true* | {:.0} | {:.0} | {:.0} | | |",
            truth[0], truth[1], truth[2]
        )?;
        let bare = peers.iter().position(|peer| *peer == Peer::Bare);
        let bare = bare.and_then(|index| rounds.get(index));
        for (peer, rounds) in peers.iter().zip(&rounds) {
            let value = |of: fn(&Latencies) -> f64| {
                let values = rounds.iter().filter_map(|round| round.stalled.as_ref());
                median(values.map(|(latencies, _)| of(latencies)))
            };
            let values = [
                value(|found| found.p90),
                value(|found| found.p95),
                value(|found| found.p99),
            ];
            let against: Vec<String> = values
                .iter()
                .zip(truth)
                .map(|(value, truth)| cell(value.map(|value| value / truth), 3))
                .collect();
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
fn truth(quantile: f64, rate: f64, capacity: Option<f64>) -> f64 {
    let busy = capacity.map_or(0.0, |capacity| (rate / capacity).min(1.0));
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
