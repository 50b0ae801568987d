//! The pacer: takes planned requests one at a time and sends each when its time has come.
//! While as many are in flight as may be, it takes no more, so the line that forms is the
//! schedule itself, and the slots serve it.

use std::{rc::Rc, time::Duration};

use super::{
    alarm::Alarm,
    clock::micros,
    event::Event,
    idle,
    job::{IdleStrategy, Job},
    shared::Shared,
    slot::Request,
};
use crate::{scenario::Arrivals, schedule::Step};

/// Requests planned closer to each other than this leave together, so that at tens of thousands
/// a second the thread is woken for several at a time.
const GRAIN: Duration = Duration::from_micros(100);

/// Sends a job's requests.
pub(super) struct Pacer {
    shared: Rc<Shared>,
    steps: Vec<Step>,
    idle: IdleStrategy,
    /// Connections that a burst finds open, at most.
    most_ready: usize,
    alarm: Alarm,
    /// How many steps have begun.
    begun: usize,
}

impl Pacer {
    pub fn new(shared: Rc<Shared>, job: &Job, alarm: Alarm) -> Pacer {
        Pacer {
            shared,
            steps: job.steps.clone(),
            idle: job.idle.clone(),
            most_ready: if job.new_connections {
                0
            } else {
                job.max_in_flight
            },
            alarm,
            begun: 0,
        }
    }

    /// Sends all, or until the run is to end; then waits for what is in flight.
    pub async fn run(mut self) {
        let shared = Rc::clone(&self.shared);
        prepare(&shared, self.connections_needed(0)).await;
        shared.clock.restart();
        while let Some(arrival) = shared.next_arrival() {
            self.begin(arrival.step as usize + 1).await;
            self.wait_until(micros(arrival.at)).await;
            let request = Request::from(arrival);
            if shared.is_ending() {
                shared.not_sent(&request);
            } else if !shared.send(request) {
                shared.served(request).await;
            }
        }
        self.begin(self.steps.len()).await;
        quiet(&shared).await;
    }

    /// Begins the steps up to `upto`, and lives through the idle ones among them.
    async fn begin(&mut self, upto: usize) {
        while self.begun < upto.min(self.steps.len()) && !self.shared.is_ending() {
            let number = self.begun;
            let step = number as u32;
            self.begun += 1;
            let Some(plan) = self.steps.get(number) else {
                return;
            };
            if matches!(plan.arrivals, Arrivals::Idle(_)) {
                let ends_us = micros(plan.start.saturating_add(plan.length));
                let strategy = self.idle.clone();
                idle::pass(self, &strategy, step, ends_us).await;
            } else {
                self.wait_until(micros(plan.start)).await;
                self.shared.tell(Event::StepStarted { step });
            }
        }
    }

    /// Waits for a time on the run's clock, or the run's end.
    async fn wait_until(&mut self, at_us: u64) {
        loop {
            let wait = self.shared.clock.until(at_us);
            if wait.is_zero() || self.shared.is_ending() {
                return;
            }
            tokio::select! {
                biased;
                () = self.shared.ending() => {}
                rung = self.alarm.after(wait.max(GRAIN)) => {
                    if rung.is_err() {
                        // The timer is broken: the runtime's, of a millisecond, still works.
                        tokio::time::sleep(wait).await;
                    }
                }
            }
        }
    }

    /// How many connections the steps from `first` up to the next idle one can need: all
    /// requests of a burst may be in flight at once, and a second's worth of others.
    pub fn connections_needed(&self, first: usize) -> usize {
        let following = self.steps.iter().skip(first);
        following
            .take_while(|step| !matches!(step.arrivals, Arrivals::Idle(_)))
            .map(|step| match step.arrivals {
                Arrivals::Burst { count, .. } => usize::try_from(count).unwrap_or(usize::MAX),
                _ => step.peak_per_second().ceil() as usize,
            })
            .max()
            .unwrap_or(0)
            .min(self.most_ready)
    }

    pub fn shared(&self) -> &Rc<Shared> {
        &self.shared
    }
}

/// Opens connections until so many are ready, one cannot be opened, or the run ends.
pub(super) async fn prepare(shared: &Rc<Shared>, connections: usize) {
    shared.forgive();
    while shared.open(connections) && !shared.is_ending() {
        shared.change().await;
    }
}

/// Waits until no request is in flight.
pub(super) async fn quiet(shared: &Shared) {
    while !shared.is_quiet() {
        shared.change().await;
    }
}
