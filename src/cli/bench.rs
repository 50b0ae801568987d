//! `loadgen bench`: a plain server, in a closed loop or at a rate, without scenario or Insights.

mod clock;
mod measure;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use clock::Clock;
use jiff::Timestamp;
use measure::{Sending, measure};

use super::{
    Exit, Failure,
    conduct::{folder, run_id},
    flags::{Global, Guard, RunsDir, duration},
    guard, interrupt,
    limits::{self, Held, Limits},
    out, send,
    target::Target,
};
use crate::{
    control::FunctionSettings,
    engine::{
        self, ClosedJob, EndReason, EngineSummary, IdleStrategy, Job, RequestSpec, StopSignal,
        WallClock,
    },
    lang::Lang,
    record::{
        Recorded, Run, ScenarioInfo, Target as Place, TimeRange, with_recorder,
        words::{AT_RATE, CLOSED_LOOP, NOT_ON_DISK},
    },
    report,
    scenario::{Arrivals, Expect, Phase, Scenario, ScenarioRequest},
    schedule::Schedule,
    units::show_duration,
    verify,
};

/// Measure a plain server, in a closed loop or at a rate.
///
/// Without --rate, each connection sends its next request when the answer is there: this finds
/// how much the server can do. With --rate, requests leave on schedule whether or not answers
/// came: this finds what users feel, stalls included.
#[derive(Debug, Args)]
pub struct Typed {
    /// The address
    url: String,
    /// Connections; with --rate, at most so many requests under way at once
    #[arg(long, short, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    connections: u32,
    /// For how long
    #[arg(long, short, value_name = "DURATION", default_value = "10s", value_parser = length)]
    duration: Duration,
    /// Requests a second, for example 5000/s
    #[arg(long, short, value_name = "N/s", value_parser = rate)]
    rate: Option<f64>,
    /// The method
    #[arg(long, short, default_value = "GET")]
    method: String,
    /// A header, for example 'accept: text/html'; may be repeated
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// How long a request may take
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = length)]
    timeout: Duration,
    /// Open a connection for every request
    #[arg(long)]
    new_connections: bool,
    /// Speak HTTP/1.1, even where the server offers HTTP/2
    #[arg(long)]
    http1: bool,
    #[command(flatten)]
    limits: Limits,
    /// Write the run to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    runs: RunsDir,
    #[command(flatten)]
    guard: Guard,
}

