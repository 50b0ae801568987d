//! One function under arrivals without end.

use std::time::Duration;

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

use super::{SeedMean, SteadyArrivals, cpu::CpuClock};
use crate::{
    lambda::{Nanos, Pool, Reuse},
    lang::{Phrase, texts},
    units::Distribution,
};

texts! {
    const;
    far_too_many(requests: String): "this would be about {} requests, more than the 5e9 that one simulation takes; shorten --duration or lower --seeds",
        "요청이 약 {}회가 되어 한 시뮬레이션이 처리하는 5e9회를 넘습니다. --duration이나 --seeds를 줄이세요";
}

/// One function under endless arrivals. Environments come and go as in [`crate::lambda::Pool`].
/// Requests above `cap` busy environments are rejected. There is no other limit, so that the
/// figures can be compared with theory and other simulators.
#[derive(Clone, Debug, PartialEq)]
pub struct Steady {
    /// When requests come.
    pub arrivals: SteadyArrivals,
    /// How long a warm environment is busy with one.
    pub warm: Distribution,
    /// How long a new environment is busy with one, init included.
    pub cold: Distribution,
    /// How long an idle environment is kept.
    pub expiry: Distribution,
    /// How many environments may be busy at once, 1 to 1,000,000.
    pub cap: u32,
    /// Which idle environment takes a request.
    pub reuse: Reuse,
    /// How long, in virtual time; it starts without environments. Above zero.
    pub duration: Duration,
    /// How many independent runs, 1 to 10,000.
    pub seeds: u32,
    /// The first run's seed.
    pub seed: u64,
}

/// The most requests that one simulation is expected to have, over all seeds.
pub const MOST_REQUESTS: f64 = 5e9;
/// The longest simulation of one seed: ten years.
pub const LONGEST: Duration = Duration::from_secs(3_653 * 86_400);

/// What a steady simulation found: means over the seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SteadyFigures {
    /// Always true: nothing here was measured on AWS.
    pub simulated: bool,
    /// Requests of one seed.
    pub requests: SeedMean,
    /// Cold starts by requests, rejected ones included.
    pub p_cold: SeedMean,
    /// Rejected requests by requests.
    pub p_reject: SeedMean,
    /// Environments over time, idle or busy.
    pub mean_environments: SeedMean,
    /// Busy environments over time.
    pub mean_busy: SeedMean,
    /// Requests of all seeds together.
    pub requests_total: u64,
    /// Invocations simulated in a second of CPU time, chance included.
    pub invocations_per_cpu_second: f64,
}

/// What one seed's run counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SeedCounts {
    /// Requests.
    pub requests: u64,
    /// How many of them were cold.
    pub cold: u64,
    /// How many of them were rejected.
    pub rejected: u64,
    /// Environment time from creation to shutdown or to the end of the run, in nanoseconds.
    pub alive: u128,
    /// Environment time spent on requests, in nanoseconds.
    pub busy: u128,
}

impl Steady {
    /// Runs all seeds.
    ///
    /// # Errors
    /// When more than [`MOST_REQUESTS`] are to be expected.
    pub fn run(&self) -> Result<SteadyFigures, Phrase> {
        let expected =
            self.arrivals.per_second() * self.duration.as_secs_f64() * f64::from(self.seeds);
        if expected > MOST_REQUESTS {
            return Err(far_too_many(format!("{expected:.1e}")));
        }
        let clock = CpuClock::start();
        let runs: Vec<SeedCounts> = (0..u64::from(self.seeds))
            .map(|i| self.run_seed(self.seed.wrapping_add(i)))
            .collect();
        let cpu = clock.elapsed().as_secs_f64().max(1e-9);
        let requests_total: u64 = runs.iter().map(|run| run.requests).sum();
        let over = |value: fn(&SeedCounts, f64) -> f64| {
            SeedMean::over(runs.iter().map(|run| {
                let share = value(run, self.duration.as_nanos() as f64);
                Some(share).filter(|share| share.is_finite())
            }))
        };
        Ok(SteadyFigures {
            simulated: true,
            requests: over(|run, _| run.requests as f64),
            p_cold: over(|run, _| run.cold as f64 / run.requests as f64),
            p_reject: over(|run, _| run.rejected as f64 / run.requests as f64),
            mean_environments: over(|run, length| run.alive as f64 / length),
            mean_busy: over(|run, length| run.busy as f64 / length),
            requests_total,
            invocations_per_cpu_second: requests_total as f64 / cpu,
        })
    }

    /// Runs one seed.
    pub fn run_seed(&self, seed: u64) -> SeedCounts {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut pool: Pool<()> = Pool::new(self.reuse);
        let mut counted = SeedCounts::default();
        let end = u64::try_from(self.duration.as_nanos()).unwrap_or(Nanos::MAX / 4);
        let mut now: Nanos = 0;
        loop {
            now = now.saturating_add(self.arrivals.gap(&mut rng));
            if now >= end {
                break;
            }
            for _ in 0..self.arrivals.at_once() {
                counted.requests += 1;
                if pool.busy(now) >= self.cap {
                    counted.rejected += 1;
                    continue;
                }
                let (slot, busy_for) = match pool.take(now) {
                    Some(slot) => (slot, self.warm.draw_nanos(&mut rng)),
                    None => {
                        counted.cold += 1;
                        (pool.create(now, ()), self.cold.draw_nanos(&mut rng))
                    }
                };
                let ends = now + busy_for;
                pool.occupy(slot, now, ends, ends + self.expiry.draw_nanos(&mut rng));
            }
        }
        let usage = pool.usage(end);
        counted.alive = usage.alive;
        counted.busy = usage.busy;
        counted
    }
}
