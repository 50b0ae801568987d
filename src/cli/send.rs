//! Sending: what the engine is told to do, and what is done with what it tells.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use jiff::Timestamp;

use super::{
    Failure,
    background::in_background,
    flags::Sending,
    limits::Held,
    progress::{Progress, Watch},
    target::Target,
};
use crate::{
    control::SANDBOX_FAULT_KEY,
    engine::{
        self, EngineEvent, EngineSummary, FailureLimit, IdleStrategy, Job, RequestSpec,
        SamplingPriority, Signer, StopSignal, Stopwatch, WallClock,
    },
    lang::Lang,
    record::{
        Connections, Folder, Reading, Recorder, Run, TargetKind, Times,
        words::{LATENESS, REASON, RESENT, RESUMED, RETRY_AFTER},
    },
    report::text::said,
    scenario::{FilledRequest, Scenario},
    schedule::Schedule,
    stats::{Class, Measure},
};

/// The environment variable that holds the fault key of a stack.
const FAULT_KEY: &str = "LOADGEN_FAULT_KEY";

/// How often the display and the files are brought up to date.
const TICK: Duration = Duration::from_millis(100);

/// How long events may gather before they are taken in.
const BATCH: Duration = Duration::from_millis(10);

/// So many events are taken in before the display and the files have their turn.
const MOST_AT_ONCE: usize = 10_000;

/// The address of every request.
pub fn address(scenario: &Scenario, target: &Target) -> String {
    match &scenario.request.path {
        Some(path) => format!("{}{path}", target.url.trim_end_matches('/')),
        None => target.url.clone(),
    }
}

/// A run's times, by this machine's clocks. It begins now.
pub fn times() -> Times<impl Fn() -> Reading> {
    let steady = Stopwatch::start();
    Times::begin(move || Reading {
        wall: Timestamp::now(),
        steady: steady.elapsed(),
    })
}

/// What the engine is told to do.
///
/// # Errors
/// When the target's address cannot be sent to.
pub fn job(
    scenario: &Scenario,
    schedule: &Schedule,
    target: &Target,
    sending: &Sending,
    filled: FilledRequest,
    signer: Option<Signer>,
    run_id: &str,
) -> Result<Job, Failure> {
    let address = address(scenario, target);
    let skip = match target.skip_idle() {
        Some(skip) if !sending.real_idle => Some(skip),
        _ => target.stack.as_ref().and_then(|stack| stack.force_cold()),
    };
    // A kept trace costs nothing at the sandbox and is wanted of the sample app; on a function of
    // the reader's own it costs money, so it is asked for.
    let keep = sending.keep_traces || target.kind == TargetKind::Sandbox || target.stack.is_some();
    Ok(Job {
        target: engine::TargetUrl::new(&address).map_err(Failure::new)?,
        request: RequestSpec {
            method: scenario.request.method.clone(),
            host: target.host_header.clone(),
            headers: filled.headers,
            body: filled.body,
            timeout: scenario.request.timeout,
            expected_status: scenario.request.expected_status.clone(),
            signer,
        },
        steps: schedule.steps().to_vec(),
        arrivals: Box::new(schedule.arrivals()),
        run_id: run_id.to_owned(),
        fault_key: match target.kind {
            TargetKind::Sandbox => Some(SANDBOX_FAULT_KEY.to_owned()),
            _ => std::env::var(FAULT_KEY)
                .ok()
                .or_else(|| target.stack.as_ref()?.fault_key.clone()),
        },
        trace: Some(match keep {
            true => SamplingPriority::UserKeep,
            false => SamplingPriority::AutoKeep,
        }),
        max_in_flight: sending.max_in_flight as usize,
        new_connections: sending.new_connections,
        http1: sending.http1,
        idle: skip.map_or(IdleStrategy::Wait, IdleStrategy::Skip),
        // Faults that were asked for do not count; beyond this the target is harmed, not measured.
        give_up: (!target.is_loopback()).then_some(FailureLimit {
            share: 0.5,
            after: 50,
        }),
        wall: WallClock::default(),
        tls: None,
    })
}

