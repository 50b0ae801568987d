//! What all requests share: the model, its clock, and how the sandbox is set up.

use std::{
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    Options, SandboxError,
    alarm::Alarm,
    clock::{Clock, TooFar},
    names::{STAGE, function_name},
};
use crate::{
    control::{FunctionInfo, Info},
    lambda::{Changes, ConfigError, Role, SampleApp},
};

/// What all requests share.
#[derive(Debug)]
pub struct Shared {
    pub(super) options: Options,
    pub(super) alarm: Alarm,
    address: SocketAddr,
    state: Mutex<State>,
}

/// What changes: held for a moment at a time, never across an await.
#[derive(Debug)]
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) app: SampleApp,
    /// Whether `break` put `raise Exception('Throw an error.')` into the entry function.
    pub(super) broken: bool,
    /// Ids that the model does not give. Seeded by the time too, so that a sandbox that goes on
    /// with old data never gives an id twice.
    pub(super) ids: Xoshiro256PlusPlus,
}

impl Shared {
    pub(super) fn new(options: Options, address: SocketAddr) -> Result<Shared, SandboxError> {
        let mut app = SampleApp::new(options.config())?;
        if options.reserved_concurrency.is_some() {
            let changes = Changes {
                reserved_concurrency: Some(options.reserved_concurrency),
                ..Changes::default()
            };
            app.configure(Duration::ZERO, Role::Entry, &changes)?;
        }
        let clock = Clock::start();
        let ids = Xoshiro256PlusPlus::seed_from_u64(
            options.seed ^ clock.epoch().ns(Duration::ZERO).unsigned_abs(),
        );
        Ok(Shared {
            alarm: Alarm::start().map_err(SandboxError::Thread)?,
            address,
            state: Mutex::new(State {
                clock,
                app,
                broken: false,
                ids,
            }),
            options,
        })
    }

    /// The state, for a moment. A panic elsewhere leaves it usable: the model's steps are whole.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the model's clock forward, with everything that happens meanwhile.
    pub(super) fn advance(&self, by: Duration) -> Result<(), TooFar> {
        let mut state = self.state();
        state.clock.skip(by)?;
        let now = state.clock.now();
        state.app.advance(now);
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
        Ok(state.function(role))
    }

    /// Deploys the entry function with or without the line that raises.
    pub(super) fn set_broken(&self, broken: bool) -> FunctionInfo {
        let mut state = self.state();
        let now = state.clock.now();
        state.app.deploy(now, Role::Entry);
        state.broken = broken;
        state.function(Role::Entry)
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
            now: state.clock.epoch().timestamp(state.clock.now()),
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

impl State {
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
