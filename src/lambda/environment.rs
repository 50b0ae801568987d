//! One function and its execution environments: admission, durations, resets.

use std::time::Duration;

use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use uuid::Uuid;

use super::{
    At, Config, End, Fault, Function, Invocation, Role, Start, Throttle, billing,
    pool::{Count, Nanos, Pool, Slot},
    scaling::Bucket,
};
use crate::units::Distribution;

/// After this long Lambda gives up an init and runs it again at the first invocation, with the
/// function's timeout (AWS Lambda developer guide, "Lambda execution environment lifecycle").
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The handler's share that runs before the publish, where a failing handler ends. Assumption.
const BEFORE_PUBLISH: f64 = 0.25;

/// How long before need Lambda may have initialised an environment: spread evenly up to this.
/// Assumption; published is only that the gap often exceeds 10 s.
const PROACTIVE_AHEAD: Duration = Duration::from_secs(600);

/// What an environment is known for.
#[derive(Clone, Debug)]
struct Environment {
    id: Uuid,
    init_ended: Nanos,
    lifetime_ends: Nanos,
    served: bool,
    reset: bool,
}

/// What an invocation is asked to do.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    pub(super) fault: Option<Fault>,
    pub(super) broken: bool,
    pub(super) batch: Vec<Uuid>,
}

/// What the account has left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Whether any environment may start.
    pub(super) account: bool,
    /// Whether one without a reservation may.
    pub(super) unreserved: bool,
}

/// A function as it stands: its settings, its environments, its own chance.
#[derive(Clone, Debug)]
pub(super) struct Deployed {
    pub(super) function: Function,
    role: Role,
    on_demand: Pool<Environment>,
    provisioned: Pool<Environment>,
    bucket: Bucket,
    rng: Xoshiro256PlusPlus,
    expiry: Distribution,
    max_lifetime: Option<Distribution>,
    proactive: f64,
    pub(super) throttles: u64,
}

/// How an environment was found.
enum Found {
    New(Slot),
    Idle(Slot),
    Provisioned(Slot),
}

pub(super) fn nanos(duration: Duration) -> Nanos {
    // Half the range, so that a sum of two never overflows.
    u64::try_from(duration.as_nanos()).map_or(u64::MAX / 2, |nanos| nanos.min(u64::MAX / 2))
}

fn id(rng: &mut impl Rng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.random()).into_uuid()
}

impl Deployed {
    pub(super) fn new(role: Role, config: &Config) -> Deployed {
        let stream = match role {
            Role::Entry => 0,
            Role::Consumer => 1,
        };
        Deployed {
            function: Function::of_sample_app(role, config.profile),
            role,
            on_demand: Pool::new(config.reuse),
            provisioned: Pool::new(config.reuse),
            bucket: Bucket::new(config.scaling),
            // Each function draws from a stream of its own, so that what the consumer does never
            // shifts the entry function's chance.
            rng: Xoshiro256PlusPlus::seed_from_u64(config.seed.wrapping_mul(4) + stream),
            expiry: config.expiry,
            max_lifetime: config.max_lifetime,
            proactive: config.proactive,
            throttles: 0,
        }
    }

    /// Takes a checked configuration over. A new memory size or timeout replaces all
    /// environments, as an update of the function's configuration does on AWS.
    pub(super) fn configure(&mut self, now: Nanos, changed: Function) {
        let before = std::mem::replace(&mut self.function, changed);
        if before.memory != self.function.memory || before.timeout != self.function.timeout {
            self.replace(now);
        } else if before.provisioned_concurrency != self.function.provisioned_concurrency {
            self.provision(now);
        }
    }

    /// Replaces all environments: idle ones now, busy ones as they end.
    pub(super) fn replace(&mut self, now: Nanos) {
        self.on_demand.retire(now);
        self.provision(now);
    }

    fn provision(&mut self, now: Nanos) {
        self.provisioned.retire(now);
        for _ in 0..self.function.provisioned_concurrency {
            let environment = Environment {
                id: id(&mut self.rng),
                init_ended: now,
                lifetime_ends: Nanos::MAX,
                served: false,
                reset: false,
            };
            let slot = self.provisioned.create(now, environment);
            self.provisioned.occupy(slot, now, now, Nanos::MAX);
        }
    }

    /// Busy environments, provisioned ones included.
    pub(super) fn busy(&mut self, now: Nanos) -> u32 {
        self.on_demand.busy(now) + self.provisioned.busy(now)
    }

    /// Busy environments that count against the account's unreserved concurrency.
    pub(super) fn unreserved_busy(&mut self, now: Nanos) -> u32 {
        match self.function.reserved_concurrency {
            Some(_) => 0,
            None => self.on_demand.busy(now),
        }
    }

    pub(super) fn counts(&mut self, now: Nanos) -> (Count, Count) {
        (self.on_demand.count(now), self.provisioned.count(now))
    }

