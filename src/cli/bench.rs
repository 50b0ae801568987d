//! `loadgen bench`: a plain server, in a closed loop or at a rate, without scenario or Insights.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::{
    Exit, Failure,
    console::Console,
    flags::{ConnectionFlags, Global, RunsDir},
    interrupt,
    limits::Limits,
    sending::finish,
    sharing::SharingFlags,
};
use crate::{
    engine::StopSignal,
    lang::{Phrase, texts},
    run::{Benchmark, GuardRails, bench},
    scenario::{TlsOptions, read_body},
    units::parse_duration,
};

texts! {
    const;
    NO_LENGTH: "it must be above zero", "0보다 길어야 합니다";
    NO_RATE: "write requests a second, for example 5000/s", "초당 요청 수를 쓰세요. 예: 5000/s";
    no_data(said: &str, why: String): "--data {}: {}", "--data {}: {}";
    too_many(connections: u32, streams: u32, most: u32): "--connections {} with --streams {} are more than {} requests in flight: write smaller numbers",
        "--connections {}와 --streams {:을} 곱하면 동시 요청이 {}개를 넘습니다. 더 작은 수를 쓰세요";
    NO_HEADER: "write NAME: VALUE, with a colon", "콜론과 함께 NAME: VALUE로 쓰세요";
}

/// Measure a plain server, in a closed loop or at a rate.
///
/// Without --rate, each connection sends its next request when the answer is there: this finds
/// how much the server can do. With --rate, requests leave on schedule whether or not answers
/// came: this finds what users feel, stalls included.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The address
    url: String,
    /// Connections, each with --streams requests at a time; with --rate, at most so many in flight
    #[arg(long, short, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_IN_FLIGHT)))]
    connections: u32,
    /// For how long
    #[arg(long, short, value_name = "DURATION", default_value = "10s", value_parser = length)]
    duration: Duration,
    /// Requests a second, for example 5000/s
    #[arg(long, short, value_name = "N/s", value_parser = rate)]
    rate: Option<f64>,
    /// The method; POST where there is --data, else GET
    #[arg(long, short)]
    method: Option<String>,
    /// A header, for example 'accept: text/html'; may be repeated
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// Send this body, or that of a file with @FILE, or of standard input with @-; up to 6 MB.
    /// It has no short form: -d is --duration
    #[arg(long, alias = "body", value_name = "TEXT|@FILE")]
    data: Option<String>,
    /// How long a request may take
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = length)]
    timeout: Duration,
    #[command(flatten)]
    use_of: ConnectionFlags,
    #[command(flatten)]
    limits: Limits,
    /// Write the run to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sharing: SharingFlags,
    #[command(flatten)]
    runs: RunsDir,
    #[command(flatten)]
    tls: TlsOptions,
    #[command(flatten)]
    guard: GuardRails,
}

/// A duration above zero.
fn length(text: &str) -> Result<Duration, Phrase> {
    match parse_duration(text)? {
        Duration::ZERO => Err(NO_LENGTH.into()),
        length => Ok(length),
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let number = text.trim().strip_suffix("/s").unwrap_or(text).trim();
    match number.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err(NO_RATE.to_string()),
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or_else(|| NO_HEADER.to_string())?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Most requests in flight at once.
const MOST_IN_FLIGHT: u32 = 20_000;

/// The content type of a body without a `content-type` header, as in curl.
const FORM: &str = "application/x-www-form-urlencoded";

fn body(said: &str) -> Result<Vec<u8>, Failure> {
    read_body(said).map_err(|error| Failure::new(no_data(said, error.to_string())))
}

/// Measures and reports.
///
/// # Errors
/// When it cannot start: the target or the rate is unusable.
pub fn run(typed: &BenchArgs, global: &Global) -> Result<Exit, Failure> {
    typed.limits.check_for_bench(typed.rate.is_none())?;
    let (connections, streams) = (typed.connections, u32::from(typed.use_of.streams));
    if connections.saturating_mul(streams) > MOST_IN_FLIGHT {
        return Err(Failure::new(too_many(connections, streams, MOST_IN_FLIGHT)));
    }
    let body = typed.data.as_deref().map(body).transpose()?;
    let usual = if body.is_some() { "POST" } else { "GET" };
    let mut headers = typed.headers.clone();
    let has_type = |(name, _): &(String, String)| name.eq_ignore_ascii_case("content-type");
    if body.is_some() && !headers.iter().any(has_type) {
        headers.push(("content-type".to_owned(), FORM.to_owned()));
    }
    let benchmark = Benchmark {
        url: typed.url.clone(),
        connections: typed.connections,
        duration: typed.duration,
        rate: typed.rate,
        method: typed.method.clone().unwrap_or_else(|| usual.to_owned()),
        headers,
        body: body.unwrap_or_default(),
        timeout: typed.timeout,
        connection_use: typed.use_of.of_run(),
        tls: typed.tls.clone(),
        thresholds: typed.limits.thresholds.clone(),
        abort_on: typed.limits.abort_on.clone(),
        record: typed.runs.place(typed.out.as_deref()),
        sharing: typed.sharing.sharing()?,
        guard: typed.guard.clone(),
        stop: StopSignal::new(),
    };
    interrupt::listen(benchmark.stop.clone())?;
    let mut console = Console::of_bench(global, typed.duration);
    let completed = bench(&benchmark, &mut console)?;
    let named = typed.out.is_some() || typed.runs.is_elsewhere();
    finish(&completed, typed.json, global, named)
}
