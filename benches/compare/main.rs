//! loadgen beside its peers: `cargo bench --bench compare`, about eight minutes.
//!
//! Interleaved rounds against one server, server and clients on a processor of their own where
//! there are two. Peers that are not installed are left out and named: wrk and hey come with
//! Debian (`apt-get install wrk hey`), oha by `cargo install oha --locked`. Linux only, for
//! it reads `/proc`. The tables go to stdout and to `book/benchmarks/compare.md`.
//!
//! `cargo bench --bench compare -- flow` runs what a request costs that differs, one that uses a captured value, and
//! one that is always the same, and loadgen beside wrk.
//!
//! `cargo bench --bench compare -- soak [SECONDS]` runs loadgen alone at 2,000 a second, for ten
//! minutes unless said, and shows its memory over time and the size of its files.

mod bare;
mod closed;
mod flow;
mod measured;
mod open;
mod peers;
mod server;
mod soak;
mod table;

use std::{error::Error, fmt::Write as _, fs, time::Duration};

use jiff::Timestamp;
use peers::Peer;

/// How often each measurement is taken; medians are shown.
const ROUNDS: usize = 3;
const PAGE: &str = "book/benchmarks/compare.md";

fn main() -> Result<(), Box<dyn Error>> {
    // cargo adds `--bench`.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", kind] => server::serve(*kind == "stalling"),
        ["bare", url, seconds, connections, rate @ ..] => bare::run(
            url,
            Duration::from_secs(seconds.parse()?),
            connections.parse()?,
            rate.first().map(|rate| rate.parse()).transpose()?,
        ),
        ["soak"] => soak::run(Duration::from_secs(600)),
        ["soak", seconds] => soak::run(Duration::from_secs(seconds.parse()?)),
        ["flow"] => flow::run(),
        [] => compare(),
        _ => Err("nothing, or: flow, soak [SECONDS]".into()),
    }
}

fn compare() -> Result<(), Box<dyn Error>> {
    let (found, missing): (Vec<Peer>, Vec<Peer>) =
        Peer::ALL.into_iter().partition(|peer| peer.is_installed());
    let mut page = heading(&found, &missing)?;
    closed::compare(&found, &mut page)?;
    open::compare(&found, &mut page)?;
    writeln!(page, "\nLoad average after the last round: {}.", load()?)?;
    print!("{page}");
    if let Some(folder) = std::path::Path::new(PAGE).parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(PAGE, page)?;
    Ok(())
}

fn heading(found: &[Peer], missing: &[Peer]) -> Result<String, Box<dyn Error>> {
    let info = fs::read_to_string("/proc/cpuinfo")?;
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    let count = std::thread::available_parallelism()?;
    let mut page = format!(
        "Measured on {} on {count} × {model}, load average {} before the first round, server and \
         client on a processor of their own over loopback, answers of 21 bytes. Medians of \
         {ROUNDS} interleaved rounds; ratios say more than figures. Versions: {}.\n",
        Timestamp::now().strftime("%Y-%m-%d"),
        load()?,
        found
            .iter()
            .map(|peer| peer.version())
            .collect::<Vec<_>>()
            .join(", "),
    );
    for peer in missing {
        let line = format!("{} is not installed: {}.", peer.name(), peer.way());
        eprintln!("{line}");
        writeln!(page, "\n{line}")?;
    }
    Ok(page)
}

fn load() -> Result<String, Box<dyn Error>> {
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(load.split(' ').next().unwrap_or("?").to_owned())
}
