//! A run from start to end: in the open model requests are sent when planned, whether or not
//! earlier ones were answered; in a closed loop each follows the answer to the one before.

use std::rc::Rc;

use tokio::{runtime::LocalOptions, sync::watch};

use super::{
    clock::WallClock,
    descriptors::most_connections,
    dispatch::dispatch,
    error::EngineError,
    event::{EndReason, EngineEvent, EngineSummary},
    flow,
    flow_state::FlowState,
    http_client::HttpClient,
    job::{ClosedJob, Job},
    pacer::Pacer,
    pool::ConnectionPool,
    queue::RequestQueue,
    run_counter::RunCounter,
    start::start,
    state::RunState,
    stop::{StopLevel, StopSignal},
    timer::Timer,
    wire::TemplateParts,
};

impl Job {
    /// Checks that it can be sent.
    ///
    /// # Errors
    /// Why [`run`] could not start it, but for what the system refuses then.
    pub fn check(&self) -> Result<(), EngineError> {
        self.client().map(drop)
    }

    fn client(&self) -> Result<HttpClient, EngineError> {
        let parts = |target, request| TemplateParts {
            run_id: Some(&self.run_id),
            fault_key: self.fault_key.as_deref(),
            priority: self.trace,
            ..TemplateParts::of(target, request, self.connection_use.is_new)
        };
        let limits = (self.connection_use, self.max_in_flight);
        let first = parts(&self.target, &self.request);
        let mut client = HttpClient::new(first, limits, self.tls.clone(), &self.wall)?;
        client.most_resent = self.most_resent;
        for (target, request) in &self.others {
            client.add(parts(target, request))?;
        }
        if let Some(script) = &self.flows {
            client.fix(script);
        }
        Ok(client)
    }
}

impl ClosedJob {
    /// Checks that it can be sent.
    ///
    /// # Errors
    /// As [`Job::check`].
    pub fn check(&self) -> Result<(), EngineError> {
        self.client().map(drop)
    }

    fn client(&self) -> Result<HttpClient, EngineError> {
        let parts = TemplateParts::of(&self.target, &self.request, self.connection_use.is_new);
        let limits = (self.connection_use, self.in_flight());
        HttpClient::new(parts, limits, self.tls.clone(), &WallClock::default())
    }

    /// How many requests at a time.
    fn in_flight(&self) -> usize {
        let streams = self.connection_use.streams.max(1);
        self.connections.max(1).saturating_mul(streams)
    }
}

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
    let state = RunState::new(
        job.client()?,
        job.flows.clone().map(FlowState::new),
        RequestQueue::planned(job.arrivals, job.flows),
        ConnectionPool::new(job.max_in_flight),
        RunCounter::new(job.steps.len(), job.give_up, Box::new(tell)),
        job.wall,
        job.part.team,
    );
    let start_at = job.part.start_at;
    execute(state, stop, async |state, timer| {
        begin_flows(&state).await;
        let pacer = Pacer {
            state,
            steps: job.steps,
            idle: job.idle,
            max_ready: match job.connection_use.is_new {
                true => 0,
                false => job.max_in_flight,
            },
            timer,
            begun: 0,
            start_at,
            there_since_us: 0,
        };
        pacer.run().await;
    })
}

/// Runs a closed loop: each connection, or each place on one, sends its next request when the last
/// one was answered, until time is up. The server sets the pace, so no times are planned, and a stall
/// shows in few samples only: trust the open model for latency.
///
/// # Errors
/// When the run cannot start.
pub fn closed(
    job: ClosedJob,
    tell: impl FnMut(EngineEvent) + 'static,
    stop: &StopSignal,
) -> Result<EngineSummary, EngineError> {
    let (is_new, in_flight) = (job.connection_use.is_new, job.in_flight());
    let state = RunState::new(
        job.client()?,
        None,
        RequestQueue::closed(job.length, job.part.shard),
        ConnectionPool::new(in_flight),
        RunCounter::new(1, None, Box::new(tell)),
        WallClock::default(),
        job.part.team,
    );
    execute(state, stop, async |state, mut timer| {
        let ahead = if is_new { 0 } else { in_flight };
        start(&state, ahead, job.part.start_at, &mut timer).await;
        state.tell(EngineEvent::StepStarted { step: 0 });
        for _ in 0..in_flight {
            let Some(request) = state.next_request(state.clock.now_us()) else {
                break;
            };
            if let Some(request) = dispatch(&state, request) {
                state.not_sent(&request);
            }
        }
        state.quiet().await;
    })
}

/// Runs `work` to its end on this thread, which does everything: that saves locks and wake-ups, and
/// times are taken where things happen. More threads are more engines that share nothing but their
/// start and their end.
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
        if let Some(team) = &state.team {
            tokio::task::spawn_local(forward_ending(Rc::clone(&state), team.ending()));
        }
        work(Rc::clone(&state), timer).await;
        Ok(state.ended())
    });
    // A DNS lookup or a skip call that hangs must not delay the end.
    runtime.shutdown_background();
    ended
}

/// Signs in where the run does so first, and has the later requests of flows sent.
async fn begin_flows(state: &Rc<RunState>) {
    let Some(flows) = &state.flows else { return };
    if flows.signs_in_first()
        && let Err(reason) = flow::sign_in_first(state, flows).await
    {
        state.finish(EndReason::SignInFailed { reason });
    }
    match Timer::new() {
        Ok(timer) => drop(tokio::task::spawn_local(flow::resume(
            Rc::clone(state),
            timer,
        ))),
        // No file descriptor is left, and then nothing can be sent either.
        Err(_) => state.finish(EndReason::Stopped),
    }
}

/// Ends this engine when another one of its team ends the run.
async fn forward_ending(state: Rc<RunState>, mut ending: watch::Receiver<bool>) {
    if ending.wait_for(|ending| *ending).await.is_ok() {
        state.finish(EndReason::Stopped);
    }
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
