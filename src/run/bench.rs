//! The life of a benchmark: a plain server, in a closed loop or at a rate, without Insights.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    CompletedRun, GuardRails, Observer, RecordPlace, RunError, RunErrorKind, Sharing,
    ThresholdWatch,
    guard::agreed,
    life,
    measure::{Workload, measure},
    record::{run_id, sent},
    target::Destination,
    thresholds, told, words,
};
use crate::{
    engine::{
        self, ClosedJob, ConnectionUse, EngineSummary, IdleStrategy, Job, JobPart, RequestSpec,
        StopSignal, WallClock,
    },
    lang::{PlainNumber, Statement, statements},
    record::{Recorded, Run, ScenarioInfo, Target, TimeRange, with_recorder},
    scenario::{Arrivals, Phase, Scenario, Threshold, TlsOptions},
    schedule::Schedule,
    units::Address,
    verify,
};

/// What a benchmark sends, and how.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// The address.
    pub url: String,
    /// Connections. At a rate, the most requests in flight. Both times the requests that share one
    /// ([`ConnectionUse::streams`]).
    pub connections: u32,
    /// For how long.
    pub duration: Duration,
    /// Requests a second; None is a closed loop.
    pub rate: Option<f64>,
    /// The method.
    pub method: String,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
    /// How long a request may take.
    pub timeout: Duration,
    /// How requests use connections.
    pub connection_use: ConnectionUse,
    /// What TLS trusts and presents.
    pub tls: TlsOptions,
    /// Thresholds on figures of the report.
    pub thresholds: Vec<Threshold>,
    /// Conditions that end it early.
    pub abort_on: Vec<Threshold>,
    /// Where the record goes.
    pub record: RecordPlace,
    /// How it is shared among threads and machines, and when it starts.
    pub sharing: Sharing,
    /// Guard rails for load on another machine.
    pub guard: GuardRails,
    /// Ends it from outside.
    pub stop: StopSignal,
}

/// Measures a plain server. Blocks until it is over; must not be called from within an asynchronous
/// runtime.
///
/// # Errors
/// When it cannot start: the address or the rate is unusable, or the confirmation was refused.
pub fn bench(benchmark: &Benchmark, observer: &mut dyn Observer) -> Result<CompletedRun, RunError> {
    let mut target = Destination::at(&benchmark.url)?;
    target.url.show_parameters(&benchmark.guard.public_query);
    (benchmark.tls.check(Some(&target.url))).map_err(RunErrorKind::Target.caused())?;
    (benchmark.connection_use.check(Some(&target.url))).map_err(RunErrorKind::Target.caused())?;
    enough_descriptors(benchmark.connections)?;
    let sharing = &benchmark.sharing;
    sharing.check(benchmark.duration, benchmark.connections as usize)?;
    let whole = schedule(benchmark, &target, observer)?;
    let times = told::times();
    let started_at = sharing.starts(times.started_at());
    let own = whole.as_ref().map(|whole| whole.of_shard(sharing.shard()));
    if let Some(own) = &own {
        thresholds::check_support(&benchmark.abort_on, own, None)?;
    }
    let mut run = begun(benchmark, &target, own.as_ref(), started_at);
    sharing.mark(&mut run, whole.as_ref(), &target);
    let workload = |part| workload(benchmark, &target.url, own.as_ref(), &run.run_id, part);
    let jobs = sharing
        .parts()
        .map(workload)
        .collect::<Result<Vec<_>, _>>()?;
    let checked = jobs.iter().try_for_each(Workload::check);
    checked.map_err(RunErrorKind::System.caused())?;
    let folder = (benchmark.record).create(started_at, &sharing.folder_name("bench"))?;
    let (stop, planned) = (&benchmark.stop, run.requests.planned);
    let mut thresholds = ThresholdWatch::new(&[], &benchmark.abort_on, stop, planned, &[]);
    sharing.tell_start(&observer.talk());
    observer.begins(&run, None);
    let (ended, recorded) = with_recorder(&folder, &run, |recorder| {
        measure(jobs, recorder, stop, &mut thresholds, observer)
    })?;
    times.end(&mut run);
    end(&mut run, &ended?, &recorded, benchmark.duration);
    thresholds.tell(&mut run, &recorded.tally);
    thresholds::hold(&mut run, &recorded.tally);
    verify::conclude(&mut run);
    life::keep(&folder, &mut run);
    Ok(CompletedRun {
        run,
        latencies: recorded.tally.latencies,
        folder,
    })
}

/// Checks that this process may open this many connections.
fn enough_descriptors(connections: u32) -> Result<(), RunError> {
    match engine::most_connections() {
        Some(most) if most < connections.into() => {
            Err(RunErrorKind::System.error(words::few_descriptors(connections.into(), most)))
        }
        _ => Ok(()),
    }
}

