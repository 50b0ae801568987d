//! A run from start to end: in the open model requests are sent when planned, whether or not
//! earlier ones were answered; in a closed loop each follows the answer to the one before.

use std::rc::Rc;

use tokio::runtime::LocalOptions;

use super::{
    clock::WallClock,
    descriptors::most_connections,
    dispatch::{dispatch, open_ahead},
    error::EngineError,
    event::{EndReason, EngineEvent, EngineSummary},
    http_client::HttpClient,
    job::{ClosedJob, Job},
    pacer::Pacer,
    pool::ConnectionPool,
    queue::RequestQueue,
    run_counter::RunCounter,
    state::RunState,
    stop::{StopLevel, StopSignal},
    timer::Timer,
    wire::TemplateParts,
};

/// Runs a job to its end on the calling thread. `tell` is called on this thread for every event.
/// It should be fast, since no request is sent meanwhile.
///
/// # Errors
/// When the run cannot start. After that, whatever happens is counted in [`EngineSummary`].
pub fn run(
    job: Job,
    tell: impl FnMut(EngineEvent) + 'static,
    stop: &StopSignal,
) -> Result<EngineSummary, EngineError> {
    let parts = TemplateParts {
        run_id: Some(&job.run_id),
        fault_key: job.fault_key.as_deref(),
        priority: job.trace,
        ..TemplateParts::of(&job.target, &job.request, job.new_connections)
    };
    let mut client = HttpClient::new(parts, job.http1, job.tls, &job.wall)?;
    client.most_resent = job.most_resent;
    let state = RunState::new(
        client,
        RequestQueue::planned(job.arrivals),
        ConnectionPool::new(job.max_in_flight),
        RunCounter::new(job.steps.len(), job.give_up, Box::new(tell)),
        job.wall,
    );
    execute(state, stop, async |state, timer| {
        let pacer = Pacer {
            state,
            steps: job.steps,
            idle: job.idle,
            max_ready: match job.new_connections {
                true => 0,
                false => job.max_in_flight,
            },
            timer,
            begun: 0,
        };
        pacer.run().await;
    })
}

/// Runs a closed loop: each connection sends its next request when the last one was answered,
/// until time is up. The server sets the pace, so no times are planned, and a stall
/// shows in few samples only: trust the open model for latency.
///
/// # Errors
/// When the run cannot start.
pub fn closed(
    job: ClosedJob,
    tell: impl FnMut(EngineEvent) + 'static,
    stop: &StopSignal,
) -> Result<EngineSummary, EngineError> {
    let connections = job.connections.max(1);
    let parts = TemplateParts::of(&job.target, &job.request, job.new_connections);
    let wall = WallClock::default();
    let client = HttpClient::new(parts, job.http1, job.tls, &wall)?;
    let state = RunState::new(
        client,
        RequestQueue::closed(job.length),
        ConnectionPool::new(connections),
        RunCounter::new(1, None, Box::new(tell)),
        wall,
    );
    execute(state, stop, async |state, _| {
        if !job.new_connections {
            open_ahead(&state, connections).await;
        }
        state.clock.restart();
        state.tell(EngineEvent::StepStarted { step: 0 });
        for _ in 0..connections {
            let Some(request) = state.next_request(0) else {
                break;
            };
            if !dispatch(&state, request) {
                state.not_sent(&request);
            }
        }
        state.quiet().await;
    })
}

/// Runs `work` to its end on this thread. One thread does everything: the locks and wake-ups that
/// this saves are worth more than a second core, and times are taken where things happen.
fn execute(
    state: RunState,
    stop: &StopSignal,
    work: impl AsyncFnOnce(Rc<RunState>, Timer),
) -> Result<EngineSummary, EngineError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build_local(LocalOptions::default())?;
    most_connections();
    let state = Rc::new(state);
    let ended = runtime.block_on(async {
        let timer = Timer::new()?;
        tokio::task::spawn_local(forward_stop(Rc::clone(&state), stop.clone()));
        work(Rc::clone(&state), timer).await;
        Ok(state.ended())
    });
    // A DNS lookup or a skip call that hangs must not delay the end.
    runtime.shutdown_background();
    ended
}

/// Forwards the two steps of a stop to the run.
async fn forward_stop(state: Rc<RunState>, stop: StopSignal) {
    let mut level = stop.watch();
    // An error would mean that the signal is gone, which `stop` prevents.
    if level
        .wait_for(|level| *level >= StopLevel::Drain)
        .await
        .is_ok()
    {
        state.finish(EndReason::Stopped);
    }
    if level
        .wait_for(|level| *level >= StopLevel::Cut)
        .await
        .is_ok()
    {
        state.cut();
    }
}