/// A duration above zero.
fn length(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("it must be more than nothing".to_owned()),
        length => Ok(length),
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let number = text.trim().strip_suffix("/s").unwrap_or(text).trim();
    match number.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("write requests a second, for example 5000/s".to_owned()),
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("write NAME: VALUE, with a colon")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Measures and reports.
///
/// # Errors
/// When it cannot start: the target or the rate is unusable.
pub fn run(typed: &Typed, global: &Global) -> Result<Exit, Failure> {
    typed.limits.check_for_bench()?;
    let target = Target::at(&typed.url, &FunctionSettings::default())?;
    let schedule = match typed.rate {
        Some(rate) => {
            let schedule = Schedule::of(&at_rate(typed, rate)).map_err(Failure::new)?;
            guard::check(&typed.guard, &target, &schedule)?;
            guard::consent(&typed.guard, &target, &schedule)?;
            Some(schedule)
        }
        None if target.is_loopback() => None,
        None => {
            return Err(Failure::new(format!(
                "a closed loop sends as fast as {} answers, which nobody can bound beforehand: \
                 on another machine say how much with `--rate 100/s`",
                target.host()
            )));
        }
    };
    let times = send::times();
    let started_at = times.started_at();
    let mut run = begun(typed, &target, schedule.as_ref(), started_at);
    let job = sending(typed, schedule, &run.run_id)?;
    let folder = folder(typed.out.as_deref(), &typed.runs, started_at, "bench")?;
    let stop = StopSignal::new();
    interrupt::listen(stop.clone())?;
    let mut held = Held::new(&[], &typed.limits, &stop, run.requests.planned, &[]);
    if !global.quiet {
        eprintln!("{}: {}", typed.url, run.scenario.title);
    }
    let (ended, recorded) = with_recorder(&folder, &run, |recorder| {
        let clock = Clock::new(typed.duration, global.quiet);
        measure(job, recorder, &stop, &mut held, clock)
    })?;
    times.end(&mut run);
    end(&mut run, &ended?, &recorded, typed.duration);
    held.tell(&mut run, &recorded.tally);
    limits::hold(&mut run, &recorded.tally);
    verify::conclude(&mut run);
    if let Err(error) = folder.write_run(&run) {
        run.notes
            .push(NOT_ON_DISK.say(Lang::En, &[&error.to_string()]));
    }
    out::text(match typed.json {
        true => report::json::write(&run),
        false => report::text::write(&run, &recorded.tally.latencies),
    })?;
    if !global.quiet && !typed.json {
        eprint!("{}", send::next(&folder, typed.out.is_some()));
    }
    Ok(Exit::of(&run))
}

/// The rate as the one phase of a scenario.
fn at_rate(typed: &Typed, per_second: f64) -> Scenario {
    Scenario {
        name: "bench".to_owned(),
        title: title(typed),
        seed: 0,
        function: FunctionSettings::default(),
        request: ScenarioRequest {
            method: typed.method.clone(),
            path: None,
            headers: Vec::new(),
            body: None,
            expected_status: Vec::new(),
            timeout: typed.timeout,
        },
        phases: vec![Phase {
            name: "bench".to_owned(),
            arrivals: Arrivals::Rate {
                per_second,
                length: typed.duration,
            },
            fault: None,
        }],
        repeat: 1,
        expect: Expect::default(),
        thresholds: Vec::new(),
    }
}

fn title(typed: &Typed) -> String {
    let length = show_duration(typed.duration);
    let connections = typed.connections.to_string();
    match typed.rate {
        Some(rate) => AT_RATE.say(Lang::En, &[&rate.to_string(), &length, &connections]),
        None => CLOSED_LOOP.say(Lang::En, &[&connections, &length]),
    }
}

fn sending(typed: &Typed, schedule: Option<Schedule>, run_id: &str) -> Result<Sending, Failure> {
    let target = engine::TargetUrl::new(&typed.url).map_err(Failure::new)?;
    let request = RequestSpec {
        method: typed.method.clone(),
        host: None,
        headers: typed.headers.clone(),
        body: Vec::new(),
        timeout: typed.timeout,
        expected_status: Vec::new(),
        signer: None,
    };
    let connections = typed.connections as usize;
    let new_connections = typed.new_connections;
    Ok(match schedule {
        Some(schedule) => Sending::Open(Box::new(Job {
            target,
            request,
            steps: schedule.steps().to_vec(),
            arrivals: Box::new(schedule.arrivals()),
            run_id: run_id.to_owned(),
            fault_key: None,
            trace: None,
            max_in_flight: connections,
            new_connections,
            http1: typed.http1,
            idle: IdleStrategy::Wait,
            give_up: None,
            wall: WallClock::default(),
            tls: None,
        })),
        None => Sending::Closed(Box::new(ClosedJob {
            target,
            request,
            connections,
            length: typed.duration,
            new_connections,
            http1: typed.http1,
            tls: None,
        })),
    })
}

/// The run as it stands at its start.
fn begun(
    typed: &Typed,
    target: &Target,
    schedule: Option<&Schedule>,
    started_at: Timestamp,
) -> Run {
    let scenario = ScenarioInfo {
        name: "bench".to_owned(),
        title: title(typed),
        seed: 0,
        toml: None,
        changes: Vec::new(),
    };
    let place = Place {
        range: TimeRange::begun(started_at.as_millisecond()),
        ..Place::at(target.kind, target.url.clone())
    };
    Run {
        thresholds: (typed.limits.thresholds.iter())
            .map(limits::unmeasured)
            .collect(),
        ..Run::begun(
            run_id(started_at, "bench"),
            scenario,
            place,
            started_at,
            schedule.map_or(0, Schedule::total),
            typed.duration,
        )
    }
}

/// Completes what the end of sending says.
fn end(run: &mut Run, ended: &EngineSummary, recorded: &Recorded, planned: Duration) {
    // No telemetry is asked about a benchmark, so a sandbox's own clock does not matter.
    run.target.range = TimeRange {
        from_ms: run.started_at.as_millisecond(),
        to_ms: run.ended_at.unwrap_or(run.started_at).as_millisecond(),
    };
    recorded.fill(run);
    run.requests.planned = ended.totals.planned;
    run.requests.not_sent = ended.totals.not_sent;
    run.interrupted = ended.end != EndReason::Completed;
    // Requests that were over early leave the rest of the planned time unused, and it counts all the
    // same: one answer in a planned second is one answer a second. A run that was cut short has only
    // the time that it had.
    let used = Duration::from_micros(ended.ended_us);
    let seconds = match run.interrupted {
        true => used,
        false => used.max(planned),
    }
    .as_secs_f64();
    if seconds > 0.0 {
        run.requests_per_second = Some(run.requests.completed as f64 / seconds);
    }
    run.connections = Some(send::connections(ended));
    run.notes.extend(send::reasons(ended));
    run.notes.extend(send::lateness(run));
}
