//! An app: functions under an account's limits, and the queues between them.

use std::time::Duration;

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    Admission, Config, End, Fault, Function, FunctionId, FunctionSettings, Invocation, Lease,
    ModelTime, QueueSettings,
    account::LambdaAccount,
    config,
    course::Work,
    environment::nanos,
    pool::Nanos,
    queue::{BatchEnd, BatchStart, SourceQueue, SqsMessage, SqsQueue},
};
use crate::lang::Phrase;

/// What a request asks of a function, besides the invocation itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InvokeRequest {
    /// The function; the first unless set.
    pub function: FunctionId,
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

/// An app in virtual time.
///
/// Every method takes the time `now`. Callers' clocks may race: a `now` earlier than the latest
/// one seen counts as the latest. An invocation is decided completely when it starts, so its
/// result is known long before its time has come. At equal times the ends of invocations and
/// expiries come first, then the queues, then the caller's request.
#[derive(Clone, Debug)]
pub struct LambdaApp {
    pub(super) config: Config,
    pub(super) now: Nanos,
    account: LambdaAccount,
    pub(super) queues: Vec<AppQueue>,
    pub(super) rng: Xoshiro256PlusPlus,
    started: Vec<Invocation>,
    pub(super) leased: Vec<Lease>,
}

/// A queue and the function that it feeds.
#[derive(Clone, Debug)]
pub(super) struct AppQueue {
    /// Where it is the reader's own.
    pub(super) source: Option<SourceQueue>,
    /// None: programs receive from it.
    pub(super) feeds: Option<FunctionId>,
    /// Whether it is Lambda's own, of asynchronous invocations.
    pub(super) asynchronous: bool,
    pub(super) visibility: Duration,
    pub(super) queue: SqsQueue,
}

impl AppQueue {
    fn new(feeds: FunctionId, asynchronous: bool, settings: QueueSettings) -> AppQueue {
        AppQueue {
            source: None,
            feeds: Some(feeds),
            asynchronous,
            visibility: settings.visibility_timeout,
            queue: SqsQueue::new(settings, asynchronous),
        }
    }
}

/// The most functions that an app may have.
const MOST_FUNCTIONS: usize = 1_000;

impl LambdaApp {
    /// The sample app, deployed at time 0 and never called.
    ///
    /// # Errors
    /// A setting out of its range.
    pub fn sample(config: Config) -> Result<LambdaApp, Phrase> {
        let functions = Function::sample_app(config.profile).to_vec();
        LambdaApp::new(config, functions)
    }

    /// An app of these functions, deployed at time 0 and never called.
    ///
    /// # Errors
    /// A setting out of its range, no function or too many, two of one name, and an invoked function
    /// that is not there.
    pub fn new(config: Config, functions: Vec<Function>) -> Result<LambdaApp, Phrase> {
        config.check()?;
        if functions.is_empty() || functions.len() > MOST_FUNCTIONS {
            return Err(config::count(functions.len()));
        }
        let place = |name: &String| functions.iter().position(|other| other.name == *name);
        let mut fed = Vec::new();
        for (index, function) in functions.iter().enumerate() {
            function.check()?;
            if place(&function.name) != Some(index) {
                return Err(config::twice(&function.name));
            }
            for name in &function.invokes {
                let Some(target) = place(name) else {
                    return Err(config::unknown_target(&function.name, name));
                };
                // What a real function publishes, it publishes itself.
                if !function.hosted {
                    fed.push(FunctionId(target));
                }
            }
        }
        fed.sort_unstable();
        fed.dedup();
        let queue = |feeds: FunctionId| {
            // AWS asks for six times the function's timeout.
            let least = functions[feeds.0].timeout.saturating_mul(6);
            let settings = QueueSettings {
                visibility_timeout: config.queue.visibility_timeout.max(least),
                ..config.queue.clone()
            };
            AppQueue::new(feeds, false, settings)
        };
        let queues = fed.into_iter().map(queue).collect();
        let account = LambdaAccount::new(&config, functions);
        let claimed = (account.functions.iter()).map(|state| state.function.claimed());
        account.check_claim(claimed.sum(), 0)?;
        Ok(LambdaApp {
            now: 0,
            account,
            queues,
            rng: Xoshiro256PlusPlus::seed_from_u64(config.seed.wrapping_mul(4) + 2),
            started: Vec::new(),
            leased: Vec::new(),
            config,
        })
    }

