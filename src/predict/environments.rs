//! How many environments arrivals can need: the fewest and the most.
//!
//! Two worlds are simulated side by side: in one every invocation takes the shortest possible time,
//! in the other the longest. What holds between them holds in any world:
//! - an arrival is certainly cold if at least as many requests are certainly running as there can
//!   be environments,
//! - it is certainly warm if fewer can be running than environments are certainly alive (one that
//!   was busy within the shortest expiry is),
//! - within one shortest expiry no environment is reclaimed, so this window has at most as many
//!   cold starts as requests can have run at once in it.
//!
//! No reuse policy is assumed: the bounds hold for any that never leaves an idle environment
//! unused. That Lambda takes an idle environment where there is one is an assumption; STeLLAR
//! (IISWC'21) saw no request wait for a busy one.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    time::Duration,
};

use crate::insight::Band;

/// The shortest and the longest that something can take.
pub type DurationRange = (Duration, Duration);

/// What bounds the environments.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvironmentLimits {
    /// After how long an idle environment is reclaimed.
    pub expiry: DurationRange,
    /// Whether there certainly is no environment at the start.
    pub fresh: bool,
    /// How many may be busy at once, least and most.
    pub concurrency: (u64, u64),
    /// Whether the concurrency is shared with the consumer function.
    pub shared: bool,
    /// Provisioned environments that take these requests, least and most.
    pub provisioned: (u64, u64),
    /// Whether Lambda may initialise environments ahead of need, so that a first invocation in
    /// one is not tagged as a cold start.
    pub ahead: bool,
}

/// Whether an arrival runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PredictedAdmission {
    /// It certainly runs.
    Runs,
    /// It runs or is refused.
    MayRun,
    /// It is certainly refused.
    Refused,
}

/// Takes arrivals in order of time and bounds the environments that they need.
#[derive(Debug, Default)]
pub struct EnvironmentBounds {
    limits: EnvironmentLimits,
    shortest: BinaryHeap<Reverse<Duration>>,
    longest: BinaryHeap<Reverse<Duration>>,
    /// When the last one may have ended; None before the first.
    last_end: Option<Duration>,
    /// The most environments that can exist; None: no bound is known.
    most: Option<u64>,
    /// Falling numbers of certainly busy environments, newest last, within the shortest expiry.
    busy: VecDeque<(Duration, u64)>,
    certain_in_segment: u64,
    window: Option<ExpiryWindow>,
    cold_low: u64,
    cold_high: u64,
    peak: (u64, u64),
    segments: u64,
}

#[derive(Clone, Copy, Debug)]
struct ExpiryWindow {
    began: Duration,
    arrivals: u64,
    at_once: u64,
}

impl EnvironmentBounds {
    /// Nothing has arrived yet.
    pub fn new(limits: EnvironmentLimits) -> EnvironmentBounds {
        EnvironmentBounds {
            limits,
            most: limits.fresh.then_some(limits.provisioned.1),
            ..EnvironmentBounds::default()
        }
    }

    /// A request arrives. `cold` and `warm` say how long it keeps its environment busy in
    /// either case.
    pub fn arrive(
        &mut self,
        at: Duration,
        cold: DurationRange,
        warm: DurationRange,
    ) -> PredictedAdmission {
        drop_ended(&mut self.shortest, at);
        drop_ended(&mut self.longest, at);
        self.forget_after_idling(at);
        let running = (self.shortest.len() as u64, self.longest.len() as u64);
        let admission = self.admission(running);
        if admission == PredictedAdmission::Refused {
            return admission;
        }
        let runs = admission == PredictedAdmission::Runs;
        let at_once = (running.1.saturating_add(1)).min(self.limits.concurrency.1);
        let surely_warm = running.1 < self.certainly_alive(at);
        let surely_cold = runs && self.most.is_some_and(|most| running.0 >= most);
        let busy_for = match (surely_cold, surely_warm) {
            (true, _) => cold,
            (_, true) => warm,
            _ => (warm.0.min(cold.0), warm.1.max(cold.1)),
        };
        if surely_cold {
            self.certain_in_segment += 1;
        }
        if !surely_warm {
            self.most = self.most.map(|most| most.max(at_once));
            self.count(at, at_once);
        }
        if runs {
            self.run_for_at_least(at, busy_for.0);
        }
        let end = at.saturating_add(busy_for.1);
        self.longest.push(Reverse(end));
        self.peak.1 = self.peak.1.max(at_once);
        self.last_end = Some(self.last_end.map_or(end, |last| last.max(end)));
        admission
    }