/// The schedule, if requests are sent at a rate.
fn schedule(
    benchmark: &Benchmark,
    target: &Destination,
    observer: &mut dyn Observer,
) -> Result<Option<Schedule>, RunError> {
    match benchmark.rate {
        Some(rate) => {
            let schedule =
                Schedule::of(&at_rate(benchmark, rate)).map_err(RunErrorKind::Scenario.caused())?;
            benchmark.guard.check(target, &schedule, 0)?;
            agreed(target, schedule.total(), &benchmark.guard, observer)?;
            Ok(Some(schedule))
        }
        None if target.is_this_machine() => Ok(None),
        None => Err(RunErrorKind::Refused.error(words::unbounded(target.url.host()))),
    }
}

/// The rate as the one phase of a scenario.
fn at_rate(benchmark: &Benchmark, per_second: f64) -> Scenario {
    Scenario {
        title: title(benchmark).text,
        phases: vec![Phase {
            name: "bench".to_owned(),
            arrivals: Arrivals::Rate {
                per_second,
                length: benchmark.duration,
            },
            function: None,
            fault: None,
        }],
        ..Scenario::of_nothing("bench".to_owned())
    }
}

fn title(benchmark: &Benchmark) -> Statement {
    let (length, connections) = (benchmark.duration, u64::from(benchmark.connections));
    let streams = benchmark.connection_use.streams as u64;
    let most = connections.saturating_mul(streams);
    match (benchmark.rate, streams) {
        (Some(rate), _) => statements::benchmark::at_rate(PlainNumber(rate), length, most),
        (None, 1) => statements::benchmark::closed_loop(connections, length),
        (None, _) => statements::benchmark::shared_loop(connections, streams, length),
    }
}

fn workload(
    benchmark: &Benchmark,
    target: &Address,
    schedule: Option<&Schedule>,
    run_id: &str,
    part: JobPart,
) -> Result<Workload, RunError> {
    let target = target.clone();
    let tls = (benchmark.tls.of_target(&target)).map_err(RunErrorKind::Target.caused())?;
    let request = RequestSpec {
        method: benchmark.method.clone(),
        headers: benchmark.headers.clone(),
        body: benchmark.body.clone(),
        timeout: benchmark.timeout,
        ..RequestSpec::default()
    };
    let schedule = schedule.map(|schedule| schedule.of_shard(part.shard));
    let connections = part.shard.share_of(benchmark.connections.into()) as usize;
    let connection_use = benchmark.connection_use;
    Ok(match schedule {
        Some(schedule) => Workload::Open(Box::new(Job {
            most_resent: benchmark.guard.most_resent(&target, schedule.total()),
            target,
            request,
            steps: schedule.steps().to_vec(),
            others: Vec::new(),
            flows: None,
            arrivals: Box::new(schedule.arrivals()),
            run_id: run_id.to_owned(),
            fault_key: None,
            trace: None,
            max_in_flight: connections.saturating_mul(connection_use.streams),
            connection_use,
            idle: IdleStrategy::Wait,
            give_up: None,
            wall: WallClock::default(),
            tls,
            part,
        })),
        None => Workload::Closed(Box::new(ClosedJob {
            target,
            request,
            connections,
            length: benchmark.duration,
            connection_use,
            tls,
            part,
        })),
    })
}

/// The run's record at its start.
fn begun(
    benchmark: &Benchmark,
    target: &Destination,
    schedule: Option<&Schedule>,
    started_at: Timestamp,
) -> Run {
    let scenario = ScenarioInfo {
        name: "bench".to_owned(),
        title: title(benchmark),
        ..ScenarioInfo::default()
    };
    let target = Target {
        range: TimeRange::begun(started_at.as_millisecond()),
        ..Target::at(target.kind, target.url.to_string())
    };
    Run {
        thresholds: (benchmark.thresholds.iter())
            .map(thresholds::unmeasured)
            .collect(),
        ..Run::begun(
            run_id(started_at, "bench"),
            scenario,
            target,
            started_at,
            schedule.map_or(0, Schedule::total),
            benchmark.duration,
        )
    }
}

/// Adds what the end of sending says.
fn end(run: &mut Run, ended: &EngineSummary, recorded: &Recorded, planned: Duration) {
    // No telemetry is asked about a benchmark, so a sandbox's own clock does not matter.
    run.target.range = TimeRange {
        from_ms: run.started_at.as_millisecond(),
        to_ms: run.ended_at.unwrap_or(run.started_at).as_millisecond(),
    };
    sent(run, ended, recorded);
    run.requests.planned = ended.totals.planned;
    // The full planned time counts, even if requests ended early: one response in a planned second
    // is one response per second. A run that was cut short has only the time until then.
    let used = Duration::from_micros(ended.ended_us);
    let seconds = match run.interrupted {
        true => used,
        false => used.max(planned),
    }
    .as_secs_f64();
    if seconds > 0.0 {
        run.requests_per_second = Some(run.requests.completed as f64 / seconds);
    }
}