/// Sends, records and shows, until the run is over.
///
/// # Errors
/// When the engine cannot start.
pub fn send(
    job: Job,
    schedule: &Schedule,
    recorder: &mut Recorder<'_>,
    stop: &StopSignal,
    watch: Watch,
    held: &mut Held,
    quiet: bool,
) -> Result<EngineSummary, Failure> {
    let (sender, events) = channel();
    let stop = stop.clone();
    let sending = thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            // Nobody listens only when this command is ending already.
            let tell = move |event| drop(sender.send(event));
            engine::run(job, tell, &stop)
        })?;
    let mut progress = Progress::new(schedule, watch, quiet);
    in_background(|| take_in(events, recorder, &mut progress, held));
    progress.finish(recorder.tally());
    match sending.join() {
        Ok(ended) => ended.map_err(Failure::new),
        Err(_) => Err(Failure::new(
            "the engine stopped on a fault of its own; what was measured is in the run's folder",
        )),
    }
}

/// Takes events in until the engine has gone: many at a time, so that sending a request never
/// wakes this thread, which would take the processor from the next one.
fn take_in(
    events: Receiver<EngineEvent>,
    recorder: &mut Recorder<'_>,
    progress: &mut Progress,
    held: &mut Held,
) {
    loop {
        match events.recv_timeout(TICK) {
            Ok(event) => {
                take(event, recorder, progress);
                thread::sleep(BATCH);
                for event in events.try_iter().take(MOST_AT_ONCE) {
                    take(event, recorder, progress);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        recorder.tick();
        progress.tick(recorder.tally(), held);
        held.tick(recorder.tally());
    }
}

fn take(event: EngineEvent, recorder: &mut Recorder<'_>, progress: &mut Progress) {
    match event {
        EngineEvent::Sample(sample) => {
            recorder.record(&sample);
            progress.sample(&sample);
        }
        EngineEvent::StepStarted { step } => progress.step(step as usize, recorder.tally()),
        EngineEvent::IdleStarted { step, left, until } => {
            progress.step(step as usize, recorder.tally());
            if until.is_some() {
                progress.idle(left);
            }
        }
        EngineEvent::IdleSkipped { by, .. } => progress.skipped(by, recorder.tally()),
        EngineEvent::IdleEnded { .. } => progress.idle_over(),
    }
}

/// What carried the requests.
pub fn connections(ended: &EngineSummary) -> Connections {
    let http1 = ended.connections.saturating_sub(ended.http2);
    let protocols = [
        (Connections::HTTP1, http1),
        (Connections::HTTP2, ended.http2),
    ];
    Connections {
        opened: ended.connections,
        tls_resumed: ended.tls_resumed,
        protocols: protocols
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(protocol, count)| (protocol.to_owned(), count))
            .collect(),
    }
}

/// What went wrong in words, for the notes of a run.
pub fn reasons(ended: &EngineSummary) -> Vec<String> {
    let mut notes: Vec<String> = ended
        .reasons
        .iter()
        .map(|reason| {
            let count = reason.count.to_string();
            REASON.say(Lang::En, &[&count, reason.outcome.key(), &reason.text])
        })
        .collect();
    let connections = ended.connections.to_string();
    for (text, count) in [
        (RETRY_AFTER, ended.retry_after),
        (RESENT, ended.resent),
        (RESUMED, ended.tls_resumed),
    ] {
        if count > 0 {
            notes.push(text.say(Lang::En, &[&count.to_string(), &connections]));
        }
    }
    notes
}

/// A warning where requests left so late that it shows in the response times.
pub fn lateness(run: &Run) -> Option<String> {
    let late = run.schedule.send_lag_ms.p99?;
    let response = run.latency(Measure::Response, Class::All).p50?;
    (late > 1.0 && late > response / 10.0).then(|| LATENESS.say(Lang::En, &[&said(Some(late))]))
}

/// What to do next, after the report. A folder that was typed (`named`) is not where commands look
/// by themselves.
pub fn next(folder: &Folder, named: bool) -> String {
    let path = folder.path().display();
    let run = match named {
        true => format!(" {path}"),
        false => String::new(),
    };
    let mut page = format!("\nThe run is in {path}\n");
    if folder.telemetry_file().exists() {
        page.push_str(&format!("Look at it: loadgen view{run}\n"));
    }
    page.push_str(&format!(
        "Share it: loadgen report{run} --format html --out report.html\n\
         Show it again: loadgen report{run}    All runs: loadgen runs\n"
    ));
    page
}
