//! What all requests share: the model, its clock, and how the sandbox is set up.

use std::{
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::HeaderMap;
use tokio::sync::Notify;

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    SandboxOptions,
    alarm::Alarm,
    clock::{Epoch, ModelClock, TooFar},
    deploy::deployments,
    emit::{ConcurrencyAtStart, FinishedInvocation, Ledger},
    error::SandboxError,
    names::{STAGE, function_name},
};
use crate::{
    control::{FunctionInfo, Info, RUN_HEADER},
    lambda::{Changes, ConfigError, ModelTime, Role, SampleApp},
    pages::RunMark,
    telemetry::store::{DeploymentEvent, Store, StoreWriter, TelemetryRecord},
};

/// How many of the latest runs are remembered.
const MOST_RUNS: usize = 100;

/// What all requests share.
pub struct SandboxState {
    pub(super) options: SandboxOptions,
    pub(super) alarm: Alarm,
    /// Tells the pump that something is in flight.
    pub(super) news: Notify,
    pub(super) store: Store,
    pub(super) writer: StoreWriter,
    pub(super) epoch: Epoch,
    address: SocketAddr,
    state: Mutex<ModelState>,
}

/// What changes: held for a moment at a time, never across an await.
#[derive(Debug)]
pub(super) struct ModelState {
    pub(super) clock: ModelClock,
    pub(super) app: SampleApp,
    /// Whether `break` put `raise Exception('Throw an error.')` into the entry function.
    pub(super) broken: bool,
    /// Ids that the model does not give. Seeded by the time too, so that a sandbox that goes on
    /// with old data never gives an id twice.
    pub(super) ids: Xoshiro256PlusPlus,
    pub(super) ledger: Ledger,
    /// The runs that sent requests, the latest last.
    runs: Vec<RunMark>,
    /// How many of the consumer's throttles have been told.
    consumer_throttles: u64,
}

impl SandboxState {
    pub(super) fn new(
        options: SandboxOptions,
        address: SocketAddr,
    ) -> Result<SandboxState, SandboxError> {
        let mut app = SampleApp::new(options.config())?;
        if options.reserved_concurrency.is_some() {
            let changes = Changes {
                reserved_concurrency: Some(options.reserved_concurrency),
                ..Changes::default()
            };
            app.configure(Duration::ZERO, Role::Entry, &changes)?;
        }
        let clock = ModelClock::start();
        let ids = Xoshiro256PlusPlus::seed_from_u64(
            options.seed ^ clock.epoch().ns(Duration::ZERO).unsigned_abs(),
        );
        let store = options.data.open()?;
        Ok(SandboxState {
            epoch: clock.epoch(),
            news: Notify::new(),
            writer: store.writer(),
            store,
            alarm: Alarm::start().map_err(SandboxError::Thread)?,
            address,
            state: Mutex::new(ModelState {
                clock,
                app,
                broken: false,
                ids,
                ledger: Ledger::default(),
                runs: Vec::new(),
                consumer_throttles: 0,
            }),
            options,
        })
    }

    /// The state, for a moment. A panic elsewhere leaves it usable: the model's steps are whole.
    pub(super) fn state(&self) -> MutexGuard<'_, ModelState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the model's clock forward, with everything that happens meanwhile.
    pub(super) async fn advance(&self, by: Duration) -> Result<(), TooFar> {
        let (ended, tallies) = {
            let mut state = self.state();
            state.clock.skip(by)?;
            let now = state.clock.now();
            (state.settle(now), state.cloudwatch())
        };
        self.emit(ended).await;
        self.writer.put_all(tallies);
        Ok(())
    }

    /// Changes a function's configuration.
    pub(super) fn configure(
        &self,
        role: Role,
        changes: &Changes,
    ) -> Result<FunctionInfo, ConfigError> {
        let mut state = self.state();
        let now = state.clock.now();
        state.app.configure(now, role, changes)?;
        for deployment in deployments(changes) {
            self.deployed(now, role, deployment);
        }
        Ok(state.function(role))
    }

