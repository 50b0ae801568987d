//! The execution environments of one function: which are busy, which are idle, which are gone.
//!
//! One environment serves one request at a time (AWS Lambda developer guide, "Understanding
//! Lambda function scaling"). The pool draws nothing and knows no limits: its user says when an
//! occupied environment will be free and when, left idle, it will be shut down. Since both are
//! known at the start of an invocation, an expiry needs no event of its own: a dead environment
//! is found dead when its turn comes, and every operation costs amortised O(log n).

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use super::Reuse;

/// A point of the model's clock in nanoseconds: 584 years fit.
pub type Nanos = u64;

/// An environment that is being handed over: taken from the pool, not yet occupied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSlot(u32);

/// The environments of one function, each with a note `E` of its user.
///
/// Time must not run backwards between calls. At equal times an end and an expiry come before
/// whatever the caller does.
#[derive(Clone, Debug)]
pub struct Pool<E> {
    environments: Vec<PoolEntry<E>>,
    vacant: Vec<u32>,
    busy: BinaryHeap<Reverse<(Nanos, u32)>>,
    idle: IdleEnvironments,
    created: u64,
    alive: u128,
    occupied: u128,
}

#[derive(Clone, Debug)]
struct PoolEntry<E> {
    note: E,
    number: u64,
    ends: Nanos,
    expires: Nanos,
}

/// Idle environments in the order in which they are reused; some may be dead already.
#[derive(Clone, Debug)]
enum IdleEnvironments {
    Stack(Vec<u32>),
    Newest(BinaryHeap<(u64, u32)>),
    Line(VecDeque<u32>),
}

/// How many environments there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolCounts {
    /// Initialising or running a handler.
    pub busy: u32,
    /// Waiting for a request.
    pub idle: u32,
}

/// What a pool's environments did up to some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolUsage {
    /// Environments ever created.
    pub created: u64,
    /// Environment time from creation to shutdown, in nanoseconds.
    pub alive: u128,
    /// Environment time spent on invocations, in nanoseconds.
    pub busy: u128,
}

impl<E> Pool<E> {
    /// A pool without environments.
    pub fn new(reuse: Reuse) -> Pool<E> {
        Pool {
            environments: Vec::new(),
            vacant: Vec::new(),
            busy: BinaryHeap::new(),
            idle: match reuse {
                Reuse::MostRecentlyUsed => IdleEnvironments::Stack(Vec::new()),
                Reuse::Newest => IdleEnvironments::Newest(BinaryHeap::new()),
                Reuse::LeastRecentlyUsed => IdleEnvironments::Line(VecDeque::new()),
            },
            created: 0,
            alive: 0,
            occupied: 0,
        }
    }

    /// How many environments are busy at `now`.
    pub fn busy(&mut self, now: Nanos) -> u32 {
        self.release(now);
        self.busy.len() as u32
    }

    /// How many environments there are at `now`.
    pub fn count(&mut self, now: Nanos) -> PoolCounts {
        self.release(now);
        let alive = |slot: &u32| self.environments[*slot as usize].expires > now;
        let idle = match &self.idle {
            IdleEnvironments::Stack(stack) => stack.iter().filter(|slot| alive(slot)).count(),
            IdleEnvironments::Newest(heap) => heap.iter().filter(|(_, slot)| alive(slot)).count(),
            IdleEnvironments::Line(line) => line.iter().filter(|slot| alive(slot)).count(),
        };
        PoolCounts {
            busy: self.busy.len() as u32,
            idle: idle as u32,
        }
    }

    /// The idle environment whose turn it is, if one is alive at `now`. It must be occupied next.
    pub fn take(&mut self, now: Nanos) -> Option<PoolSlot> {
        self.release(now);
        while let Some(slot) = self.idle.pop() {
            if self.environments[slot as usize].expires > now {
                return Some(PoolSlot(slot));
            }
            self.vacant.push(slot);
        }
        None
    }

    /// A new environment, created at `now`. It must be occupied next.
    pub fn create(&mut self, now: Nanos, note: E) -> PoolSlot {
        let environment = PoolEntry {
            note,
            number: self.created,
            ends: now,
            expires: now,
        };
        self.created += 1;
        PoolSlot(match self.vacant.pop() {
            Some(slot) => {
                self.environments[slot as usize] = environment;
                slot
            }
            None => {
                self.environments.push(environment);
                (self.environments.len() - 1) as u32
            }
        })
    }

