//! What the sandbox adds to the modelled latency, and how many requests a second it answers with
//! their telemetry stored.
//!
//! `cargo bench --bench sandbox`. The client is a few threads with blocking sockets on the same
//! machine, so its own share is in the figures.

use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use loadgen::{
    sandbox::{Sandbox, SandboxOptions, TelemetryStorage},
    telemetry::store,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The modelled latency of a warm request.
const WARM: Duration = Duration::from_millis(5);

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("telemetry.db");
    let sandbox = Sandbox::embedded(SandboxOptions {
        data: TelemetryStorage::File(file.clone()),
        ..SandboxOptions::default()
    })?;
    let info = sandbox.info().clone();
    let host = info.datadog_url.trim_start_matches("http://").to_owned();

    let mut client = Client::connect(&host)?;
    let settings = format!(
        "{{\"init\": \"20ms\", \"warm\": \"{}ms\"}}",
        WARM.as_millis()
    );
    let path = "/_sandbox/functions/datadog-sample-entry-function";
    client.ask("PUT", path, &settings)?;

    let mut added: Vec<Duration> = Vec::new();
    while added.len() < 500 {
        let begin = Instant::now();
        let cold = client.ask("GET", "/datadog-sample-app-stage", "")?;
        let took = begin.elapsed();
        if !cold {
            added.push(took.saturating_sub(WARM));
        }
        // Long enough for the extension's flush, so that the environment is free again.
        thread::sleep(Duration::from_millis(40));
    }
    added.sort();
    let at = |share: f64| added[(added.len() as f64 * share) as usize];
    println!(
        "added to a modelled {WARM:?}, one request at a time: p50 {:?}, p99 {:?}, of {}",
        at(0.5),
        at(0.99),
        added.len()
    );

    for connections in [8, 64] {
        let begin = Instant::now();
        // The first half makes the environments; only the second is counted.
        let (counted_from, until) = (
            begin + Duration::from_secs(4),
            begin + Duration::from_secs(8),
        );
        let threads: Vec<_> = (0..connections)
            .map(|_| {
                let host = host.clone();
                thread::spawn(move || -> Outcome<u64> {
                    let mut client = Client::connect(&host)?;
                    let mut answered = 0;
                    while Instant::now() < until {
                        client.ask("GET", "/datadog-sample-app-stage", "")?;
                        answered += u64::from(Instant::now() > counted_from);
                    }
                    Ok(answered)
                })
            })
            .collect();
        let mut answered = 0;
        for thread in threads {
            answered += thread.join().map_err(|_| "a client panicked")??;
        }
        let took = counted_from.elapsed().as_secs_f64();
        println!(
            "{connections} connections, closed loop: {:.0} requests a second, each one trace with metrics and logs",
            answered as f64 / took
        );
    }
    sandbox.stop()?;
    let reader = store::StoreReader::open(&file)?;
    println!("stored: {:?}", reader.extent()?);
    println!("lost: {:?}", reader.losses()?);
    Ok(())
}

/// One connection that is kept.
struct Client {
    host: String,
    stream: BufReader<TcpStream>,
}

impl Client {
    fn connect(host: &str) -> Outcome<Client> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Client {
            host: host.to_owned(),
            stream: BufReader::new(stream),
        })
    }

    /// Sends a request and reads the whole answer; whether it was cold.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> Outcome<bool> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nUser-Agent: loadgen/bench\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.get_mut().write_all(head.as_bytes())?;
        let (mut length, mut cold) = (0, false);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse()?;
            }
            cold |= line == "x-loadgen-cold-start: true";
        }
        let mut rest = vec![0; length];
        self.stream.read_exact(&mut rest)?;
        Ok(cold)
    }
}