    /// Deploys the entry function with or without the line that raises.
    pub(super) fn set_broken(&self, broken: bool) -> FunctionInfo {
        let mut state = self.state();
        let now = state.clock.now();
        state.app.deploy(now, Role::Entry);
        state.broken = broken;
        let detail = match broken {
            true => "index.py raises Exception('Throw an error.')",
            false => "index.py is as it was",
        };
        self.deployed(now, Role::Entry, ("UpdateFunctionCode", detail.to_owned()));
        state.function(Role::Entry)
    }

    fn deployed(&self, at: ModelTime, role: Role, (event, detail): (&str, String)) {
        self.writer
            .put(TelemetryRecord::Deployment(DeploymentEvent {
                at_ms: self.epoch.ms(at),
                function: function_name(role).to_owned(),
                event: event.to_owned(),
                detail,
            }));
    }

    /// The model's clock, in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        let now = self.state().clock.now();
        self.epoch.ms(now)
    }

    /// What this sandbox is, as `GET /_sandbox/info` says it.
    pub fn info(&self) -> Info {
        let base = format!("http://{}", self.address);
        let state = self.state();
        Info {
            kind: Info::KIND.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            invoke_url: format!("{base}/{STAGE}"),
            datadog_url: base,
            now: self.epoch.timestamp(state.clock.now()),
            skipped_ms: millis(state.clock.skipped()),
            profile: self.options.profile.key().to_owned(),
            expiry: self.options.expiry,
            account_concurrency: self.options.account_concurrency,
            functions: [Role::Entry, Role::Consumer]
                .map(|role| state.function(role))
                .to_vec(),
        }
    }
}

impl ModelState {
    /// Remembers the run that a request belongs to.
    pub(super) fn note_run(&mut self, headers: &HeaderMap, now: ModelTime) {
        if let Some(id) = headers.get(RUN_HEADER)
            && self
                .runs
                .last()
                .is_none_or(|run| run.id.as_bytes() != id.as_bytes())
        {
            if self.runs.len() == MOST_RUNS {
                self.runs.remove(0);
            }
            self.runs.push(RunMark {
                id: String::from_utf8_lossy(id.as_bytes()).into_owned(),
                began_ms: self.clock.epoch().ms(now),
            });
        }
    }

    /// The latest runs, the latest last.
    pub(super) fn runs(&self) -> Vec<RunMark> {
        self.runs.clone()
    }

    /// Everything that has happened by `now`: the invocations that ended.
    pub(super) fn settle(&mut self, now: ModelTime) -> Vec<FinishedInvocation> {
        let seconds = self.clock.epoch().ms(now) / 1_000;
        for invocation in self.app.advance(now) {
            let concurrency = self.concurrency(now, Role::Consumer);
            self.ledger
                .consumer_started(invocation, concurrency, seconds, &mut self.ids);
        }
        let throttles = self.app.throttles(Role::Consumer);
        let more = throttles.saturating_sub(self.consumer_throttles);
        self.consumer_throttles = throttles;
        if more > 0 {
            let more = u32::try_from(more).unwrap_or(u32::MAX);
            self.ledger.throttled(Role::Consumer, now, more);
        }
        self.ledger.ended(now)
    }

    /// CloudWatch's metrics since the last call.
    pub(super) fn cloudwatch(&mut self) -> Vec<TelemetryRecord> {
        let app = &self.app;
        self.ledger
            .cloudwatch(self.clock.epoch(), |role| app.function(role))
    }

    /// How busy a function is.
    pub(super) fn concurrency(&mut self, now: ModelTime, role: Role) -> ConcurrencyAtStart {
        let environments = self.app.environments(now, role);
        let provisioned = self.app.function(role).provisioned_concurrency;
        ConcurrencyAtStart {
            busy: environments.busy + environments.provisioned_busy,
            provisioned: (provisioned > 0).then_some((environments.provisioned_busy, provisioned)),
        }
    }

    /// A function as it is configured now.
    pub(super) fn function(&self, role: Role) -> FunctionInfo {
        let function = self.app.function(role);
        FunctionInfo {
            name: function_name(role).to_owned(),
            memory: function.memory,
            timeout_ms: millis(function.timeout),
            reserved_concurrency: function.reserved_concurrency,
            provisioned_concurrency: Some(function.provisioned_concurrency).filter(|n| *n > 0),
            init: function.init,
            warm: function.warm,
            broken: role == Role::Entry && self.broken,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
