//! The sample app: API Gateway's entry function, SNS, SQS and the consumer function.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    Admission, Changes, Config, ConfigError, End, Fault, Function, Invocation, ModelTime, Role,
    account::LambdaAccount,
    course::Work,
    environment::nanos,
    pool::Nanos,
    queue::{BatchEnd, SqsQueue},
};

/// What a request asks of the entry function beyond the ordinary.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InvokeRequest {
    /// The fault of an honoured fault header.
    pub fault: Option<Fault>,
    /// Whether the function's code raises on every request, as the tutorial's "create an error"
    /// step edits it.
    pub broken: bool,
}

/// How many environments a function has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentCounts {
    /// On demand: initialising or running a handler.
    pub busy: u32,
    /// On demand: waiting for a request.
    pub idle: u32,
    /// Provisioned: running a handler.
    pub provisioned_busy: u32,
    /// Provisioned: waiting for a request.
    pub provisioned_idle: u32,
}

/// The sample app in virtual time.
///
/// Every method takes the time `now`. Callers' clocks may race: a `now` earlier than the latest
/// one seen counts as the latest. An invocation is decided completely when it starts, so its
/// result is known long before its time has come. At equal times the ends of invocations and
/// expiries come first, then the queue, then the caller's request.
#[derive(Clone, Debug)]
pub struct SampleApp {
    config: Config,
    now: Nanos,
    account: LambdaAccount,
    queue: SqsQueue,
    rng: Xoshiro256PlusPlus,
    started: Vec<Invocation>,
}

impl SampleApp {
    /// The app, deployed at time 0 and never called.
    ///
    /// # Errors
    /// A setting out of its range.
    pub fn new(config: Config) -> Result<SampleApp, ConfigError> {
        config.check()?;
        Ok(SampleApp {
            now: 0,
            account: LambdaAccount::new(&config),
            queue: SqsQueue::new(config.queue.clone()),
            rng: Xoshiro256PlusPlus::seed_from_u64(config.seed.wrapping_mul(4) + 2),
            started: Vec::new(),
            config,
        })
    }

    /// The settings it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A request reaches the entry function.
    ///
    /// A handler that ends normally publishes a message as its response leaves; one that raises,
    /// times out, is killed or returns a `status` fault ends before that.
    pub fn invoke(&mut self, now: ModelTime, request: InvokeRequest) -> Admission {
        let now = self.move_to(now);
        let work = Work {
            fault: request.fault,
            broken: request.broken,
            batch: Vec::new(),
        };
        match self.account.start(Role::Entry, now, work) {
            Ok(invocation) => {
                if invocation.end == End::Ok {
                    let delivery = self.config.queue.delivery.draw(&mut self.rng);
                    let visible = nanos(invocation.response_at() + delivery);
                    self.queue.send(visible, invocation.request_id);
                }
                Admission::Started(Box::new(invocation))
            }
            Err(throttle) => Admission::Throttled(throttle),
        }
    }

    /// Delivers messages up to `now`: the consumer's invocations that started since the last
    /// call, in order, each complete with its batch.
    pub fn advance(&mut self, now: ModelTime) -> Vec<Invocation> {
        self.move_to(now);
        std::mem::take(&mut self.started)
    }

    /// When [`SampleApp::advance`] will have something to do next; None: nothing is in flight.
    pub fn next_event(&self) -> Option<ModelTime> {
        if !self.started.is_empty() {
            return Some(ModelTime::from_nanos(self.now));
        }
        let next = self.queue.next_event()?;
        Some(ModelTime::from_nanos(next.max(self.now)))
    }

    /// The function as it is configured.
    pub fn function(&self, role: Role) -> &Function {
        &self.account.of(role).function
    }

    /// Changes a function's configuration. A new memory size or timeout replaces all its
    /// environments, so that its next invocation is cold; the other changes do not.
    ///
    /// # Errors
    /// What Lambda refuses; nothing is changed then.
    pub fn configure(
        &mut self,
        now: ModelTime,
        role: Role,
        changes: &Changes,
    ) -> Result<(), ConfigError> {
        let now = self.move_to(now);
        if let (Role::Consumer, Some(timeout)) = (role, changes.timeout)
            && timeout > self.config.queue.visibility_timeout
        {
            return Err(ConfigError::Visibility {
                timeout,
                visibility: self.config.queue.visibility_timeout,
            });
        }
        self.account.configure(now, role, changes)
    }

    /// Deploys new code: all environments of the function are replaced, its next invocation is
    /// cold.
    pub fn deploy(&mut self, now: ModelTime, role: Role) {
        let now = self.move_to(now);
        self.account.of_mut(role).replace(now);
    }

    /// How many environments a function has at `now`.
    pub fn environments(&mut self, now: ModelTime, role: Role) -> EnvironmentCounts {
        let now = self.move_to(now);
        let (on_demand, provisioned) = self.account.of_mut(role).counts(now);
        EnvironmentCounts {
            busy: on_demand.busy,
            idle: on_demand.idle,
            provisioned_busy: provisioned.busy,
            provisioned_idle: provisioned.idle,
        }
    }

    /// How often a function was throttled so far: requests for the entry function, attempts to
    /// start a batch for the consumer.
    pub fn throttles(&self, role: Role) -> u64 {
        self.account.of(role).throttles
    }

    /// Messages that were received too often and went to the dead-letter queue.
    pub fn dead_letters(&self) -> u64 {
        self.queue.dead_letters
    }

    /// Does the queue's work up to `now`; returns `now` as the model counts it.
    fn move_to(&mut self, now: ModelTime) -> Nanos {
        let now = nanos(now).max(self.now);
        while let Some(due) = self.queue.next_event()
            && due <= now
        {
            self.now = due.max(self.now);
            let (at, account, started) = (self.now, &mut self.account, &mut self.started);
            self.queue.step(at, |batch| {
                let work = Work {
                    batch,
                    ..Work::default()
                };
                let invocation = account.start(Role::Consumer, at, work)?;
                let end = BatchEnd {
                    at: nanos(invocation.ended()),
                    failed: invocation.end != End::Ok,
                };
                started.push(invocation);
                Ok(end)
            });
        }
        self.now = now;
        now
    }
}
