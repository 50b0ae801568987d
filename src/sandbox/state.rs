//! What all requests share: the model, its clock, and how the sandbox is set up.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::HeaderValue;
use tokio::sync::Notify;

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use uuid::Uuid;

use super::{
    AppProfile, SandboxOptions,
    alarm::Alarm,
    clock::{Epoch, ModelClock, TooFar},
    deploy::deployments,
    emit::{ConcurrencyAtStart, FinishedInvocation, Ledger},
    error::SandboxError,
    names::{ACCOUNT, REGION, STAGE},
};
use crate::{
    control::{FunctionInfo, Hidden, Info},
    host::{AppTopic, Host, HostOwner},
    lambda::{Function, FunctionId, FunctionSettings, LambdaApp, ModelTime},
    lang::Phrase,
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
    /// Topics of the reader's own.
    pub(super) topics: Vec<AppTopic>,
    /// What runs the functions, where they are real.
    pub(super) host: Option<Arc<Host>>,
    pub(super) address: SocketAddr,
    state: Mutex<ModelState>,
}

/// What changes: held for a moment at a time, never across an await.
#[derive(Debug)]
pub(super) struct ModelState {
    pub(super) clock: ModelClock,
    pub(super) app: LambdaApp,
    /// Whether `break` put `raise Exception('Throw an error.')` into the entry function.
    pub(super) broken: bool,
    /// What of the requests is not kept.
    pub(super) hidden: Arc<Mutex<Hidden>>,
    /// Ids that the model does not assign. The seed includes the time, so that a sandbox that
    /// continues with old data never repeats an id.
    pub(super) ids: Xoshiro256PlusPlus,
    pub(super) ledger: Ledger,
    /// The trace and the span of each request that a real function serves now.
    pub(super) traces: HashMap<Uuid, (u128, u64)>,
    /// The runs that sent requests, the latest last.
    runs: Vec<RunMark>,
    /// How many throttles of each function have been told.
    told_throttles: BTreeMap<FunctionId, u64>,
}

impl SandboxState {
    pub(super) fn new(
        mut options: SandboxOptions,
        address: SocketAddr,
    ) -> Result<SandboxState, SandboxError> {
        let hosted = options.hosted.take();
        if let Some(app) = &hosted {
            if !app.knows_faults {
                options.profile = AppProfile::Datadog;
            }
            options.functions = Some(app.modelled());
        }
        let functions = match &options.functions {
            Some(functions) => functions.clone(),
            None => Function::sample_app(options.config().profile).to_vec(),
        };
        let queues = hosted.as_ref().map(|app| app.queues.clone());
        let topics = hosted.as_ref().map(|app| app.topics.clone());
        let app = LambdaApp::new(options.config(), functions)?;
        let mut app = app.with_queues(queues.unwrap_or_default());
        if options.reserved_concurrency.is_some() {
            let changes = FunctionSettings {
                reserved_concurrency: options.reserved_concurrency,
                ..FunctionSettings::default()
            };
            app.configure(Duration::ZERO, FunctionId::ENTRY, &changes)?;
        }
        let clock = ModelClock::start();
        let ids = Xoshiro256PlusPlus::seed_from_u64(
            options.seed ^ clock.epoch().ns(Duration::ZERO).unsigned_abs(),
        );
        let store = options.data.open()?;
        let owner = HostOwner {
            region: REGION,
            account: ACCOUNT,
            address,
        };
        let host = hosted.map(|app| Host::start(app, owner)).transpose()?;
        Ok(SandboxState {
            epoch: clock.epoch(),
            topics: topics.unwrap_or_default(),
            host: host.map(Arc::new),
            news: Notify::new(),
            writer: store.writer(),
            store,
            alarm: Alarm::start().map_err(SandboxError::Thread)?,
            address,
            state: Mutex::new(ModelState {
                clock,
                app,
                broken: false,
                hidden: Arc::new(Mutex::new(options.hidden.clone())),
                ids,
                ledger: Ledger::default(),
                traces: HashMap::new(),
                runs: Vec::new(),
                told_throttles: BTreeMap::new(),
            }),
            options,
        })
    }

    /// Locks the state for a moment. A panic elsewhere leaves it usable: each step of the model is
    /// complete.
    pub(super) fn state(&self) -> MutexGuard<'_, ModelState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the model's clock forward, with everything that happens meanwhile.
    pub(super) async fn advance(&self, by: Duration) -> Result<(), TooFar> {
        let (ended, tallies) = {
            let mut state = self.state();
            state.clock.skip(by)?;
            let now = state.clock.now();
            (state.settle(now, usize::MAX), state.cloudwatch())
        };
        self.emit(ended).await;
        self.writer.put_all(tallies);
        self.reclaim().await;
        // What queues delivered meanwhile to real functions is to run.
        self.news.notify_one();
        Ok(())
    }