    /// The settings it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its functions, in their order.
    pub fn ids(&self) -> impl Iterator<Item = FunctionId> + use<> {
        (0..self.account.functions.len()).map(FunctionId)
    }

    /// The function of this name, in any case: Datadog shows names in lower case.
    pub fn named(&self, name: &str) -> Option<FunctionId> {
        let mut ids = self.ids();
        ids.find(|id| self.function(*id).name.eq_ignore_ascii_case(name))
    }

    /// A request reaches a function.
    ///
    /// A handler that ends normally publishes a message when its response leaves, if its function
    /// invokes others. A handler that raises, times out, is killed or returns a `status` fault ends
    /// before that.
    pub fn invoke(&mut self, now: ModelTime, request: InvokeRequest) -> Admission {
        let now = self.move_to(now);
        let work = Work {
            fault: request.fault,
            broken: request.broken,
            ..Work::default()
        };
        match self.account.start(request.function, now, work) {
            Ok(invocation) => {
                self.publish(&invocation);
                Admission::Started(Box::new(invocation))
            }
            Err(throttle) => Admission::Throttled(throttle),
        }
    }

    /// A request is to be invoked asynchronously: Lambda queues it, and tries it up to three times
    /// (AWS Lambda developer guide, "How Lambda handles errors and retries with asynchronous
    /// invocation": after one minute and two; here after one each time, an assumption).
    pub fn invoke_later(&mut self, now: ModelTime, id: FunctionId, request: impl Into<SqsMessage>) {
        let now = self.move_to(now);
        let is_its = |queue: &AppQueue| queue.feeds == Some(id) && queue.asynchronous;
        let place = self.queues.iter().position(is_its).unwrap_or_else(|| {
            let settings = QueueSettings {
                batch_size: 1,
                concurrent_batches: 1_000,
                visibility_timeout: Duration::from_secs(60),
                max_receives: 3,
                ..self.config.queue.clone()
            };
            self.queues.push(AppQueue::new(id, true, settings));
            self.queues.len() - 1
        });
        self.queues[place].queue.send(now, request);
    }

    fn publish(&mut self, invocation: &Invocation) {
        if invocation.end != End::Ok {
            return;
        }
        for name in &invocation.function.invokes {
            let Some(id) = self.named(name) else {
                continue;
            };
            let delivery = self.config.queue.delivery.draw(&mut self.rng);
            let visible = nanos(invocation.response_at() + delivery);
            let mut queues = self.queues.iter_mut();
            if let Some(to) = queues.find(|queue| queue.feeds == Some(id) && !queue.asynchronous) {
                to.queue.send(visible, invocation.request_id);
            }
        }
    }

    /// Delivers messages up to `now`: the invocations by queues that started since the last call, in
    /// order, each complete with its batch.
    pub fn advance(&mut self, now: ModelTime) -> Vec<Invocation> {
        self.move_to(now);
        std::mem::take(&mut self.started)
    }

    /// When [`LambdaApp::advance`] will have something to do next; None: nothing is in flight.
    pub fn next_event(&self) -> Option<ModelTime> {
        if !self.started.is_empty() || !self.leased.is_empty() {
            return Some(ModelTime::from_nanos(self.now));
        }
        let (_, next) = self.next_queue()?;
        Some(ModelTime::from_nanos(next.max(self.now)))
    }

    /// The queue that has something to do first, and when.
    fn next_queue(&self) -> Option<(usize, Nanos)> {
        let queues = self.queues.iter().enumerate();
        let due = queues.filter_map(|(place, queue)| Some((place, queue.queue.next_event()?)));
        due.min_by_key(|(_, due)| *due)
    }

