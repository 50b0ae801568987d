//! What a plan leads to, predicted before anything is sent.
//!
//! Every quantity is a band: a burst spread over time needs fewer environments than requests, a
//! failed invocation may count up to three times as an error, and idling below the expiry may
//! leave environments alive.

mod assumptions;
mod environments;

use std::time::Duration;

pub use assumptions::Assumptions;
pub use environments::EnvironmentLimits;

use self::{
    assumptions::sum,
    environments::{DurationRange, EnvironmentBounds, PredictedAdmission},
};
use crate::{
    insight::{Band, Basis, MOST_ERRORS_PER_FAILURE, Observation, Quantity},
    lambda::Fault,
    lang::{Phrase, Range, texts},
    scenario::Arrivals,
    schedule::Schedule,
    units::LONGEST_TIMEOUT,
};

texts! {
    const;
    too_many(total: u64): "{} requests are too many to go through one by one, so nothing is predicted",
        "요청 {}회는 하나씩 따져 보기에 너무 많아 아무것도 예측하지 않습니다";
    idle_outlasts(idle: Duration, latest: Duration): "idling for {} outlasts every idle environment (at most {})",
        "{} 동안 유휴이면 유휴 환경이 모두 회수됩니다(최대 {})";
    idle_leaves(idle: Duration, soonest: Duration): "idling for {} leaves environments alive (at least {})",
        "{} 동안 유휴여도 환경이 남습니다(최소 {})";
    idle_may_outlast(idle: Duration, soonest: Duration, latest: Duration): "idling for {} may outlast an idle environment ({} to {})",
        "{} 동안 유휴이면 유휴 환경이 회수될 수도 남을 수도 있습니다({}~{})";
    stays_cold(cold: u64, warm: u64): "{} cold stays above 1 % while fewer than {} warm invocations share the time range",
        "같은 시간 범위의 웜 호출이 {1}회 미만이면 콜드 스타트 {0}회는 1%를 넘습니다";
    may_be_refused(most: u64, concurrency: Range): "up to {} requests run at once and the concurrency is {}, so some may be refused",
        "동시에 요청이 최대 {}회 실행되고 동시성은 {}이므로 일부가 거부될 수 있습니다";
    resets(count: u64): "up to {} timeouts or out-of-memory kills reset their environment, and the next invocation in it counts as cold",
        "시간 초과나 메모리 부족 종료가 최대 {}회 환경을 재설정하며, 그 환경의 다음 호출은 콜드 스타트로 집계됩니다";
    INITIALISED_AHEAD: "Lambda may have initialised environments ahead of need, which are not counted as cold",
        "Lambda가 환경을 미리 초기화했을 수 있으며, 그런 환경은 콜드 스타트로 집계되지 않습니다";
}

/// The prediction for a plan.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// Of the entry function.
    pub entry: Observation,
    /// Of further functions that get the same requests.
    pub others: Vec<Observation>,
    /// The prediction for the consumer, if there is one: its possible cold starts.
    pub consumer: Option<Observation>,
    /// What the bands rest on, a sentence each.
    pub reasons: Vec<Phrase>,
}

/// The longest plan that is simulated request by request.
const MOST_ARRIVALS: u64 = 2_000_000;

/// Predicts what `schedule` causes on `assumptions`. Of more than two million requests only
/// the most that can run is predicted.
pub fn predict(schedule: &Schedule, assumptions: &Assumptions) -> Prediction {
    predict_flows(schedule, assumptions, &[vec![(Duration::ZERO, true)]])
}

