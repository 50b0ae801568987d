//! The pacer: takes planned requests one at a time and sends each when its time has come. While as
//! many are in flight as may be, it takes no more: the queue is the schedule itself, and the
//! workers drain it.

use std::{
    rc::Rc,
    time::{Duration, SystemTime},
};

use super::{
    clock::micros,
    dispatch::dispatch,
    event::EngineEvent,
    idle::{self, IdleStep},
    job::IdleStrategy,
    start::start,
    state::RunState,
    timer::Timer,
};
use crate::schedule::Step;

/// Requests planned closer to each other than this leave together, so that at tens of thousands
/// a second the thread is woken for several at a time.
pub(super) const GRAIN: Duration = Duration::from_micros(100);

/// Sends a job's requests.
pub(super) struct Pacer {
    pub state: Rc<RunState>,
    pub steps: Vec<Step>,
    pub idle: IdleStrategy,
    /// At most this many connections are opened ahead of need.
    pub max_ready: usize,
    pub timer: Timer,
    /// How many steps have begun.
    pub begun: usize,
    /// When the run starts, by the wall clock, where that is set.
    pub start_at: Option<SystemTime>,
    /// When this engine started on the run's clock. Requests that were due earlier are not sent.
    pub there_since_us: u64,
}

impl Pacer {
    /// Sends all requests, or until the run is to end; then waits for those in flight.
    pub async fn run(mut self) {
        let state = Rc::clone(&self.state);
        let ahead = self.connections_needed(0);
        self.there_since_us = start(&state, ahead, self.start_at, &mut self.timer).await;
        let ends = self.steps.last().map(|step| step.start + step.length);
        let expires = ends
            .unwrap_or_default()
            .saturating_add(state.client.timeout);
        while let Some(request) = state.next_arrival() {
            self.begin_steps(request.step as usize + 1).await;
            self.wait_until(request.planned_us.unwrap_or_default())
                .await;
            if state.ending.has_begun() {
                state.not_sent(&request);
            } else if request.planned_us < Some(self.there_since_us) {
                state.missed(&request);
            } else if let Some(request) = dispatch(&state, request) {
                state.drained(request, micros(expires)).await;
            }
        }
        self.begin_steps(self.steps.len()).await;
        state.quiet().await;
    }

    /// Begins the steps before `end`, and lets the idle ones among them pass.
    async fn begin_steps(&mut self, end: usize) {
        while self.begun < end && !self.state.ending.has_begun() {
            let number = self.begun;
            let step = number as u32;
            self.begun += 1;
            let Some(plan) = self.steps.get(number) else {
                return;
            };
            if plan.is_idle() {
                let idle = IdleStep {
                    step,
                    ends_us: micros(plan.start.saturating_add(plan.length)),
                    connections: self.connections_needed(number + 1),
                };
                idle::pass(&self.state, &self.idle, idle).await;
            } else {
                let start_us = micros(plan.start);
                self.wait_until(start_us).await;
                self.state.tell(EngineEvent::StepStarted { step });
            }
        }
    }

    /// Waits for a time on the run's clock, or the run's end.
    async fn wait_until(&mut self, at_us: u64) {
        loop {
            let wait = self.state.clock.until(at_us);
            if wait.is_zero() || self.state.ending.has_begun() {
                return;
            }
            tokio::select! {
                biased;
                () = self.state.ending.begins() => {}
                fired = self.timer.after(wait.max(GRAIN)) => {
                    if fired.is_err() {
                        // Tokio's timer still works, with a resolution of a millisecond.
                        tokio::time::sleep(wait).await;
                    }
                }
            }
        }
    }

    /// How many connections the steps from `first` up to the next idle one can need.
    fn connections_needed(&self, first: usize) -> usize {
        let following = self.steps.iter().skip(first);
        following
            .take_while(|step| !step.is_idle())
            .map(Step::connections_needed)
            .max()
            .unwrap_or(0)
            .min(self.max_ready)
    }
}
