//! One function and its execution environments: admission, lifetimes, resets.

use std::{sync::Arc, time::Duration};

use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use uuid::Uuid;

use super::{
    Config, End, FlushDecision, FlushStrategy, Function, FunctionId, Invocation, Lease, ModelTime,
    Start, Throttle, billing,
    course::{Beginning, Course, Work},
    flush::FlushControl,
    pool::{Nanos, Pool, PoolCounts, PoolSlot},
    scaling::Bucket,
};
use crate::units::Distribution;

/// What an environment is known for.
#[derive(Clone, Debug)]
struct Environment {
    id: Uuid,
    init_ended: ModelTime,
    lifetime_ends: Nanos,
    served: bool,
    reset: bool,
    flush: FlushControl,
}

impl Environment {
    /// Until when Lambda keeps it, idle from `ended` on, for at most `expiry`.
    fn kept_until(&self, ended: Nanos, expiry: Duration) -> Nanos {
        (ended + nanos(expiry)).min(self.lifetime_ends).max(ended)
    }

    /// How an invocation starts that waits for no init.
    fn ready_start(&self, provisioned: bool) -> Option<Start> {
        match (self.reset, self.served, provisioned) {
            (true, ..) | (false, false, false) => None,
            (false, true, _) => Some(Start::Warm),
            (false, false, true) => Some(Start::Provisioned),
        }
    }

    /// What its extension does at an invocation that begins at `now`.
    fn flush_at(&mut self, now: Nanos, strategy: FlushStrategy) -> FlushDecision {
        match strategy {
            FlushStrategy::End => FlushDecision::End,
            FlushStrategy::Default => self.flush.decide(now),
        }
    }

    /// Notes what an invocation leaves behind.
    fn note(&mut self, beginning: &Beginning, course: &Course) {
        self.init_ended = beginning.init_ended;
        self.served = true;
        self.reset = matches!(course.end, End::Timeout | End::OutOfMemory);
    }
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
pub(super) struct FunctionState {
    pub(super) function: Arc<Function>,
    id: FunctionId,
    on_demand: Pool<Environment>,
    provisioned: Pool<Environment>,
    bucket: Bucket,
    rng: Xoshiro256PlusPlus,
    expiry: Distribution,
    max_lifetime: Option<Distribution>,
    proactive: f64,
    pub(super) throttles: u64,
}

/// The environment that an invocation gets.
struct AssignedEnvironment {
    slot: PoolSlot,
    provisioned: bool,
}

impl AssignedEnvironment {
    fn on_demand(slot: PoolSlot) -> AssignedEnvironment {
        AssignedEnvironment {
            slot,
            provisioned: false,
        }
    }
}

/// Until when an environment is occupied whose end is not known.
const LEASED: Nanos = Nanos::MAX / 2;

pub(super) fn nanos(duration: Duration) -> Nanos {
    // Half the range, so that a sum of two never overflows.
    u64::try_from(duration.as_nanos()).map_or(u64::MAX / 2, |nanos| nanos.min(u64::MAX / 2))
}

fn id(rng: &mut impl Rng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.random()).into_uuid()
}

impl FunctionState {
    pub(super) fn new(id: FunctionId, function: Function, config: &Config) -> FunctionState {
        // The app itself draws from stream 2.
        let stream = match id.0 as u64 {
            stream @ 0..2 => stream,
            later => later << 40,
        };
        FunctionState {
            function: Arc::new(function),
            id,
            on_demand: Pool::new(config.reuse),
            provisioned: Pool::new(config.reuse),
            bucket: Bucket::new(config.scaling),
            // Each function draws from a stream of its own, so that what one does never shifts the
            // chance of another.
            rng: Xoshiro256PlusPlus::seed_from_u64(
                config.seed.wrapping_mul(4).wrapping_add(stream),
            ),
            expiry: config.expiry,
            max_lifetime: config.max_lifetime,
            proactive: config.proactive,
            throttles: 0,
        }
    }

