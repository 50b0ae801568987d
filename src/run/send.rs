//! Sending a scenario: the engine on a thread of its own, and what is done with what it tells.

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
    job: Job,
    recorder: &mut Recorder<'_>,
    stop: &StopSignal,
    thresholds: &mut ThresholdWatch,
    observer: &mut dyn Observer,
) -> Result<EngineSummary, RunError> {
    let (sender, events) = channel();
    let stop = stop.clone();
    let sending = thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            // The channel is closed only when the run is being abandoned.
            let tell = move |event| drop(sender.send(event));
            engine::run(job, tell, &stop)
        })?;
    // The receiver goes with the thread that takes in.
    let taken = &mut *recorder;
    let watching = &mut *observer;
    in_background(move || take_in(&events, taken, thresholds, watching));
    observer.sent(recorder.tally());
    joined(sending)
}

/// What the engine's thread came to.
///
/// # Errors
/// When the engine could not start, or stopped on a fault of its own.
pub(super) fn joined(
    engine: thread::JoinHandle<Result<EngineSummary, EngineError>>,
) -> Result<EngineSummary, RunError> {
    match engine.join() {
        Ok(ended) => ended.map_err(RunError::from_cause(RunErrorKind::System)),
        Err(_) => Err(RunError::new(RunErrorKind::System, words::ENGINE_FAULT)),
    }
}

/// Takes events in until the engine has gone: many at a time, so that sending a request never
/// wakes this thread, which would take the processor from the next one.
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
