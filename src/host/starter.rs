//! What environments are started with.

use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use tokio::sync::Semaphore;

use super::{HostedFunction, supervisor_link::SupervisorLink};
use crate::lambda::{Function, FunctionId, Lease, SourceQueue};

/// Functions of the reader's own, to be run here.
#[derive(Clone, Debug)]
pub struct HostedApp {
    /// The program that supervises: `loadgen` itself.
    pub program: PathBuf,
    /// The functions. Requests that name none go to the first.
    pub functions: Vec<HostedFunction>,
    /// The queues.
    pub queues: Vec<SourceQueue>,
    /// The topics.
    pub topics: Vec<AppTopic>,
    /// Whether the functions set the sample app's markers and honour its faults.
    pub knows_faults: bool,
}

/// A topic of SNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppTopic {
    /// Its name.
    pub name: String,
    /// The queues that are subscribed, each with whether it gets the message as it is.
    pub queues: Vec<(String, bool)>,
    /// The functions that are subscribed.
    pub functions: Vec<FunctionId>,
}

impl HostedApp {
    /// The app's functions as the model knows them.
    pub fn modelled(&self) -> Vec<Function> {
        self.functions
            .iter()
            .map(HostedFunction::modelled)
            .collect()
    }
}

/// Whose functions they are told that they are.
#[derive(Clone, Copy, Debug)]
pub struct HostOwner {
    /// The region.
    pub region: &'static str,
    /// The account.
    pub account: &'static str,
    /// Where the sandbox serves.
    pub address: SocketAddr,
}

/// What environments are started with.
#[derive(Debug)]
pub(super) struct EnvironmentStarter {
    app: HostedApp,
    pub(super) owner: HostOwner,
    pub(super) supervisor: Arc<SupervisorLink>,
    /// As many may initialise at a time as there are processors: more would measure each other.
    pub(super) initialising: Semaphore,
    numbers: AtomicU32,
}

impl EnvironmentStarter {
    /// Starts the supervisor.
    pub(super) fn start(mut app: HostedApp, owner: HostOwner) -> io::Result<EnvironmentStarter> {
        let supervisor = SupervisorLink::start(&app.program)?;
        for function in &mut app.functions {
            if let Some((file, text)) = &function.inline {
                function.code = supervisor.folder.join("code").join(&function.name);
                fs::create_dir_all(&function.code)?;
                fs::write(function.code.join(file), text)?;
            }
        }
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Ok(EnvironmentStarter {
            app,
            owner,
            supervisor: Arc::new(supervisor),
            initialising: Semaphore::new(processors),
            numbers: AtomicU32::new(1),
        })
    }

    /// The functions, in the order of the app's.
    pub(super) fn functions(&self) -> &[HostedFunction] {
        &self.app.functions
    }

    /// The function that is leased.
    pub(super) fn function(&self, lease: &Lease) -> Option<&HostedFunction> {
        self.app.functions.get(lease.id.0)
    }

    /// Its ARN.
    pub(super) fn arn(&self, lease: &Lease) -> String {
        let HostOwner {
            region, account, ..
        } = self.owner;
        format!(
            "arn:aws:lambda:{region}:{account}:function:{}",
            lease.function.name
        )
    }

    /// A number for a process that no other one here has.
    pub(super) fn number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }
}
