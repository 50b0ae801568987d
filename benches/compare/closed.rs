//! Closed loops: requests for each second of processor time, and memory.

use std::{error::Error, fmt::Write as _, time::Duration};

use crate::{
    ROUNDS,
    measured::{self, processor},
    peers::Peer,
    server::Server,
    table::{cell, median, ratio},
};

const LENGTH: Duration = Duration::from_secs(4);
/// How long the server's capacity is looked at.
const SHORT: Duration = Duration::from_secs(2);
pub const CONNECTIONS: u32 = 50;
/// For the second figure on memory.
const MANY: u32 = 2_000;

#[derive(Clone, Copy, Default)]
struct Round {
    per_cpu_second: Option<f64>,
    per_second: Option<f64>,
    peak_mib: Option<f64>,
}

/// Measures and writes the table.
pub fn compare(peers: &[Peer], page: &mut String) -> Result<(), Box<dyn Error>> {
    let server = Server::start("steady")?;
    let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); peers.len()];
    for number in 1..=ROUNDS {
        for (peer, rounds) in peers.iter().zip(&mut rounds) {
            eprintln!("closed loop, round {number}: {}", peer.name());
            rounds.push(round(*peer, &server, CONNECTIONS, LENGTH));
        }
    }
    let many: Vec<Round> = peers
        .iter()
        .map(|peer| {
            eprintln!("{MANY} connections: {}", peer.name());
            round(*peer, &server, MANY, LENGTH)
        })
        .collect();
    writeln!(
        page,
        "\n**Closed loop: {CONNECTIONS} connections, {} s**\n\n\
         | tool | requests per CPU-second | of wrk's | of oha's | peak memory, MiB | \
         at {MANY} connections, MiB |\n|---|---|---|---|---|---|",
        LENGTH.as_secs()
    )?;
    let of = |wanted: Peer| {
        let index = peers.iter().position(|peer| *peer == wanted)?;
        rounds.get(index)
    };
    let speed = |round: &Round| round.per_cpu_second;
    for ((peer, measured), many) in peers.iter().zip(&rounds).zip(&many) {
        let against = |other: Peer| {
            let theirs = of(other)?.iter().map(speed);
            ratio(measured.iter().map(speed), theirs)
        };
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            peer.name(),
            cell(median(measured.iter().filter_map(speed)), 0),
            cell(against(Peer::Wrk), 2),
            cell(against(Peer::Oha), 2),
            cell(
                median(measured.iter().filter_map(|round| round.peak_mib)),
                1
            ),
            cell(many.peak_mib, 1),
        )?;
    }
    Ok(())
}

/// What the server answers in a second, at present: the most that wrk or loadgen gets answered.
pub fn capacity(peers: &[Peer]) -> Result<f64, Box<dyn Error>> {
    let server = Server::start("steady")?;
    let fast = [Peer::Wrk, Peer::Loadgen];
    let asked = fast.into_iter().filter(|peer| peers.contains(peer));
    let answered = asked.map(|peer| round(peer, &server, CONNECTIONS, SHORT).per_second);
    let most = answered.flatten().reduce(f64::max);
    most.ok_or_else(|| "neither wrk nor loadgen got an answer in a closed loop".into())
}

fn round(peer: Peer, server: &Server, connections: u32, length: Duration) -> Round {
    let command = peer.closed(&server.url(), length, connections);
    let measured = measured::run(command, processor(1)).and_then(|measured| {
        let answered = peer.answered(&measured.said)? as f64;
        Ok(Round {
            per_cpu_second: Some(answered / measured.cpu.as_secs_f64()),
            per_second: Some(answered / length.as_secs_f64()),
            peak_mib: Some(measured.peak_mib),
        })
    });
    measured.unwrap_or_else(|error| {
        eprintln!("{} is left out: {error}", peer.name());
        Round::default()
    })
}