    /// Changes a function's configuration.
    pub(super) fn configure(
        &self,
        id: FunctionId,
        changes: &FunctionSettings,
    ) -> Result<FunctionInfo, Phrase> {
        let mut state = self.state();
        let now = state.clock.now();
        state.app.configure(now, id, changes)?;
        if changes.memory.is_some() || changes.timeout.is_some() {
            state.ledger.replaced(id, now);
        }
        for deployment in deployments(changes) {
            self.deployed(now, &state.app.function(id).name, deployment);
        }
        Ok(state.function(id))
    }

    /// Deploys the entry function with or without the line that raises.
    pub(super) fn set_broken(&self, broken: bool) -> FunctionInfo {
        let mut state = self.state();
        let now = state.clock.now();
        state.app.deploy(now, FunctionId::ENTRY);
        state.ledger.replaced(FunctionId::ENTRY, now);
        state.broken = broken;
        let detail = match broken {
            true => "index.py raises Exception('Throw an error.')",
            false => "index.py is as it was",
        };
        let name = &state.app.function(FunctionId::ENTRY).name;
        self.deployed(now, name, ("UpdateFunctionCode", detail.to_owned()));
        state.function(FunctionId::ENTRY)
    }

    pub(super) fn deployed(&self, at: ModelTime, function: &str, (event, detail): (&str, String)) {
        self.writer
            .put(TelemetryRecord::Deployment(DeploymentEvent {
                at_ms: self.epoch.ms(at),
                function: function.to_owned(),
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
            invoke_url: state.invoke_url(&base),
            datadog_url: base,
            now: self.epoch.timestamp(state.clock.now()),
            skipped_ms: millis(state.clock.skipped()),
            profile: self.options.profile.to_string(),
            expiry: self.options.expiry,
            account_concurrency: self.options.account_concurrency,
            functions: state.app.ids().map(|id| state.function(id)).collect(),
        }
    }
}

impl ModelState {
    /// Remembers the run that a request belongs to.
    pub(super) fn note_run(&mut self, id: Option<&HeaderValue>, now: ModelTime) {
        if let Some(id) = id
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

    /// Everything that has happened by `now`: the first `most` invocations that ended.
    pub(super) fn settle(&mut self, now: ModelTime, most: usize) -> Vec<FinishedInvocation> {
        let seconds = self.clock.epoch().ms(now) / 1_000;
        for invocation in self.app.advance(now) {
            let concurrency = self.concurrency(now, invocation.id);
            self.ledger
                .consumer_started(invocation, concurrency, seconds, &mut self.ids);
        }
        for id in self.app.ids() {
            let throttles = self.app.throttles(id);
            let told = self.told_throttles.insert(id, throttles).unwrap_or(0);
            if throttles > told {
                let more = u32::try_from(throttles - told).unwrap_or(u32::MAX);
                self.ledger.throttled(id, now, more);
            }
        }
        let mut ended = self.ledger.ended(now, most);
        ended.extend(self.ledger.shut_down(now));
        ended
    }

    /// CloudWatch's metrics since the last call.
    pub(super) fn cloudwatch(&mut self) -> Vec<TelemetryRecord> {
        let app = &self.app;
        self.ledger
            .cloudwatch(self.clock.epoch(), |id| app.function(id))
    }

    /// How busy a function is.
    pub(super) fn concurrency(&mut self, now: ModelTime, id: FunctionId) -> ConcurrencyAtStart {
        let environments = self.app.environments(now, id);
        let provisioned = self.app.function(id).provisioned_concurrency;
        ConcurrencyAtStart {
            busy: environments.busy + environments.provisioned_busy,
            provisioned: (provisioned > 0).then_some((environments.provisioned_busy, provisioned)),
        }
    }

    /// The address of the only function that has a route, or of the first of those that really run; else
    /// of the API that leads to all of them.
    fn invoke_url(&self, base: &str) -> String {
        let routes = self
            .app
            .ids()
            .filter_map(|id| self.app.function(id).route.as_deref());
        let routes: Vec<&str> = routes.collect();
        let route = match routes.as_slice() {
            [one] => one,
            [first, ..] if self.app.function(FunctionId::ENTRY).hosted => first,
            _ => "",
        };
        format!("{base}/{STAGE}{}", route.trim_end_matches('/'))
    }

    /// What of the requests is not kept.
    pub(super) fn hidden(&self) -> MutexGuard<'_, Hidden> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The function whose route leads to this path below the stage: the longest one.
    pub(super) fn routed(&self, path: &str) -> Option<FunctionId> {
        let leads = |id: &FunctionId| {
            let route = self.app.function(*id).route.as_deref()?;
            let below = path.strip_prefix(route.trim_end_matches('/'))?;
            (below.is_empty() || below.starts_with('/')).then_some(route.len())
        };
        let routed = self.app.ids().filter_map(|id| Some((leads(&id)?, id)));
        routed.max_by_key(|(length, _)| *length).map(|(_, id)| id)
    }

    /// A function as it is configured now.
    pub(super) fn function(&self, id: FunctionId) -> FunctionInfo {
        FunctionInfo {
            broken: id == FunctionId::ENTRY && self.broken,
            ..FunctionInfo::from(self.app.function(id))
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