    /// Whether one more runs while this many do, least and most.
    fn admission(&self, running: (u64, u64)) -> PredictedAdmission {
        let (cap_low, cap_high) = self.limits.concurrency;
        // The consumer may need as many environments as the entry function: one message each.
        let wanted = if self.limits.shared {
            running.1.saturating_mul(2)
        } else {
            running.1
        };
        if running.0 >= cap_high {
            PredictedAdmission::Refused
        } else if wanted >= cap_low {
            PredictedAdmission::MayRun
        } else {
            PredictedAdmission::Runs
        }
    }

    /// A request that certainly runs is busy for at least this long.
    fn run_for_at_least(&mut self, at: Duration, shortest: Duration) {
        self.shortest.push(Reverse(at.saturating_add(shortest)));
        let busy = self.shortest.len() as u64;
        while self.busy.back().is_some_and(|(_, fewer)| *fewer <= busy) {
            self.busy.pop_back();
        }
        self.busy.push_back((at, busy));
        self.peak.0 = self.peak.0.max(busy);
    }

    /// The cold starts so far, and how many times no environment was left.
    pub fn cold_starts(&self) -> Band {
        let open = self.certain_in_segment();
        let high = self.cold_high + self.window.map_or(0, |window| self.most_in(window));
        Band::between(self.cold_low + open, high.max(self.cold_low + open))
    }

    /// The most requests that ran at once.
    pub fn peak(&self) -> Band {
        Band::between(self.peak.0, self.peak.1)
    }

    /// How often traffic began with certainly no environment left.
    pub fn segments(&self) -> u64 {
        self.segments
    }

    fn forget_after_idling(&mut self, at: Duration) {
        let gone = match self.last_end {
            None => self.limits.fresh,
            Some(end) => at > end.saturating_add(self.limits.expiry.1),
        };
        if gone {
            self.cold_low += self.certain_in_segment();
            self.certain_in_segment = 0;
            self.segments += 1;
            self.most = Some(self.limits.provisioned.1);
        }
    }

    fn certain_in_segment(&self) -> u64 {
        if self.limits.ahead {
            // Assumption: Lambda never has all of them ready ahead of need.
            self.certain_in_segment.min(1)
        } else {
            self.certain_in_segment
        }
    }

    fn certainly_alive(&mut self, at: Duration) -> u64 {
        while let Some((then, _)) = self.busy.front()
            && at.saturating_sub(*then) >= self.limits.expiry.0
        {
            self.busy.pop_front();
        }
        let recently_busy = self.busy.front().map_or(0, |(_, busy)| *busy);
        recently_busy.max(self.limits.provisioned.0)
    }

    fn count(&mut self, at: Duration, at_once: u64) {
        match &mut self.window {
            Some(window) if at.saturating_sub(window.began) < self.limits.expiry.0 => {
                window.arrivals += 1;
                window.at_once = window.at_once.max(at_once);
            }
            _ => {
                if let Some(window) = self.window {
                    self.cold_high += self.most_in(window);
                }
                self.window = Some(ExpiryWindow {
                    began: at,
                    arrivals: 1,
                    at_once,
                });
            }
        }
    }

    fn most_in(&self, window: ExpiryWindow) -> u64 {
        let on_demand = window.at_once.saturating_sub(self.limits.provisioned.0);
        window.arrivals.min(on_demand)
    }
}

fn drop_ended(ends: &mut BinaryHeap<Reverse<Duration>>, now: Duration) {
    while ends.peek().is_some_and(|Reverse(end)| *end <= now) {
        ends.pop();
    }
}

#[cfg(test)]
mod tests;
