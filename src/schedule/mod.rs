//! Phases become planned send times: pure, seeded, without a clock.
//!
//! A [`Schedule`] is small whatever it plans: it holds one [`Step`] for each phase of each
//! repetition, and [`Schedule::arrivals`] computes the planned requests one at a time. The same
//! scenario and seed give the same requests on every machine, so a run may be shared out
//! (`Schedule::shard`) and put together again.

mod arrivals;
mod flows;
mod shard;
mod step;

use std::{sync::Arc, time::Duration};

use rand_distr::Distribution;

use crate::scenario::{
    Arrivals, FeedOrder, Flow, FlowStep, Group, LONGEST, MOST_REQUESTS, MOST_STEPS, Scenario,
    Traffic,
};

pub use arrivals::PlannedArrivals;
pub use shard::Shard;
pub use step::{Arrival, Step};

use crate::lang::{Phrase, texts};
use arrivals::{RandomStream, stream};

texts! {
    const;
    too_many_requests(planned: u64, most: u64): "{} requests are more than a run may send, {}", "요청 {}회는 한 번의 실행에서 보낼 수 있는 {}회를 넘습니다";
    too_many_steps(phases: usize, times: u32, most: u64): "{} phases repeated {} times are more than {} steps", "단계 {}개를 {}회 반복하면 최대 스텝 수 {}개를 넘습니다";
    LASTS_TOO_LONG: "the phases and their repetitions last longer than a year, which no run does",
        "단계와 반복을 모두 합하면 1년보다 깁니다. 실행은 1년을 넘을 수 없습니다";
    no_rate(phase: &str): "phase `{}` has a rate that is no number of requests per second", "`{}` 단계의 속도가 초당 요청 수가 아닙니다";
    NO_REQUESTS: "no phase sends a request, so there would be nothing to judge: add a phase with `burst`, `rate`, `ramp` or `poisson`",
        "요청을 보내는 단계가 없어 판정할 것이 없습니다. `burst`, `rate`, `ramp`, `poisson` 중 하나가 있는 단계를 추가하세요";
    not_invoked(phase: &str, function: &str): "phase `{}` invokes `{}`, which this run does not: add `--invoke {1}`, without an address and a stack",
        "`{0}` 단계가 호출하는 `{1}` 함수를 이 실행은 호출하지 않습니다. 주소와 스택 없이 `--invoke {1}`을 추가하세요";
    few_rows(feed: &str, rows: usize, arrivals: u64): "the feed `{}` has {} rows, each to be used once, for {} arrivals: add rows, send less, or write order = \"next\"",
        "피드 `{}`의 행 {}개를 한 번씩만 쓰는데 도착은 {}회입니다. 행을 늘리거나, 적게 보내거나, order = \"next\"로 쓰세요";
    empty_phase(phase: &str): "phase `{}` sends no request: its rate and length come to less than one", "`{}` 단계는 요청을 보내지 않습니다. 속도와 길이로 계산한 요청이 1회보다 적습니다";
}

/// What a scenario plans to send, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    seed: u64,
    /// What this schedule sends: of a shard its own counts and rates.
    steps: Arc<[Step]>,
    // Shared, so that iterators own what they read and may move to another thread.
    whole: Arc<[Step]>,
    /// The flows' weights; empty where an arrival is a request.
    weights: Arc<[u64]>,
    shard: Shard,
}