    /// The function as it is configured.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.account.of(id).function
    }

    /// Changes a function's configuration. A new memory size or timeout replaces all its
    /// environments, so that its next invocation is cold; the other changes do not.
    ///
    /// # Errors
    /// What Lambda refuses; nothing is changed then.
    pub fn configure(
        &mut self,
        now: ModelTime,
        id: FunctionId,
        changes: &FunctionSettings,
    ) -> Result<(), Phrase> {
        let now = self.move_to(now);
        let mut queues = self.queues.iter();
        let fed = queues.find(|queue| queue.feeds == Some(id) && !queue.asynchronous);
        if let (Some(queue), Some(timeout)) = (fed, changes.timeout)
            && timeout > queue.visibility
        {
            return Err(config::outlives_visibility(timeout, queue.visibility));
        }
        self.account.configure(now, id, changes)
    }

    /// Deploys new code: all environments of the function are replaced, its next invocation is
    /// cold.
    pub fn deploy(&mut self, now: ModelTime, id: FunctionId) {
        let now = self.move_to(now);
        self.account.of_mut(id).replace(now);
    }

    /// How many environments a function has at `now`.
    pub fn environments(&mut self, now: ModelTime, id: FunctionId) -> EnvironmentCounts {
        let now = self.move_to(now);
        let (on_demand, provisioned) = self.account.of_mut(id).counts(now);
        EnvironmentCounts {
            busy: on_demand.busy,
            idle: on_demand.idle,
            provisioned_busy: provisioned.busy,
            provisioned_idle: provisioned.idle,
        }
    }

    pub(super) fn account_mut(&mut self) -> &mut LambdaAccount {
        &mut self.account
    }

    /// How often a function was throttled so far: requests, and attempts of its queue to start a
    /// batch.
    pub fn throttles(&self, id: FunctionId) -> u64 {
        self.account.of(id).throttles
    }

    /// Messages that were received too often and went to a dead-letter queue.
    pub fn dead_letters(&self) -> u64 {
        self.queues
            .iter()
            .map(|queue| queue.queue.dead_letters)
            .sum()
    }

    /// Does the queues' work up to `now`; returns `now` as the model counts it.
    pub(super) fn move_to(&mut self, now: ModelTime) -> Nanos {
        let now = nanos(now).max(self.now);
        while let Some((place, due)) = self.next_queue()
            && due <= now
        {
            self.now = due.max(self.now);
            let at = self.now;
            let before = self.started.len();
            let AppQueue {
                feeds,
                asynchronous,
                queue,
                ..
            } = &mut self.queues[place];
            let (account, started) = (&mut self.account, &mut self.started);
            let leased = &mut self.leased;
            // Of a queue that feeds none no batch is ever ready.
            let feeds = feeds.unwrap_or_default();
            queue.step(at, |batch| {
                if account.of(feeds).function.hosted {
                    let mut lease = account.lease(feeds, at)?;
                    // Lambda tries the same asynchronous request again.
                    if let (true, Some(request)) = (*asynchronous, batch.first()) {
                        lease.request_id = request.id;
                    }
                    let environment = lease.environment_id;
                    leased.push(Lease {
                        batch: batch.to_vec(),
                        asynchronous: *asynchronous,
                        queue: Some(place),
                        ..lease
                    });
                    return Ok(BatchStart::Runs(environment));
                }
                let work = Work {
                    batch: batch.iter().map(|message| message.id).collect(),
                    asynchronous: *asynchronous,
                    ..Work::default()
                };
                let invocation = account.start(feeds, at, work)?;
                let end = BatchEnd {
                    at: nanos(invocation.ended()),
                    failed: invocation.end != End::Ok,
                };
                started.push(invocation);
                Ok(BatchStart::Ends(end))
            });
            self.forward_dead(place);
            let published: Vec<Invocation> = self.started[before..].to_vec();
            for invocation in &published {
                self.publish(invocation);
            }
        }
        self.now = now;
        now
    }
}
