//! One execution environment: a process group behind a listener, initialised once, frozen while it
//! waits (SIGSTOP), and gone with this.

use std::{
    io,
    os::unix::net::UnixListener,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior, interval, sleep_until},
};

use super::{
    memory::{look_every, used_kib},
    output::HandlerOutput,
    process_event::{ExitCause, ProcessEvent, told},
    runtime_api::{RuntimeApi, RuntimeWork},
    starter::EnvironmentStarter,
    supervisor::StartOrder,
    supervisor_link::SupervisorLink,
    variables::variables,
};
use crate::lambda::{HandlerError, Lease};

/// A running environment. Dropping it ends its processes.
#[derive(Debug)]
pub(super) struct EnvironmentProcess {
    number: u32,
    supervisor: Arc<SupervisorLink>,
    api: RuntimeApi,
    events: mpsc::UnboundedReceiver<ProcessEvent>,
    output: HandlerOutput,
    group: Option<Pid>,
    exited: bool,
    limit_kib: u64,
    watch: Interval,
    /// When its init ended.
    pub(super) ready_at: Instant,
}

/// What there is of an environment.
#[derive(Debug)]
pub(super) enum EnvironmentSlot {
    /// It serves a request.
    Busy,
    /// It is frozen.
    Frozen(Box<EnvironmentProcess>),
    /// Its process is gone: the next request initialises anew.
    Reset,
}

/// An environment that did not become ready.
#[derive(Debug)]
pub(super) struct InitFailure {
    pub(super) error: HandlerError,
    pub(super) lines: Vec<(Instant, String)>,
    pub(super) cause: InitFailureCause,
}

/// Why an environment did not become ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InitFailureCause {
    /// The runtime said so, or ended.
    Ended,
    /// It took too long.
    TimedOut,
    /// It used more memory than the function has.
    OverMemory,
}

impl EnvironmentProcess {
    /// Starts a process for a function and waits until its runtime asks for the first request, or
    /// until `deadline`.
    pub(super) async fn initialise(
        starter: &EnvironmentStarter,
        lease: &Lease,
        deadline: Instant,
    ) -> Result<EnvironmentProcess, InitFailure> {
        let refused = |why: String| InitFailure {
            error: HandlerError {
                kind: "Runtime.InvalidEntrypoint".to_owned(),
                message: format!("the process could not be started: {why}"),
                ..HandlerError::default()
            },
            lines: Vec::new(),
            cause: InitFailureCause::Ended,
        };
        let started = EnvironmentProcess::start(starter, lease).await;
        let mut process = started.map_err(|error| refused(error.to_string()))?;
        let (error, cause) = loop {
            match process.next_event(deadline).await {
                ProcessEvent::Next(at) => {
                    process.ready_at = at;
                    return Ok(process);
                }
                ProcessEvent::Refused(why) => return Err(refused(why)),
                ProcessEvent::InitFailed(body) => {
                    break (told(&body, "Runtime.InitError"), InitFailureCause::Ended);
                }
                ProcessEvent::Exited(cause) => {
                    break (cause.error(""), InitFailureCause::Ended);
                }
                ProcessEvent::OverMemory => {
                    break (ExitCause::KILLED.error(""), InitFailureCause::OverMemory);
                }
                ProcessEvent::Deadline => {
                    break (HandlerError::default(), InitFailureCause::TimedOut);
                }
                // A runtime that answers before it was asked is not listened to.
                ProcessEvent::Started(_)
                | ProcessEvent::Response(..)
                | ProcessEvent::Failed(..) => {}
            }
        };
        let lines = process.output.drain();
        Err(InitFailure {
            error,
            lines,
            cause,
        })
    }

