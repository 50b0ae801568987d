//! The reader's own handlers: real processes behind Lambda's Runtime API.
//!
//! [`Host`] runs what [`crate::lambda`] leases: the model says which environment serves a request, when
//! one is added, refused or reclaimed, and here each environment is a process group with a listener of
//! its own. A supervisor, this program again, is the parent of them all ([`supervise`]); when either
//! of the two ends, however it ends, the other removes what is left.
//!
//! Isolated are the variables, the working folder, TMPDIR and the process group. Not isolated are the
//! file system, the network and the processor. Memory is limited by a control group; where none can be
//! written it is watched every 50 ms, elsewhere than on Linux every half second by `ps`. Not offered: provisioned concurrency.

mod bring_up;
mod changes;
mod environment;
mod extension_api;
mod folder;
mod function;
mod invocation;
mod memory;
mod memory_group;
mod output;
mod process_event;
mod respond;
mod response_stream;
mod runtime_api;
mod shutdown;
mod starter;
mod strays;
mod supervisor;
mod supervisor_link;
mod telemetry_api;
mod telemetry_feed;
mod variables;

use std::{
    collections::{BTreeMap, HashMap},
    io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::{sync::oneshot, task::JoinSet};
use uuid::Uuid;

use crate::{
    lambda::{ApiRoute, Lease, MeasuredRun},
    lang::texts,
};
use changes::fingerprint;
use environment::EnvironmentSlot;
pub use folder::FunctionFolder;
pub use function::HostedFunction;
pub use memory_group::MemoryLimiter;
pub use respond::HandlerReply;
pub use response_stream::{HandlerPayload, HandlerStream, PRELUDE_END};
use shutdown::ShutdownReason;
use starter::EnvironmentStarter;
pub use starter::{AppTopic, HostOwner, HostedApp};
pub use supervisor::{SUPERVISE, supervise};
pub use variables::{SNS_PATH, SQS_PATH};

texts! {
    const;
    no_supervisor(program: String, why: String): "`{}` cannot be started as the supervisor of your functions' processes: {}",
        "함수 프로세스의 감독자로 `{:`을} 시작할 수 없습니다: {}";
}

/// Why functions cannot be run here.
#[derive(Debug, thiserror::Error)]
#[error("{}", no_supervisor(program.display().to_string(), error.to_string()))]
pub struct HostError {
    program: PathBuf,
    error: io::Error,
}

/// The environments of all functions, as processes.
#[derive(Debug)]
pub struct Host {
    starter: EnvironmentStarter,
    environments: Mutex<HashMap<Uuid, EnvironmentSlot>>,
    /// What each function's code was like when it was last looked at.
    code: Mutex<Vec<u64>>,
}

impl Host {
    /// Starts the supervisor, and no environment yet. Within a runtime; blocks for milliseconds.
    ///
    /// # Errors
    /// When the supervisor cannot be started.
    pub fn start(app: HostedApp, owner: HostOwner) -> Result<Host, HostError> {
        let program = app.program.clone();
        let started = EnvironmentStarter::start(app, owner);
        let starter = started.map_err(|error| HostError { program, error })?;
        let code = starter
            .functions()
            .iter()
            .map(|function| fingerprint(&function.code));
        Ok(Host {
            code: Mutex::new(code.collect()),
            starter,
            environments: Mutex::default(),
        })
    }

    /// Runs a request in the leased environment, which is initialised for it where it is new. The
    /// answer is sent as soon as the handler has given it; what was measured is there once the
    /// environment waits again.
    pub async fn serve(
        &self,
        lease: &Lease,
        event: Bytes,
        answer: oneshot::Sender<HandlerReply>,
    ) -> MeasuredRun {
        let id = lease.environment_id;
        let found = self.slots().insert(id, EnvironmentSlot::Busy);
        let (process, measured) = invocation::run(&self.starter, lease, found, event, answer).await;
        let slot = match process {
            Some(process) => EnvironmentSlot::Frozen(Box::new(process)),
            None => EnvironmentSlot::Reset,
        };
        self.slots().insert(id, slot);
        measured
    }

    /// The route that takes a request: the function by its place, the route, and its path parameters.
    /// `path` is below the stage.
    pub fn route(
        &self,
        method: &str,
        path: &str,
    ) -> Option<(usize, &ApiRoute, BTreeMap<String, String>)> {
        let functions = self.starter.functions().iter().enumerate();
        let routes = functions
            .flat_map(|(place, function)| function.routes.iter().map(move |route| (place, route)));
        let fitting = routes
            .filter_map(|(place, route)| Some((place, route, route.parameters(method, path)?)));
        fitting.max_by_key(|(_, route, _)| route.rank())
    }

    /// Whether an HTTP API is asked for this path below the stage.
    pub fn is_http_api(&self, path: &str) -> bool {
        let functions = self.starter.functions().iter();
        let routes = functions.flat_map(|function| &function.routes);
        ApiRoute::are_http_api(routes, path)
    }

    /// The functions whose code was changed since the last call, by their place, each with its folder.
    pub fn changed(&self) -> Vec<(usize, PathBuf)> {
        let mut code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        let functions = self
            .starter
            .functions()
            .iter()
            .zip(code.iter_mut())
            .enumerate();
        let changed = functions.filter_map(|(place, (function, known))| {
            let now = fingerprint(&function.code);
            (std::mem::replace(known, now) != now).then(|| (place, function.code.clone()))
        });
        changed.collect()
    }

    /// Shuts all environments down but those in `standing` and those that serve a request, and waits
    /// until their processes are gone.
    pub async fn keep(&self, standing: &[Uuid]) {
        let expired: Vec<EnvironmentSlot> = {
            let mut slots = self.slots();
            let expired = slots.extract_if(|id, slot| {
                !matches!(slot, EnvironmentSlot::Busy) && !standing.contains(id)
            });
            expired.map(|(_, slot)| slot).collect()
        };
        shut_down(expired).await;
    }

    /// Shuts all environments down, ends the supervisor, and waits until nothing of them is left.
    pub async fn close(&self) {
        let all = self.slots().drain().map(|(_, slot)| slot).collect();
        shut_down(all).await;
        self.starter.supervisor.close().await;
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Uuid, EnvironmentSlot>> {
        let slots = self.environments.lock();
        slots.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shuts environments down, all at a time.
async fn shut_down(slots: Vec<EnvironmentSlot>) {
    let mut ending = JoinSet::new();
    for slot in slots {
        if let EnvironmentSlot::Frozen(process) = slot {
            ending.spawn(process.end(ShutdownReason::Spindown));
        }
    }
    ending.join_all().await;
}
