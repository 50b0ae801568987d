//! A long open loop: planned is sent, memory stays flat, files stay small.

use std::{
    error::Error,
    fs,
    io::{Read, Seek},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    closed::CONNECTIONS,
    measured::{memory_mib, pinned, processor},
    peers::Peer,
    server::Server,
};

const RATE: u32 = 2_000;
/// How often memory is looked at.
const EVERY: Duration = Duration::from_secs(15);

/// Runs for so long and prints what was found.
pub fn run(length: Duration) -> Result<(), Box<dyn Error>> {
    let server = Server::start("steady")?;
    let place = tempfile::tempdir()?;
    let folder = place.path().join("run");
    let mut command = Peer::Loadgen
        .open(&server.url(), length, CONNECTIONS, RATE)
        .ok_or("loadgen keeps a rate")?;
    command.arg("--out").arg(&folder);
    println!("{RATE}/s for {} s", length.as_secs());
    let mut out = tempfile::tempfile()?;
    let started = Instant::now();
    let mut child = pinned(command, processor(1))
        .stdout(out.try_clone()?)
        .stderr(Stdio::null())
        .spawn()?;
    let mut looked = Instant::now();
    while child.try_wait()?.is_none() {
        if looked.elapsed() >= EVERY {
            looked = Instant::now();
            let now = memory_mib(child.id(), "VmRSS:").unwrap_or(f64::NAN);
            println!("after {:4} s: {now:.1} MiB", started.elapsed().as_secs());
        }
        thread::sleep(Duration::from_millis(100));
    }
    let mut said = String::new();
    out.rewind()?;
    out.read_to_string(&mut said)?;
    let run: Value = serde_json::from_str(&said)?;
    for what in ["requests", "schedule", "samples"] {
        println!("{what}: {}", run[what]);
    }
    println!("response: {}", run["latency_ms"]["response"]["all"]);
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let mib = entry.metadata()?.len() as f64 / (1024.0 * 1024.0);
        println!("{}: {mib:.2} MiB", entry.file_name().to_string_lossy());
    }
    Ok(())
}