/// The same of one function of several, to which the flows send requests: `legs` are, for each flow, how
/// long after its arrival each of them is planned at least, and whether it is the flow's first. When later
/// ones come depends on the answers before them, so their cold starts are at least one for each time that
/// no environment was left, and at most one each.
pub fn predict_flows(
    schedule: &Schedule,
    assumptions: &Assumptions,
    legs: &[Vec<(Duration, bool)>],
) -> Prediction {
    let total = schedule.requests();
    if total > MOST_ARRIVALS {
        return Prediction {
            entry: Observation::new(assumptions.function.clone(), Basis::Plan)
                .with(Quantity::Invocations, Band::between(0, total)),
            others: Vec::new(),
            consumer: None,
            reasons: vec![too_many(total)],
        };
    }
    let mut totals = PredictedTotals::new(assumptions);
    let of_flow = |flow: u32| legs.get(flow as usize).map_or(&[][..], Vec::as_slice);
    let all_first = legs.iter().flatten().all(|(_, is_first)| *is_first);
    if all_first {
        for arrival in schedule.arrivals() {
            for _ in of_flow(arrival.flow) {
                totals.arrive(arrival.at, arrival.fault.filter(|_| assumptions.faults));
            }
        }
    } else {
        let mut times: Vec<(Duration, Option<Fault>)> = Vec::new();
        for arrival in schedule.arrivals() {
            for (after, is_first) in of_flow(arrival.flow) {
                let fault = arrival.fault.filter(|_| *is_first && assumptions.faults);
                times.push((arrival.at.saturating_add(*after), fault));
            }
        }
        times.sort_by_key(|(at, _)| *at);
        for (at, fault) in times {
            totals.arrive(at, fault);
        }
    }
    let mut entry = totals.entry();
    if !all_first {
        let certain = if assumptions.limits.ahead {
            0
        } else {
            totals.environments.segments()
        };
        let most = totals.ran.high().unwrap_or(u64::MAX);
        entry.set(Quantity::ColdStarts, Band::between(certain.min(most), most));
        let throttles = totals.throttles.high().unwrap_or(0);
        entry.set(Quantity::Throttles, Band::between(0, throttles));
    }
    Prediction {
        others: Vec::new(),
        reasons: reasons(schedule, assumptions, &totals),
        consumer: assumptions
            .consumer
            .as_ref()
            .map(|name| totals.consumer(name)),
        entry,
    }
}

/// The counts so far.
struct PredictedTotals<'a> {
    assumptions: &'a Assumptions,
    environments: EnvironmentBounds,
    ran: Band,
    errors: Band,
    timeouts: Band,
    out_of_memory: Band,
    throttles: Band,
    messages: Band,
    resets: u64,
    duration: (Duration, Duration),
    memory_kib: (u64, u64),
    timeout: DurationRange,
}

/// How one invocation can end.
#[derive(Clone, Copy, Default)]
struct PossibleEnd {
    fails: Option<Band>,
    times_out: bool,
    may_time_out: bool,
    killed: bool,
    may_be_killed: bool,
}

