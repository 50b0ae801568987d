//! The planned requests, one at a time.

use std::{sync::Arc, time::Duration};

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    flows,
    shard::Shard,
    step::{Arrival, Step},
};
use crate::scenario::Arrivals;

/// The planned requests of a schedule, in order.
#[derive(Clone, Debug)]
pub struct PlannedArrivals {
    seed: u64,
    /// The steps of the complete run, whichever shard this is.
    steps: Arc<[Step]>,
    shard: Shard,
    step: usize,
    /// How many of this step's requests are done.
    done: u64,
    faults_left: u64,
    weights: Arc<[u64]>,
    /// How many of this step's requests are still to start each flow.
    flows_left: Vec<u64>,
    last: Duration,
    /// The request that also goes to the next function.
    held: Option<Arrival>,
    /// The sum of the weighted exponentials so far: see [`PlannedArrivals::poisson`].
    exponentials: f64,
    gaps: Xoshiro256PlusPlus,
    places: Xoshiro256PlusPlus,
    flows: Xoshiro256PlusPlus,
}

/// What a stream of random numbers is for. Each use has its own, so that adding a fault to a
/// phase does not move its requests.
#[derive(Clone, Copy)]
pub(super) enum RandomStream {
    Count,
    Gaps,
    Places,
    Flows,
}

/// The stream for one use in one step. It depends on the phase's name, not on its place, so
/// that adding, moving or editing one phase leaves the others as they were.
pub(super) fn stream(
    seed: u64,
    phase: &str,
    cycle: u32,
    stream: RandomStream,
) -> Xoshiro256PlusPlus {
    // FNV-1a, begun at the seed.
    let bytes = phase.bytes().chain(cycle.to_le_bytes());
    let key = bytes
        .chain([stream as u8])
        .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    Xoshiro256PlusPlus::seed_from_u64(key)
}

impl PlannedArrivals {
    pub(super) fn new(
        seed: u64,
        steps: Arc<[Step]>,
        weights: Arc<[u64]>,
        shard: Shard,
    ) -> PlannedArrivals {
        let unused = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut planned = PlannedArrivals {
            seed,
            steps,
            shard,
            step: 0,
            done: 0,
            faults_left: 0,
            weights,
            flows_left: Vec::new(),
            last: Duration::ZERO,
            held: None,
            exponentials: 0.0,
            gaps: unused.clone(),
            places: unused.clone(),
            flows: unused,
        };
        planned.enter();
        planned
    }

    /// Begins the step that `self.step` points to.
    fn enter(&mut self) {
        if let Some(step) = self.steps.get(self.step) {
            self.done = 0;
            self.faults_left = step.faults / step.functions.max(1);
            self.exponentials = 0.0;
            self.gaps = stream(self.seed, &step.name, step.cycle, RandomStream::Gaps);
            self.places = stream(self.seed, &step.name, step.cycle, RandomStream::Places);
            if self.weights.len() > 1 {
                self.flows_left = flows::shares(&self.weights, step.count);
                self.flows = stream(self.seed, &step.name, step.cycle, RandomStream::Flows);
            }
        }
    }

    /// The time into a Poisson step of length `length` of the next of `left` requests.
    ///
    /// Given how many there are, the times of a Poisson process are that many uniform draws in
    /// order. Rényi's representation gives them in order without sorting: minus the logarithm
    /// of what remains of the step grows by an exponential over the number left (Devroye,
    /// "Non-Uniform Random Variate Generation", 1986, chapter V.3).
    fn poisson(&mut self, length: Duration, left: u64) -> f64 {
        let unit: f64 = Exp1.sample(&mut self.gaps);
        self.exponentials += unit / left as f64;
        -(-self.exponentials).exp_m1() * length.as_secs_f64()
    }

    /// Whether the next of `left` requests asks for the fault: selection sampling, which takes
    /// exactly `faults_left` of them, every choice alike likely.
    fn takes_fault(&mut self, left: u64) -> bool {
        let taken = self.faults_left > 0 && self.places.random_range(0..left) < self.faults_left;
        self.faults_left -= u64::from(taken);
        taken
    }
}

/// When request `k` of a ramp comes, in seconds: where the integral of the rate reaches `k`.
fn ramp(from: f64, to: f64, length: Duration, k: u64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    let slope = (to - from) / length.as_secs_f64();
    // The quadratic's root in the form that does not cancel where the slope is small.
    let discriminant = (from * from + 2.0 * slope * k as f64).max(0.0);
    2.0 * k as f64 / (from + discriminant.sqrt())
}

impl PlannedArrivals {
    /// The next arrival, of whichever shard.
    fn next_of_all(&mut self) -> Option<Arrival> {
        while self.done == self.steps.get(self.step)?.count {
            self.step += 1;
            self.enter();
        }
        let step = &self.steps[self.step];
        let functions = step.functions.max(1);
        let index = step.first_index + self.done;
        if let Some(held) = self.held.take_if(|_| !self.done.is_multiple_of(functions)) {
            let function = held.function + 1;
            self.done += 1;
            self.held = Some(Arrival {
                index,
                function,
                ..held
            });
            return self.held;
        }
        let (start, length, k) = (step.start, step.length, self.done / functions);
        let left = step.count / functions - k;
        let (fault, function) = (step.fault, step.function);
        let into = match step.arrivals {
            Arrivals::Idle(_) => Duration::ZERO,
            Arrivals::Burst { count, within } => share_of(within, k, count),
            Arrivals::Rate { per_second, .. } => seconds(k as f64 / per_second, length),
            Arrivals::Ramp { from, to, .. } => seconds(ramp(from, to, length, k), length),
            Arrivals::Poisson { .. } => seconds(self.poisson(length, left), length),
        };
        self.done += 1;
        // Rounding must not send a request before its predecessor.
        self.last = (start + into).max(self.last);
        self.held = Some(Arrival {
            index,
            step: self.step as u32,
            at: self.last,
            fault: fault
                .filter(|_| self.takes_fault(left))
                .map(|share| share.fault),
            function,
            flow: flows::draw(&mut self.flows_left, &mut self.flows),
        });
        self.held
    }
}

impl Iterator for PlannedArrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        loop {
            let arrival = self.next_of_all()?;
            if self.shard.takes(arrival.index) {
                return Some(arrival);
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let next = self.steps.get(self.step);
        let next = next.map_or(u64::MAX, |step| step.first_index + self.done);
        let end = self.steps.last();
        let end = end.map_or(0, |step| step.first_index + step.count);
        let left = self.shard.share_of(end) - self.shard.share_of(next.min(end));
        let left = usize::try_from(left).ok();
        (left.unwrap_or(usize::MAX), left)
    }
}

/// `k / n` of a duration, rounded down to the nanosecond.
fn share_of(whole: Duration, k: u64, n: u64) -> Duration {
    let nanos = whole.as_nanos() * u128::from(k) / u128::from(n.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Seconds as a duration no longer than `most`.
fn seconds(seconds: f64, most: Duration) -> Duration {
    Duration::try_from_secs_f64(seconds).map_or(most, |duration| duration.min(most))
}
