//! loadgen beside its peers: `cargo bench --bench compare`.
//!
//! Interleaved rounds against one server, server and clients on a processor of their own where
//! there are two. Peers that are not installed are left out and named: wrk and hey come with
//! Debian (`apt-get install wrk hey`), oha by `cargo install oha`. Linux only, for
//! it reads `/proc`. The table goes to stdout and to `benches/compare.md`.

mod measured;
mod peers;
mod server;

use std::{error::Error, fmt::Write as _, fs, time::Duration};

use jiff::Timestamp;
use measured::{Measured, processor};
use peers::{Latencies, Peer};
use server::Server;

/// How often each measurement is taken; medians are shown.
const ROUNDS: usize = 3;
/// How long a closed loop runs.
const CLOSED: Duration = Duration::from_secs(5);
/// How long an open loop runs, with a stall of a sixth of it.
const OPEN: Duration = Duration::from_secs(6);
const CONNECTIONS: u32 = 50;
const RATES: [u32; 3] = [1_000, 5_000, 20_000];

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, stalls] = words.as_slice()
        && serve == "serve"
    {
        return server::serve(stalls == "stalling");
    }
    let (found, missing): (Vec<Peer>, Vec<Peer>) =
        Peer::ALL.into_iter().partition(|peer| peer.is_installed());
    for peer in &missing {
        eprintln!(
            "{} is not installed and left out: {}",
            peer.name(),
            peer.way()
        );
    }
    let mut table = heading()?;
    closed(&found, &mut table)?;
    open(&found, &mut table)?;
    print!("{table}");
    fs::write("benches/compare.md", table)?;
    Ok(())
}

fn heading() -> Result<String, Box<dyn Error>> {
    let info = fs::read_to_string("/proc/cpuinfo")?;
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    let count = std::thread::available_parallelism()?;
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or("?");
    Ok(format!(
        "# loadgen beside its peers\n\n{}, {count} × {model}, load average {load} before the \
         first round. Medians of {ROUNDS} interleaved rounds; ratios say more than figures.\n",
        Timestamp::now().strftime("%Y-%m-%d"),
    ))
}

/// Requests for each second of processor time, and memory.
fn closed(peers: &[Peer], table: &mut String) -> Result<(), Box<dyn Error>> {
    let server = Server::start("steady")?;
    let mut rounds: Vec<Vec<(f64, f64)>> = vec![Vec::new(); peers.len()];
    for round in 1..=ROUNDS {
        for (peer, results) in peers.iter().zip(&mut rounds) {
            eprintln!("closed loop, round {round}: {}", peer.name());
            let command = peer.closed(&server.url(), CLOSED, CONNECTIONS);
            let Measured {
                said,
                cpu,
                peak_mib,
            } = measured::run(command, processor(1))?;
            let answered = peer.answered(&said)?;
            results.push((answered as f64 / cpu.as_secs_f64(), peak_mib));
        }
    }
    writeln!(
        table,
        "\n## Closed loop: {CONNECTIONS} connections, {} s\n\n\
         | tool | requests per CPU-second | of wrk's | of oha's | peak memory, MiB |\n\
         |---|---|---|---|---|",
        CLOSED.as_secs()
    )?;
    let of = |wanted: Peer| peers.iter().position(|peer| *peer == wanted);
    for (peer, results) in peers.iter().zip(&rounds) {
        let against = |other: Peer| {
            let Some(other) = of(other).and_then(|index| rounds.get(index)) else {
                return "-".to_owned();
            };
            let ratios = results
                .iter()
                .zip(other)
                .map(|(ours, theirs)| ours.0 / theirs.0);
            format!("{:.2}", median(ratios))
        };
        writeln!(
            table,
            "| {} | {:.0} | {} | {} | {:.1} |",
            peer.name(),
            median(results.iter().map(|result| result.0)),
            against(Peer::Wrk),
            against(Peer::Oha),
            median(results.iter().map(|result| result.1)),
        )?;
    }
    Ok(())
}

/// Response times while the server stalls for a second in six, and how late requests leave.
fn open(peers: &[Peer], table: &mut String) -> Result<(), Box<dyn Error>> {
    writeln!(
        table,
        "\n## Open loop with a stall of 1 s in 6 s\n\n\
         True response times, were the server to catch up at once: p90 400 ms, p95 700 ms, p99 \
         940 ms. Send lag is the median and \
         p99 of a run without a stall, where the tool reports it.\n\n\
         | tool | rate | p90, ms | p95, ms | p99, ms | requests sent | lag p50, ms | lag p99, ms |\n\
         |---|---|---|---|---|---|---|---|"
    )?;
    for rate in RATES {
        for peer in peers {
            let mut stalled: Vec<(Latencies, u64)> = Vec::new();
            let mut lags: Vec<(f64, f64)> = Vec::new();
            for round in 1..=ROUNDS {
                eprintln!("{rate}/s, round {round}: {}", peer.name());
                let server = Server::start("stalling")?;
                let Some(command) = peer.open(&server.url(), OPEN, CONNECTIONS, rate) else {
                    break;
                };
                let said = measured::run(command, processor(1))?.said;
                stalled.push((peer.latencies(&said)?, peer.answered(&said)?));
                let server = Server::start("steady")?;
                let command = peer.open(&server.url(), OPEN, CONNECTIONS, rate);
                if let (Peer::Loadgen, Some(command)) = (*peer, command) {
                    lags.push(peers::send_lag(
                        &measured::run(command, processor(1))?.said,
                    )?);
                }
            }
            if stalled.is_empty() {
                continue;
            }
            let of = |value: fn(&Latencies) -> f64| median(stalled.iter().map(|run| value(&run.0)));
            let planned = f64::from(rate) * OPEN.as_secs_f64();
            let sent = median(stalled.iter().map(|run| run.1 as f64)) / planned;
            let lag = |value: fn(&(f64, f64)) -> f64| match lags.is_empty() {
                true => "-".to_owned(),
                false => format!("{:.3}", median(lags.iter().map(value))),
            };
            writeln!(
                table,
                "| {} | {rate}/s | {:.0} | {:.0} | {:.0} | {:.0} % | {} | {} |",
                peer.name(),
                of(|run| run.p90),
                of(|run| run.p95),
                of(|run| run.p99),
                sent * 100.0,
                lag(|lag| lag.0),
                lag(|lag| lag.1),
            )?;
        }
    }
    Ok(())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