impl<'a> PredictedTotals<'a> {
    fn new(assumptions: &'a Assumptions) -> PredictedTotals<'a> {
        let timeout = assumptions.settings.timeout;
        PredictedTotals {
            assumptions,
            environments: EnvironmentBounds::new(assumptions.limits),
            ran: Band::ZERO,
            errors: Band::ZERO,
            timeouts: Band::ZERO,
            out_of_memory: Band::ZERO,
            throttles: Band::ZERO,
            messages: Band::ZERO,
            resets: 0,
            duration: (Duration::ZERO, Duration::ZERO),
            memory_kib: (0, 0),
            timeout: timeout.map_or((Duration::from_secs(1), LONGEST_TIMEOUT), |timeout| {
                (timeout, timeout)
            }),
        }
    }

    fn arrive(&mut self, at: Duration, fault: Option<Fault>) {
        let handler = self.handler(fault);
        let ending = self.ending(fault, handler);
        let (_, longest) = sum(handler, self.assumptions.flush);
        let duration = (handler.0.min(self.timeout.1), longest.min(self.timeout.1));
        let busy_cold = sum(self.assumptions.init, duration);
        let admission = self.environments.arrive(at, busy_cold, duration);
        let (ran, refused) = match admission {
            PredictedAdmission::Runs => (Band::exactly(1), Band::ZERO),
            PredictedAdmission::MayRun => (Band::between(0, 1), Band::between(0, 1)),
            PredictedAdmission::Refused => (Band::ZERO, Band::exactly(1)),
        };
        self.throttles = self.throttles.plus(refused);
        if admission == PredictedAdmission::Refused {
            return;
        }
        self.ran = self.ran.plus(ran);
        self.count(ending, ran);
        let certain = admission == PredictedAdmission::Runs;
        if certain {
            let least = if ending.times_out {
                self.timeout.0
            } else {
                duration.0
            };
            self.duration.0 = self.duration.0.max(least);
        }
        self.duration.1 = self.duration.1.max(duration.1);
        self.use_memory(fault, certain);
    }

    /// How long the handler runs in an environment that may be new or just reset.
    fn handler(&self, fault: Option<Fault>) -> DurationRange {
        let assumptions = self.assumptions;
        let more = match fault {
            Some(Fault::Latency(more)) => (more, more),
            Some(Fault::Timeout) => self.timeout,
            _ => (Duration::ZERO, Duration::ZERO),
        };
        // A handler that fails may fail at once.
        let least = match fault {
            Some(Fault::Error | Fault::Status(_) | Fault::Memory { .. }) => Duration::ZERO,
            _ => assumptions.warm.0,
        };
        let warm = sum((least, assumptions.warm.1), more);
        let first = sum(warm, (Duration::ZERO, assumptions.first_run.1));
        if self.resets == 0 {
            return first;
        }
        // After a reset, init runs within the invocation.
        sum(
            first,
            (
                Duration::ZERO,
                assumptions.init.1.saturating_add(assumptions.first_run.1),
            ),
        )
    }

    fn ending(&self, fault: Option<Fault>, handler: DurationRange) -> PossibleEnd {
        let failed = Some(Band::between(1, MOST_ERRORS_PER_FAILURE));
        let times_out = fault == Some(Fault::Timeout) || handler.0 > self.timeout.1;
        let mut ending = PossibleEnd {
            times_out,
            may_time_out: times_out || handler.1 > self.timeout.0,
            ..PossibleEnd::default()
        };
        match fault {
            Some(Fault::Error) => ending.fails = failed,
            // A returned status counts once, and only from 500 up.
            Some(Fault::Status(500..)) => ending.fails = Some(Band::exactly(1)),
            Some(Fault::Memory { percent }) => {
                ending.killed = percent > 100;
                // What the runtime itself holds comes on top.
                ending.may_be_killed = percent >= 99;
            }
            _ => {}
        }
        ending
    }

    fn count(&mut self, ending: PossibleEnd, once: Band) {
        let maybe = once.or_none();
        let resets = ending.may_time_out || ending.may_be_killed;
        if resets {
            self.resets += 1;
        }
        if ending.may_time_out {
            let timeouts = if ending.times_out { once } else { maybe };
            self.timeouts = self.timeouts.plus(timeouts);
        }
        if ending.may_be_killed {
            let kills = if ending.killed { once } else { maybe };
            self.out_of_memory = self.out_of_memory.plus(kills);
        }
        let certain = ending.times_out || ending.killed;
        let errors = match ending.fails {
            Some(errors) => errors,
            None if certain => Band::between(1, MOST_ERRORS_PER_FAILURE),
            None if resets => Band::between(0, MOST_ERRORS_PER_FAILURE),
            None => Band::ZERO,
        };
        let errors = if once.low() == 0 {
            errors.or_none()
        } else {
            errors
        };
        self.errors = self.errors.plus(errors);
        let published = match (ending.fails, certain, resets) {
            (Some(_), ..) | (_, true, _) => Band::ZERO,
            (_, _, true) => maybe,
            _ => once,
        };
        self.messages = self.messages.plus(published);
    }

    fn use_memory(&mut self, fault: Option<Fault>, runs: bool) {
        let Some(size) = self.assumptions.settings.memory else {
            return;
        };
        let size = u64::from(size.mb());
        let base = self.assumptions.memory_used_mb.unwrap_or((0, u32::MAX));
        let (low, high) = match fault {
            Some(Fault::Memory { percent }) => {
                let held = (size * u64::from(percent) / 100).min(size);
                (held, size.min(held + u64::from(base.1)))
            }
            _ => (u64::from(base.0).min(size), u64::from(base.1).min(size)),
        };
        if runs {
            self.memory_kib.0 = self.memory_kib.0.max(low * 1024);
        }
        self.memory_kib.1 = self.memory_kib.1.max(high * 1024);
    }

    fn entry(&self) -> Observation {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        // The invocation after a reset is tagged as a cold start, if there is one. Each is one at most once.
        let cold = self.environments.cold_starts();
        let most = cold.plus(Band::between(0, self.resets)).high();
        let most = most.min(self.ran.high());
        let mut seen = Observation::new(self.assumptions.function.clone(), Basis::Plan)
            .with(Quantity::Invocations, self.ran)
            .with(Quantity::CloudwatchInvocations, self.ran)
            .with(Quantity::Errors, self.errors)
            .with(Quantity::ColdStarts, Band::bounded(cold.low(), most))
            .with(Quantity::Timeouts, self.timeouts)
            .with(Quantity::OutOfMemory, self.out_of_memory)
            .with(Quantity::Throttles, self.throttles)
            .with(
                Quantity::LongestDuration,
                Band::between(micros(self.duration.0), micros(self.duration.1)),
            );
        if self.assumptions.settings.memory.is_some() {
            let used = Band::between(self.memory_kib.0, self.memory_kib.1);
            seen.set(Quantity::MemoryUsed, used);
        }
        if let (_, ready @ 1..) = self.assumptions.limits.provisioned {
            // The most that was ever in use bounds the mean.
            let most = self.environments.peak().high().unwrap_or(ready).min(ready);
            let used = most.saturating_mul(1_000_000).div_ceil(ready);
            seen.set(Quantity::ProvisionedUtilization, Band::between(0, used));
        }
        self.assumptions.settings.fill(&mut seen);
        seen
    }

    /// The consumer runs at most once for each message and retries are rare; it is cold at least
    /// once each time that nothing was left alive.
    fn consumer(&self, name: &str) -> Observation {
        let messages = self.messages;
        let runs = Band::between(
            messages.low().div_ceil(BATCH).min(messages.low()),
            messages.high().unwrap_or(u64::MAX),
        );
        let certain = if messages.low() == 0 || self.assumptions.limits.ahead {
            0
        } else {
            // Every segment sends at least one message only where nothing fails.
            let all_publish = messages.exact() == self.ran.exact() && messages.exact().is_some();
            if all_publish {
                self.environments.segments()
            } else {
                u64::from(self.environments.segments() > 0)
            }
        };
        Observation::new(name, Basis::Plan)
            .with(Quantity::Invocations, runs)
            .with(Quantity::CloudwatchInvocations, runs)
            .with(
                Quantity::ColdStarts,
                Band::between(certain, runs.high().unwrap_or(certain)),
            )
            .with(Quantity::IteratorAge, Band::ZERO)
    }
}

/// Messages in one batch at most: the default of an SQS event source (AWS Lambda developer guide,
/// "Using Lambda with Amazon SQS").
const BATCH: u64 = 10;

fn reasons(
    schedule: &Schedule,
    assumptions: &Assumptions,
    totals: &PredictedTotals,
) -> Vec<Phrase> {
    let mut idles: Vec<Duration> = (schedule.steps().iter())
        .filter(|step| matches!(step.arrivals, Arrivals::Idle(_)))
        .map(|step| step.length)
        .collect();
    idles.sort_unstable();
    idles.dedup();
    let mut reasons: Vec<Phrase> = (idles.iter().take(5))
        .map(|idle| idling(*idle, assumptions.limits.expiry))
        .collect();
    let cold = totals.environments.cold_starts();
    if cold.low() > 0 {
        reasons.push(stays_cold(cold.low(), cold.low().saturating_mul(99)));
    }
    let peak = totals.environments.peak();
    if let Some(most) = peak.high()
        && totals.throttles.high() != Some(0)
    {
        let (low, high) = assumptions.limits.concurrency;
        let concurrency = Range::new(Some(low.into()), Some(high.into()));
        reasons.push(may_be_refused(most, concurrency));
    }
    if totals.resets > 0 {
        reasons.push(resets(totals.resets));
    }
    if assumptions.limits.ahead {
        reasons.push(INITIALISED_AHEAD.into());
    }
    reasons
}

/// What an idle phase does to idle environments.
fn idling(idle: Duration, (soonest, latest): DurationRange) -> Phrase {
    if idle > latest {
        idle_outlasts(idle, latest)
    } else if idle < soonest {
        idle_leaves(idle, soonest)
    } else {
        idle_may_outlast(idle, soonest, latest)
    }
}

#[cfg(test)]
mod tests;
