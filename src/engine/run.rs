//! Runs from beginning to end: in the open model requests leave when planned, whether or not
//! earlier answers came; in a closed loop each follows the answer before it.

use std::{iter, mem, rc::Rc};

use tokio::runtime::{LocalOptions, LocalRuntime};

use super::{
    alarm::Alarm,
    clock::WallClock,
    connect::Dialer,
    event::{Ended, Event},
    job::{ClosedJob, EngineError, Job},
    pace::{Pacer, prepare, quiet},
    shared::{Setup, Shared},
    stop::{Level, Stop},
    tally::Tally,
    wire::{Common, RequestTemplate},
};

/// Runs a job to its end on the calling thread. `tell` is called on this thread for everything
/// that happens, and should hand it on rather than work: what it takes is missing for sending.
///
/// # Errors
/// When the run cannot begin. Once it has begun, whatever happens is counted in [`Ended`].
pub fn run(
    mut job: Job,
    tell: impl FnMut(Event) + 'static,
    stop: &Stop,
) -> Result<Ended, EngineError> {
    let template = RequestTemplate::new(Common {
        run_id: Some(&job.run_id),
        fault_key: job.fault_key.as_deref(),
        priority: job.trace,
        ..Common::of(&job.target, &job.request, job.new_connections)
    })?;
    let offer_http2 = !job.http1 && template.http2().is_some();
    let setup = Setup {
        dialer: Dialer::new(&job.target, job.tls.clone(), offer_http2)?,
        template,
        tally: Tally::new(job.steps.len(), job.give_up, Box::new(tell)),
        timeout: job.request.timeout,
        new_connections: job.new_connections,
        max_in_flight: job.max_in_flight,
        wall: job.wall.clone(),
        arrivals: mem::replace(&mut job.arrivals, Box::new(iter::empty())),
        closed_for: None,
    };
    conduct(setup, stop, async |shared, alarm| {
        let pacer = Pacer::new(shared, &job, alarm);
        pacer.run().await;
    })
}

/// Runs a closed loop: as many requests at a time as there are connections, each followed by
/// the next, until time is up. The server sets the pace, so no times are planned, and a stall
/// shows in few samples only: the open model is the one to trust on latency.
///
/// # Errors
/// When the run cannot begin.
pub fn closed(
    job: ClosedJob,
    tell: impl FnMut(Event) + 'static,
    stop: &Stop,
) -> Result<Ended, EngineError> {
    let connections = job.connections.max(1);
    let template =
        RequestTemplate::new(Common::of(&job.target, &job.request, job.new_connections))?;
    let offer_http2 = !job.http1 && template.http2().is_some();
    let setup = Setup {
        dialer: Dialer::new(&job.target, job.tls, offer_http2)?,
        template,
        tally: Tally::new(1, None, Box::new(tell)),
        timeout: job.request.timeout,
        new_connections: job.new_connections,
        max_in_flight: connections,
        wall: WallClock::default(),
        arrivals: Box::new(iter::empty()),
        closed_for: Some(job.length),
    };
    conduct(setup, stop, async |shared, _| {
        if !job.new_connections {
            prepare(&shared, connections).await;
        }
        shared.clock.restart();
        shared.tell(Event::StepStarted { step: 0 });
        for _ in 0..connections {
            if shared.is_ending() {
                break;
            }
            let request = shared.unplanned();
            if !shared.send(request) {
                shared.not_sent(&request);
            }
        }
        quiet(&shared).await;
    })
}

fn conduct(
    setup: Setup,
    stop: &Stop,
    work: impl AsyncFnOnce(Rc<Shared>, Alarm),
) -> Result<Ended, EngineError> {
    let shared = Rc::new(Shared::new(setup));
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let alarm = Alarm::new()?;
        tokio::task::spawn_local(heed(Rc::clone(&shared), stop.clone()));
        work(Rc::clone(&shared), alarm).await;
        Ok(shared.ended())
    });
    // A name lookup that hangs must not hold the end back.
    runtime.shutdown_background();
    ended
}

/// One thread does it all: what it saves in locks and wake-ups is worth more than a second core,
/// and a request's times are taken where they happen.
fn runtime() -> std::io::Result<LocalRuntime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build_local(LocalOptions::default())
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
