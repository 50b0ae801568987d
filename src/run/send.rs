//! Sends a scenario: the engine runs on its own thread, and its events are taken in here.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use super::{Observer, RunError, RunErrorKind, ThresholdWatch, background::in_background, words};
use crate::{
    engine::{self, EngineError, EngineEvent, EngineSummary, Job, StopSignal},
    record::Recorder,
};

/// How often the observer and the files are brought up to date.
const TICK: Duration = Duration::from_millis(100);

/// How long events may gather before they are taken in.
const BATCH: Duration = Duration::from_millis(10);

/// So many events are taken in before the observer and the files have their turn.
const MOST_AT_ONCE: usize = 10_000;

/// Sends and records until the run is over.
///
/// # Errors
/// When the engine cannot start.
pub(super) fn send(
    jobs: Vec<Job>,
    recorder: &mut Recorder<'_>,
    stop: &StopSignal,
    thresholds: &mut ThresholdWatch,
    observer: &mut dyn Observer,
) -> Result<EngineSummary, RunError> {
    let (sender, events) = channel();
    let mut engines = Vec::new();
    for (number, job) in jobs.into_iter().enumerate() {
        let (sender, stop) = (sender.clone(), stop.clone());
        let sending = thread::Builder::new().name("engine".to_owned());
        engines.push(sending.spawn(move || {
            let tell = move |event| {
                // All engines pass through the same steps, so one of them tells of these.
                if number == 0 || matches!(event, EngineEvent::Sample(_)) {
                    // The channel is closed only when the run is being abandoned.
                    drop(sender.send(event));
                }
            };
            engine::run(job, tell, &stop)
        })?);
    }
    drop(sender);
    // The receiver goes with the thread that takes in.
    let taken = &mut *recorder;
    let watching = &mut *observer;
    in_background(move || take_in(&events, taken, thresholds, watching));
    observer.sent(recorder.tally());
    joined(engines)
}

/// An engine on a thread of its own.
pub(super) type EngineThread = thread::JoinHandle<Result<EngineSummary, EngineError>>;

/// The combined result of the engines' threads.
///
/// # Errors
/// When an engine could not start, or stopped on an internal fault.
pub(super) fn joined(engines: Vec<EngineThread>) -> Result<EngineSummary, RunError> {
    let fault = || RunErrorKind::System.error(words::ENGINE_FAULT);
    let mut all: Option<EngineSummary> = None;
    for engine in engines {
        let ended = engine.join().map_err(|_| fault())?;
        let ended = ended.map_err(RunErrorKind::System.caused())?;
        match &mut all {
            Some(all) => all.merge(ended),
            None => all = Some(ended),
        }
    }
    all.ok_or_else(fault)
}

/// Takes in events until the engine has ended, many at a time. So sending a request never wakes
/// this thread, which would take the processor from the next request.
fn take_in(
    events: &Receiver<EngineEvent>,
    recorder: &mut Recorder<'_>,
    thresholds: &mut ThresholdWatch,
    observer: &mut dyn Observer,
) {
    loop {
        match events.recv_timeout(TICK) {
            Ok(event) => {
                take(&event, recorder, observer);
                thread::sleep(BATCH);
                for event in events.try_iter().take(MOST_AT_ONCE) {
                    take(&event, recorder, observer);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        recorder.tick();
        observer.tick(recorder.tally(), thresholds);
        thresholds.tick(recorder.tally());
    }
}

fn take(event: &EngineEvent, recorder: &mut Recorder<'_>, observer: &mut dyn Observer) {
    if let EngineEvent::Sample(sample) = event {
        recorder.record(sample);
    }
    observer.event(event, recorder.tally());
}