impl Schedule {
    /// Plans a scenario.
    ///
    /// # Errors
    /// Scenarios above [`MOST_REQUESTS`], [`MOST_STEPS`] or [`LONGEST`], and phases whose requests
    /// cannot be counted or round to none.
    pub fn of(scenario: &Scenario) -> Result<Schedule, Phrase> {
        let phases = scenario.phases.len();
        if (phases as u64).saturating_mul(scenario.repeat.into()) > MOST_STEPS {
            let times = scenario.repeat;
            return Err(too_many_steps(phases, times, MOST_STEPS));
        }
        let mut steps = Vec::with_capacity(phases * scenario.repeat as usize);
        let (mut start, mut total) = (Duration::ZERO, 0_u64);
        for cycle in 0..scenario.repeat {
            for (number, phase) in scenario.phases.iter().enumerate() {
                let count = count(&phase.name, phase.arrivals, scenario.seed, cycle)?;
                let length = phase.arrivals.length();
                steps.push(Step {
                    phase: number,
                    name: phase.name.clone(),
                    cycle,
                    start,
                    length,
                    arrivals: phase.arrivals,
                    only: phase.function.clone(),
                    function: 0,
                    functions: 1,
                    count,
                    requests: requests(scenario.traffic.as_ref(), count),
                    first_index: total,
                    fault: phase.fault,
                    faults: phase.fault.map_or(0, |fault| fault.of(count)),
                });
                total += count;
                if total > MOST_REQUESTS {
                    return Err(too_many_requests(total, MOST_REQUESTS));
                }
                start = start.checked_add(length).ok_or(LASTS_TOO_LONG)?;
                if start > LONGEST {
                    return Err(LASTS_TOO_LONG.into());
                }
            }
        }
        if total == 0 {
            return Err(NO_REQUESTS.into());
        }
        for feed in scenario.traffic.iter().flat_map(|traffic| &traffic.feeds) {
            let rows = feed.rows.len();
            if feed.order == FeedOrder::Once && (rows as u64) < total && rows > 0 {
                return Err(few_rows(&feed.name, rows, total));
            }
        }
        let steps: Arc<[Step]> = steps.into();
        Ok(Schedule {
            seed: scenario.seed,
            whole: Arc::clone(&steps),
            weights: scenario
                .traffic
                .as_ref()
                .map_or_else(Vec::new, Traffic::weights)
                .into(),
            steps,
            shard: Shard::WHOLE,
        })
    }

    /// The same for each of these functions, interleaved: each request is sent to all of them at
    /// its time, except in phases that name one function. No functions: everything is sent to one
    /// address.
    ///
    /// # Errors
    /// Schedules above [`MOST_REQUESTS`], and phases that name a function that is not among these.
    pub fn to_each_of(&self, functions: &[String]) -> Result<Schedule, Phrase> {
        let to_each = |step: &Step| {
            let (function, functions) = match &step.only {
                None => (0, functions.len().max(1)),
                Some(only) => match functions.iter().position(|name| name == only) {
                    Some(place) => (place as u32, 1),
                    None => return Err(not_invoked(&step.name, only)),
                },
            };
            let functions = functions as u64;
            Ok(Step {
                function,
                functions,
                count: step.count * functions,
                requests: step.requests * functions,
                faults: step.faults * functions,
                ..step.clone()
            })
        };
        let steps = self
            .whole
            .iter()
            .map(to_each)
            .collect::<Result<Vec<Step>, _>>()?;
        let planned = steps.iter().map(|step| step.count as f64).sum::<f64>();
        match planned > MOST_REQUESTS as f64 {
            true => Err(too_many_requests(planned as u64, MOST_REQUESTS)),
            false => Ok(self.numbered(steps)),
        }
    }

    /// What one of the run's functions is sent: it idles in phases of others.
    #[must_use]
    pub fn of_function(&self, name: &str) -> Schedule {
        let of_function = |step: &Step| match &step.only {
            Some(only) if only != name => Step {
                arrivals: Arrivals::Idle(step.length),
                count: 0,
                requests: 0,
                fault: None,
                faults: 0,
                ..step.clone()
            },
            _ => step.clone(),
        };
        self.numbered(self.whole.iter().map(of_function).collect())
    }

    /// A schedule of these steps, whose requests are numbered anew.
    fn numbered(&self, mut steps: Vec<Step>) -> Schedule {
        let mut total = 0;
        for step in &mut steps {
            step.first_index = total;
            total += step.count;
        }
        let steps: Arc<[Step]> = steps.into();
        Schedule {
            seed: self.seed,
            whole: Arc::clone(&steps),
            weights: Arc::clone(&self.weights),
            steps,
            shard: Shard::WHOLE,
        }
    }