    /// Takes a checked configuration over. A new memory size or timeout replaces all
    /// environments, as an update of the function's configuration does on AWS.
    pub(super) fn configure(&mut self, now: Nanos, changed: Function) {
        let before = std::mem::replace(&mut self.function, Arc::new(changed));
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
                init_ended: ModelTime::from_nanos(now),
                lifetime_ends: Nanos::MAX,
                served: false,
                reset: false,
                flush: FlushControl::default(),
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

    pub(super) fn counts(&mut self, now: Nanos) -> (PoolCounts, PoolCounts) {
        (self.on_demand.count(now), self.provisioned.count(now))
    }

    fn admit(&mut self, now: Nanos, room: Room) -> Result<AssignedEnvironment, Throttle> {
        if let Some(reserved) = self.function.reserved_concurrency
            && self.busy(now) >= reserved
        {
            return Err(Throttle::Reserved);
        }
        if !room.account {
            return Err(Throttle::Account);
        }
        if let Some(slot) = self.provisioned.take(now) {
            let provisioned = true;
            return Ok(AssignedEnvironment { slot, provisioned });
        }
        if self.function.reserved_concurrency.is_none() && !room.unreserved {
            return Err(Throttle::Account);
        }
        if let Some(slot) = self.on_demand.take(now) {
            return Ok(AssignedEnvironment::on_demand(slot));
        }
        if !self.bucket.take(now) {
            return Err(Throttle::ScalingRate);
        }
        let lifetime = self.max_lifetime.map(|d| nanos(d.draw(&mut self.rng)));
        let environment = Environment {
            id: id(&mut self.rng),
            init_ended: ModelTime::from_nanos(now),
            lifetime_ends: lifetime.map_or(Nanos::MAX, |lifetime| now + lifetime),
            served: false,
            reset: false,
            flush: FlushControl::default(),
        };
        let slot = self.on_demand.create(now, environment);
        Ok(AssignedEnvironment::on_demand(slot))
    }

    /// Begins an invocation and decides how it will end.
    pub(super) fn start(
        &mut self,
        now: Nanos,
        room: Room,
        work: Work,
    ) -> Result<Invocation, Throttle> {
        let AssignedEnvironment { slot, provisioned } =
            self.admit(now, room).inspect_err(|_| self.throttles += 1)?;
        let arrived = ModelTime::from_nanos(now);
        let pool = match provisioned {
            true => &mut self.provisioned,
            false => &mut self.on_demand,
        };
        let (rng, function) = (&mut self.rng, &*self.function);
        let environment = pool.note(slot);
        let beginning = match environment.ready_start(provisioned) {
            Some(start) => Beginning::ready(start, arrived, environment.init_ended),
            None if environment.reset => Beginning::after_reset(function, arrived, rng),
            None => Beginning::of_new(function, self.proactive, arrived, rng),
        };
        let flush = environment.flush_at(now, function.flush_strategy);
        let course = Course::draw(function, (beginning.start, flush), &work, rng);
        let billed = billing::billed(beginning.billed_init(), course.duration);
        environment.note(&beginning, &course);
        let ended = nanos(beginning.handler_began + course.duration);
        let kept = match provisioned {
            true => Nanos::MAX,
            false => environment.kept_until(ended, self.expiry.draw(rng)),
        };
        let invocation = Invocation {
            id: self.id,
            function: Arc::clone(&self.function),
            request_id: id(rng),
            environment_id: environment.id,
            kept_until: ModelTime::from_nanos(kept),
            flush,
            arrived,
            start: beginning.start,
            provisioned,
            handler_began: beginning.handler_began,
            init_ended: beginning.init_ended,
            duration: course.duration,
            response_after: course.response_after,
            billed,
            timeout: function.timeout,
            memory: function.memory,
            memory_used_mb: course.memory_used_mb,
            end: course.end,
            fault: work.fault.filter(|_| !work.broken),
            cost_usd: billing::cost_usd(billed, function.memory, provisioned),
            batch: work.batch,
            asynchronous: work.asynchronous,
            handler: None,
        };
        pool.occupy(slot, now, ended, kept);
        Ok(invocation)
    }

    /// Hands an environment out until it is given back.
    pub(super) fn lease(&mut self, now: Nanos, room: Room) -> Result<Lease, Throttle> {
        let AssignedEnvironment { slot, .. } =
            self.admit(now, room).inspect_err(|_| self.throttles += 1)?;
        self.on_demand.occupy(slot, now, LEASED, LEASED + 1);
        Ok(Lease {
            id: self.id,
            function: Arc::clone(&self.function),
            request_id: id(&mut self.rng),
            environment_id: self.on_demand.note(slot).id,
            arrived: ModelTime::from_nanos(now),
            batch: Vec::new(),
            asynchronous: false,
            queue: None,
            slot,
        })
    }

    /// Takes an environment back that was handed out, and returns until when it is kept.
    pub(super) fn give_back(&mut self, slot: PoolSlot, ended: Nanos) -> Nanos {
        let expiry = self.expiry.draw(&mut self.rng);
        let kept = self.on_demand.note(slot).kept_until(ended, expiry);
        self.on_demand.free(slot, ended, kept);
        kept
    }

    /// The environments that serve or may serve again.
    pub(super) fn standing(&mut self, now: Nanos) -> Vec<Uuid> {
        let environments = self.on_demand.standing(now);
        environments.map(|environment| environment.id).collect()
    }
}