    fn admit(&mut self, now: Nanos, room: Room) -> Result<Found, Throttle> {
        if let Some(reserved) = self.function.reserved_concurrency
            && self.busy(now) >= reserved
        {
            return Err(Throttle::Reserved);
        }
        if !room.account {
            return Err(Throttle::Account);
        }
        if let Some(slot) = self.provisioned.take(now) {
            return Ok(Found::Provisioned(slot));
        }
        if self.function.reserved_concurrency.is_none() && !room.unreserved {
            return Err(Throttle::Account);
        }
        if let Some(slot) = self.on_demand.take(now) {
            return Ok(Found::Idle(slot));
        }
        if !self.bucket.take(now) {
            return Err(Throttle::ScalingRate);
        }
        let lifetime = self.max_lifetime.map(|d| nanos(d.draw(&mut self.rng)));
        let environment = Environment {
            id: id(&mut self.rng),
            init_ended: now,
            lifetime_ends: lifetime.map_or(Nanos::MAX, |lifetime| now + lifetime),
            served: false,
            reset: false,
        };
        Ok(Found::New(self.on_demand.create(now, environment)))
    }

    /// Begins an invocation and decides how it will end.
    pub(super) fn start(
        &mut self,
        now: Nanos,
        room: Room,
        work: Work,
    ) -> Result<Invocation, Throttle> {
        let found = self.admit(now, room).inspect_err(|_| self.throttles += 1)?;
        let arrived = At::from_nanos(now);
        let (pool, slot) = match found {
            Found::Provisioned(slot) => (&mut self.provisioned, slot),
            Found::New(slot) | Found::Idle(slot) => (&mut self.on_demand, slot),
        };
        let provisioned = matches!(found, Found::Provisioned(_));
        let rng = &mut self.rng;
        let function = &self.function;
        let environment = pool.note(slot);

        let mut handler_began = arrived;
        let start = if matches!(found, Found::New(_)) {
            let placement = function.placement.draw(rng);
            let init = function.init.draw(rng);
            if self.proactive > 0.0 && rng.random::<f64>() < self.proactive {
                let age = PROACTIVE_AHEAD.mul_f64(rng.random()).min(arrived);
                environment.init_ended = nanos(arrived - age);
                Start::Proactive { age }
            } else if init > INIT_LIMIT {
                handler_began += placement + INIT_LIMIT;
                environment.init_ended = nanos(handler_began);
                Start::Reset {
                    init: function.init.draw(rng),
                }
            } else {
                handler_began += placement + init;
                environment.init_ended = nanos(handler_began);
                Start::Cold { init }
            }
        } else if environment.reset {
            environment.init_ended = now;
            Start::Reset {
                init: function.init.draw(rng),
            }
        } else if environment.served {
            Start::Warm
        } else {
            Start::Provisioned
        };

        let mut handler = function.warm.draw(rng);
        if start != Start::Warm {
            handler += function.first_run.draw(rng);
        }
        let (low, high) = function.memory_used_mb;
        let mut used = rng.random_range(low..=high.max(low));
        let mut end = End::Ok;
        let fault = work.fault.filter(|_| !work.broken);
        match fault {
            _ if work.broken => end = End::Exception,
            None => {}
            Some(Fault::Error) => end = End::Exception,
            Some(Fault::Latency(more)) => handler += more,
            Some(Fault::Timeout) => handler += function.timeout,
            Some(Fault::Status(code)) => end = End::Status(code),
            Some(Fault::Memory { percent }) => {
                used = used.max(function.memory.mb() * u32::from(percent) / 100);
            }
        }
        if used > function.memory.mb() {
            used = function.memory.mb();
            end = End::OutOfMemory;
        }
        if !matches!(end, End::Ok) {
            handler = handler.mul_f64(BEFORE_PUBLISH);
        }
        let flush = function.flush.draw(rng);
        let inner_init = match start {
            Start::Reset { init } => init,
            _ => Duration::ZERO,
        };
        let mut response_after = inner_init + handler;
        // The timeout limits the whole invoke phase, the extension included (AWS Lambda
        // developer guide, as above); a flush that is cut off spoils nothing for the caller.
        let mut duration = (response_after + flush).min(function.timeout);
        if response_after > function.timeout {
            end = End::Timeout;
            response_after = function.timeout;
        }
        if matches!(end, End::Timeout | End::OutOfMemory) {
            duration = response_after;
        }
        let billed = billing::billed(
            match start {
                Start::Cold { init } => init,
                _ => Duration::ZERO,
            },
            duration,
        );

        let ended = nanos(handler_began + duration);
        let kept = if provisioned {
            Nanos::MAX
        } else {
            (ended + nanos(self.expiry.draw(rng)))
                .min(environment.lifetime_ends)
                .max(ended)
        };
        environment.served = true;
        environment.reset = matches!(end, End::Timeout | End::OutOfMemory);
        let invocation = Invocation {
            role: self.role,
            request_id: id(rng),
            environment_id: environment.id,
            arrived,
            start,
            provisioned,
            handler_began,
            init_ended: At::from_nanos(environment.init_ended),
            duration,
            response_after,
            billed,
            timeout: function.timeout,
            memory: function.memory,
            memory_used_mb: used,
            end,
            fault,
            cost_usd: billing::cost_usd(billed, function.memory, provisioned),
            batch: work.batch,
        };
        pool.occupy(slot, now, ended, kept);
        Ok(invocation)
    }
}