    /// The steps, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many arrivals it plans: requests, or flows of several.
    pub fn total(&self) -> u64 {
        self.steps.iter().map(|step| step.count).sum()
    }

    /// How many requests its arrivals come to, at most.
    pub fn requests(&self) -> u64 {
        self.steps.iter().map(|step| step.requests).sum()
    }

    /// How many requests of flows are of a function, a name or a flow, at most.
    pub fn requests_of(&self, traffic: &Traffic, group: Group, name: &str) -> u64 {
        let counts = |flow: &Flow, step: &FlowStep| {
            let request = traffic.requests.get(step.request);
            match group {
                Group::Function => request.and_then(|of| of.function.as_deref()) == Some(name),
                Group::Request => request.is_some_and(|of| of.name == name),
                Group::Flow => flow.name == name,
            }
        };
        let of = |step: &Step| requests_at(traffic, step.count, &counts);
        self.steps.iter().map(of).sum()
    }

    /// How long it lasts, idling included.
    pub fn length(&self) -> Duration {
        self.steps
            .last()
            .map_or(Duration::ZERO, |step| step.start + step.length)
    }

    /// How much of its length is idle steps, which a sandbox skips.
    pub fn idling(&self) -> Duration {
        self.steps
            .iter()
            .filter(|step| step.is_idle())
            .map(|step| step.length)
            .sum()
    }

    /// The planned requests in order of their index; `at` never goes backwards. Computed one at
    /// a time in constant memory.
    pub fn arrivals(&self) -> PlannedArrivals {
        let (steps, weights) = (Arc::clone(&self.whole), Arc::clone(&self.weights));
        PlannedArrivals::new(self.seed, steps, weights, self.shard)
    }

    /// The part of the complete run that one shard sends: every [`Shard::of`]-th arrival, at its
    /// time. An arrival keeps its index and step in the complete run. This schedule may itself be a
    /// part of that run.
    pub fn of_shard(&self, shard: Shard) -> Schedule {
        let own = self.whole.iter().map(|step| shard.of_step(step));
        Schedule {
            steps: own.collect(),
            shard,
            ..self.clone()
        }
    }
}

/// How many requests so many arrivals come to, at most: exact, as the flows' shares are.
fn requests(traffic: Option<&Traffic>, count: u64) -> u64 {
    traffic.map_or(count, |traffic| requests_at(traffic, count, &|_, _| true))
}

fn requests_at(traffic: &Traffic, count: u64, counts: &dyn Fn(&Flow, &FlowStep) -> bool) -> u64 {
    let shares = flows::shares(&traffic.weights(), count);
    let of = |(share, flow): (&u64, &Flow)| {
        share * flow.steps.iter().filter(|step| counts(flow, step)).count() as u64
    };
    shares.iter().zip(&traffic.flows).map(of).sum()
}

/// How many arrivals a phase has in one repetition.
fn count(name: &str, arrivals: Arrivals, seed: u64, cycle: u32) -> Result<u64, Phrase> {
    let expected = arrivals.expected();
    let below_zero = matches!(arrivals, Arrivals::Ramp { from, to, .. } if from.min(to) < 0.0);
    if !expected.is_finite() || expected < 0.0 || below_zero {
        return Err(no_rate(name));
    }
    if expected > MOST_REQUESTS as f64 {
        return Err(too_many_requests(expected as u64, MOST_REQUESTS));
    }
    let count = match arrivals {
        Arrivals::Idle(_) => return Ok(0),
        Arrivals::Burst { count, .. } => count,
        Arrivals::Rate { .. } | Arrivals::Ramp { .. } => expected.round() as u64,
        Arrivals::Poisson { .. } => match rand_distr::Poisson::new(expected) {
            // None in one repetition is chance, not a mistake.
            Ok(law) => {
                return Ok(law.sample(&mut stream(seed, name, cycle, RandomStream::Count)) as u64);
            }
            Err(_) => 0,
        },
    };
    if count == 0 {
        return Err(empty_phase(name));
    }
    Ok(count)
}
