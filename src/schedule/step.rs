//! What a schedule is made of: steps, and the requests that each plans.

use std::time::Duration;

use crate::{
    lambda::Fault,
    scenario::{Arrivals, FaultShare},
};

/// One phase in one repetition.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Which phase of the scenario, from 0.
    pub phase: usize,
    /// The phase's name.
    pub name: String,
    /// Which repetition, from 0.
    pub cycle: u32,
    /// When it starts, since the run began.
    pub start: Duration,
    /// How long it lasts; zero for a burst all at once.
    pub length: Duration,
    /// How its requests arrive.
    pub arrivals: Arrivals,
    /// The only function that its requests are sent to, by name; None: each of the run's.
    pub only: Option<String>,
    /// Which of the run's functions is the first that each of its requests is sent to, from 0.
    pub function: u32,
    /// To how many functions, from that one, each of its requests is sent; 1 where a run has one.
    pub functions: u64,
    /// How many requests it plans, to all functions together; 0 only for an idle step, or a Poisson step by chance.
    pub count: u64,
    /// How many requests its arrivals come to at most: more than `count` where flows have several.
    pub requests: u64,
    /// The index of its first request; its requests have consecutive indexes.
    pub first_index: u64,
    /// The fault that some of its requests ask for.
    pub fault: Option<FaultShare>,
    /// How many of its requests ask for the fault: exactly `round(share * count)`.
    pub faults: u64,
}

/// One planned request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// Its place in the schedule, from 0.
    pub index: u64,
    /// Its step, an index into [`Schedule::steps`](super::Schedule::steps).
    pub step: u32,
    /// When to send it, since the run began, idling included.
    pub at: Duration,
    /// The fault it asks for.
    pub fault: Option<Fault>,
    /// Which of the run's functions it is sent to, from 0.
    pub function: u32,
    /// Which flow it starts, from 0.
    pub flow: u32,
}

impl Step {
    /// Whether it sends nothing.
    pub fn is_idle(&self) -> bool {
        self.arrivals.is_idle()
    }

    /// How many connections its requests can need. All requests of a burst may be in flight at
    /// once; for other steps it is about a second's worth.
    pub fn connections_needed(&self) -> usize {
        match self.arrivals {
            Arrivals::Burst { .. } => usize::try_from(self.count).unwrap_or(usize::MAX),
            _ => self.peak_per_second().ceil() as usize,
        }
    }

    /// The most requests that it plans within any one second, about.
    pub fn peak_per_second(&self) -> f64 {
        let peak = match self.arrivals {
            Arrivals::Idle(_) => 0.0,
            Arrivals::Burst { count, within } => {
                count as f64 / within.max(Duration::from_secs(1)).as_secs_f64()
            }
            Arrivals::Rate { per_second, .. } | Arrivals::Poisson { per_second, .. } => per_second,
            Arrivals::Ramp { from, to, .. } => from.max(to),
        };
        // In the long run each arrival of a second brings the requests of its flow into it.
        let each = self.requests as f64 / self.count.max(1) as f64;
        (peak * self.functions as f64).min(self.count as f64) * each
    }
}
