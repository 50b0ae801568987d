//! A run in the open model: requests leave when planned, whether or not earlier answers came.

use std::rc::Rc;

use tokio::{runtime::Runtime, task::LocalSet};

use super::{
    alarm::Alarm,
    connect::Dialer,
    event::{Ended, Event},
    job::{EngineError, Job},
    pace::Pacer,
    shared::Shared,
    stop::{Level, Stop},
    tally::Tally,
    wire::{Common, RequestTemplate},
};

/// Runs a job to its end on the calling thread. `tell` is called on this thread for everything
/// that happens, and should hand it on rather than work: what it takes is missing for sending.
///
/// # Errors
/// When the run cannot begin. Once it has begun, whatever happens is counted in [`Ended`].
pub fn run(job: Job, tell: impl FnMut(Event) + 'static, stop: &Stop) -> Result<Ended, EngineError> {
    let template = RequestTemplate::new(Common {
        method: &job.request.method,
        target: job.target.uri(),
        host: job.request.host.as_deref(),
        headers: &job.request.headers,
        body: &job.request.body,
        run_id: Some(&job.run_id),
        fault_key: job.fault_key.as_deref(),
        priority: job.trace,
        close: job.new_connections,
    })?;
    let dialer = Dialer::new(&job.target, job.tls.clone())?;
    let tally = Tally::new(job.steps.len(), job.give_up, Box::new(tell));
    let shared = Rc::new(Shared::new(&job, template, dialer, tally));
    let runtime = runtime()?;
    let tasks = LocalSet::new();
    let ended = tasks.block_on(&runtime, async {
        let pacer = Pacer::new(Rc::clone(&shared), &job, Alarm::new()?);
        tokio::task::spawn_local(heed(Rc::clone(&shared), stop.clone()));
        pacer.run(job.arrivals).await;
        Ok(shared.ended())
    });
    drop(tasks);
    // A name lookup that hangs must not hold the end back.
    runtime.shutdown_background();
    ended
}

/// One thread does it all: what it saves in locks and wake-ups is worth more than a second core,
/// and a request's times are taken where they happen.
fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
}

/// Passes the two steps of a stop on to the run.
async fn heed(shared: Rc<Shared>, stop: Stop) {
    let mut level = stop.watch();
    // An error would mean that the handle is gone, which `stop` prevents.
    if level.wait_for(|level| *level >= Level::Drain).await.is_ok() {
        shared.stop();
    }
    if level.wait_for(|level| *level >= Level::Cut).await.is_ok() {
        shared.cut();
    }
}