    async fn start(starter: &EnvironmentStarter, lease: &Lease) -> io::Result<EnvironmentProcess> {
        let hosted = starter.function(lease).ok_or(io::ErrorKind::NotFound)?;
        let configured = &lease.function;
        let supervisor = &starter.supervisor;
        let number = starter.number();
        let (tell, events) = mpsc::unbounded_channel();
        let api = RuntimeApi::serve(tell.clone()).await?;
        let folder = supervisor.folder.join(number.to_string());
        let socket = folder.with_extension("out");
        let listener = UnixListener::bind(&socket)?;
        let (program, arguments) = hosted.command(&supervisor.folder);
        let order = StartOrder {
            number,
            program,
            arguments,
            variables: variables(starter.owner, hosted, configured, api.address, &folder),
            code: hosted.code.clone(),
            output: socket.clone(),
        };
        supervisor.order(order, tell);
        let mut watch = interval(look_every());
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        listener.set_nonblocking(true)?;
        let listener = tokio::net::UnixListener::from_std(listener)?;
        // The supervisor connects before it starts anything, or says that it does not.
        let accepted = tokio::time::timeout(Duration::from_secs(10), listener.accept()).await;
        let _ = std::fs::remove_file(&socket);
        let stream = accepted.map_err(io::Error::other)??.0.into_std()?;
        Ok(EnvironmentProcess {
            number,
            supervisor: Arc::clone(supervisor),
            api,
            events,
            output: HandlerOutput::new(stream)?,
            group: None,
            exited: false,
            limit_kib: u64::from(configured.memory.mb()) * 1024,
            watch,
            ready_at: Instant::now(),
        })
    }

    /// What happens next, until `deadline`; meanwhile its output is read and its memory watched.
    pub(super) async fn next_event(&mut self, deadline: Instant) -> ProcessEvent {
        loop {
            tokio::select! {
                biased;
                event = self.events.recv() => {
                    let event = event.unwrap_or(ProcessEvent::Exited(ExitCause::default()));
                    self.note(&event);
                    return event;
                }
                () = sleep_until(deadline.into()) => return ProcessEvent::Deadline,
                _ = self.watch.tick() => if self.is_over_memory() {
                    return ProcessEvent::OverMemory;
                },
                () = self.output.fill() => {}
            }
        }
    }

    fn note(&mut self, event: &ProcessEvent) {
        match event {
            ProcessEvent::Started(group) => self.group = Some(*group),
            ProcessEvent::Exited(_) => self.exited = true,
            _ => {}
        }
    }

    /// Whether it still waits for a request: it may have been killed while it was frozen.
    pub(super) fn is_alive(&mut self) -> bool {
        while let Ok(event) = self.events.try_recv() {
            self.note(&event);
        }
        !self.exited
    }

    /// Lets it run, and gives it a request.
    pub(super) fn hand_over(&self, work: RuntimeWork) {
        self.signal(Signal::CONT);
        self.api.hand_over(work);
    }

    /// Stops it until the next request.
    pub(super) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group
            && !self.exited
        {
            // The supervisor does not reap the leader before it is told to end it.
            let _ = kill_process_group(group, signal);
        }
    }

    /// The lines that it wrote since the last call.
    pub(super) fn lines(&mut self) -> Vec<(Instant, String)> {
        self.output.drain()
    }

    /// Whether it used more memory at some time than the function has.
    pub(super) fn is_over_memory(&self) -> bool {
        self.used_kib() > self.limit_kib
    }

    /// The most memory that it used so far, in MiB.
    pub(super) fn used_mb(&self) -> u32 {
        u32::try_from(self.used_kib().div_ceil(1024)).unwrap_or(u32::MAX)
    }

    fn used_kib(&self) -> u64 {
        self.group.map_or(0, used_kib)
    }

    /// Ends its processes and waits until they are gone.
    pub(super) async fn end(self) {
        let gone = self.supervisor.end(self.number);
        // An error means that nothing is left to be told of it.
        let _ = gone.await;
    }
}

impl Drop for EnvironmentProcess {
    fn drop(&mut self) {
        drop(self.supervisor.end(self.number));
    }
}