    /// Occupies an environment from `now` until it `ends`; left idle after that, it is shut down
    /// when it `expires`.
    pub fn occupy(&mut self, slot: PoolSlot, now: Nanos, ends: Nanos, expires: Nanos) {
        let environment = &mut self.environments[slot.0 as usize];
        let (ends, expires) = (ends.max(now), expires.max(ends).max(now));
        // Reused: it was counted alive until its old expiry. Created: until `now`.
        self.alive = self.alive + u128::from(expires) - u128::from(environment.expires);
        self.occupied += u128::from(ends - now);
        environment.ends = ends;
        environment.expires = expires;
        self.busy.push(Reverse((ends, slot.0)));
    }

    /// Ends an occupation whose end was not known: the environment is idle from `ended` on. One that
    /// was retired meanwhile is shut down.
    pub fn free(&mut self, slot: PoolSlot, ended: Nanos, expires: Nanos) {
        let environment = &mut self.environments[slot.0 as usize];
        let retired = environment.expires == environment.ends;
        let expires = if retired { ended } else { expires.max(ended) };
        self.alive -= u128::from(environment.expires.saturating_sub(expires));
        self.occupied -= u128::from(environment.ends.saturating_sub(ended));
        environment.ends = ended;
        environment.expires = expires;
        self.busy.retain(|Reverse((_, other))| *other != slot.0);
        self.busy.push(Reverse((ended, slot.0)));
    }

    /// The notes of all environments that are busy or may serve again at `now`.
    pub fn standing(&mut self, now: Nanos) -> impl Iterator<Item = &E> {
        self.release(now);
        let idle: Vec<u32> = match &self.idle {
            IdleEnvironments::Stack(stack) => stack.clone(),
            IdleEnvironments::Newest(heap) => heap.iter().map(|(_, slot)| *slot).collect(),
            IdleEnvironments::Line(line) => line.iter().copied().collect(),
        };
        let busy = self.busy.iter().map(|Reverse((_, slot))| *slot);
        let environments = &self.environments;
        let alive = move |slot: &u32| environments[*slot as usize].expires > now;
        let alive = idle.into_iter().filter(alive);
        alive
            .chain(busy)
            .map(|slot| &self.environments[slot as usize].note)
    }

    /// The note of an environment that was taken or created.
    pub fn note(&mut self, slot: PoolSlot) -> &mut E {
        &mut self.environments[slot.0 as usize].note
    }

    /// Shuts all environments down: the idle ones at `now`, the busy ones as they end.
    pub fn retire(&mut self, now: Nanos) {
        self.release(now);
        while let Some(slot) = self.idle.pop() {
            let environment = &mut self.environments[slot as usize];
            self.alive -= u128::from(environment.expires.saturating_sub(now));
            self.vacant.push(slot);
        }
        for Reverse((ends, slot)) in &self.busy {
            let environment = &mut self.environments[*slot as usize];
            self.alive -= u128::from(environment.expires - ends);
            environment.expires = *ends;
        }
    }

    /// What the environments did until `now`, which must not lie before the last call's time.
    pub fn usage(&mut self, now: Nanos) -> PoolUsage {
        self.release(now);
        let ahead = |until: Nanos| u128::from(until.saturating_sub(now));
        let (mut alive, mut busy) = (self.alive, self.occupied);
        for Reverse((ends, slot)) in &self.busy {
            busy -= ahead(*ends);
            alive -= ahead(self.environments[*slot as usize].expires);
        }
        let mut still_idle = |slot: &u32| alive -= ahead(self.environments[*slot as usize].expires);
        match &self.idle {
            IdleEnvironments::Stack(stack) => stack.iter().for_each(&mut still_idle),
            IdleEnvironments::Newest(heap) => heap.iter().for_each(|(_, slot)| still_idle(slot)),
            IdleEnvironments::Line(line) => line.iter().for_each(&mut still_idle),
        }
        PoolUsage {
            created: self.created,
            alive,
            busy,
        }
    }

    /// Environments whose invocation has ended by `now` become idle, in the order of their ends.
    fn release(&mut self, now: Nanos) {
        while let Some(Reverse((ends, slot))) = self.busy.peek() {
            if *ends > now {
                break;
            }
            let number = self.environments[*slot as usize].number;
            self.idle.push(*slot, number);
            self.busy.pop();
        }
    }
}

impl IdleEnvironments {
    fn push(&mut self, slot: u32, number: u64) {
        match self {
            IdleEnvironments::Stack(stack) => stack.push(slot),
            IdleEnvironments::Newest(heap) => heap.push((number, slot)),
            IdleEnvironments::Line(line) => line.push_back(slot),
        }
    }

    fn pop(&mut self) -> Option<u32> {
        match self {
            IdleEnvironments::Stack(stack) => stack.pop(),
            IdleEnvironments::Newest(heap) => heap.pop().map(|(_, slot)| slot),
            IdleEnvironments::Line(line) => line.pop_front(),
        }
    }
}
