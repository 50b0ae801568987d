//! One execution environment: its runtime and its external extensions, a process group each, behind a
//! listener; initialised once, frozen while it waits (SIGSTOP), and gone with this.

use std::{
    future::poll_fn,
    io,
    os::unix::net::UnixListener,
    path::PathBuf,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior, interval, sleep_until},
};

use super::{
    HostedFunction,
    extension_api::FunctionIdentity,
    memory::{look_every, used_kib},
    output::HandlerOutput,
    process_event::{ExitCause, ProcessEvent, RUNTIME},
    runtime_api::{RuntimeApi, RuntimeWork},
    starter::EnvironmentStarter,
    supervisor::StartOrder,
    supervisor_link::SupervisorLink,
    telemetry_feed::TelemetryFeed,
    variables::{of_extension, variables},
};
use crate::lambda::Lease;

/// A running environment. Dropping it kills its processes.
#[derive(Debug)]
pub(super) struct EnvironmentProcess {
    pub(super) number: u32,
    pub(super) supervisor: Arc<SupervisorLink>,
    pub(super) api: RuntimeApi,
    tell: mpsc::UnboundedSender<ProcessEvent>,
    events: mpsc::UnboundedReceiver<ProcessEvent>,
    parts: Vec<EnvironmentPart>,
    limit_kib: u64,
    watch: Interval,
    /// When its init ended.
    pub(super) ready_at: Instant,
}

/// One of an environment's processes.
#[derive(Debug)]
struct EnvironmentPart {
    number: u32,
    output: HandlerOutput,
    group: Option<Pid>,
    exited: bool,
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

impl EnvironmentProcess {
    /// An environment without a process: its listener, and the names of the `external` extensions.
    pub(super) async fn new(
        starter: &EnvironmentStarter,
        hosted: &HostedFunction,
        lease: &Lease,
        external: Vec<String>,
    ) -> io::Result<EnvironmentProcess> {
        let (tell, events) = mpsc::unbounded_channel();
        let identity = FunctionIdentity {
            name: hosted.name.clone(),
            handler: hosted.handler.clone(),
            account: starter.owner.account,
        };
        let mut watch = interval(look_every());
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(EnvironmentProcess {
            number: starter.number(),
            supervisor: Arc::clone(&starter.supervisor),
            api: RuntimeApi::serve(identity, external, tell.clone()).await?,
            tell,
            events,
            parts: Vec::new(),
            limit_kib: u64::from(lease.function.memory.mb()) * 1024,
            watch,
            ready_at: Instant::now(),
        })
    }

    /// Starts one of its processes: its runtime, or this extension.
    pub(super) async fn launch(
        &mut self,
        starter: &EnvironmentStarter,
        (hosted, lease): (&HostedFunction, &Lease),
        extension: Option<(u32, PathBuf)>,
    ) -> io::Result<()> {
        let number = self.number;
        let folder = self.supervisor.folder.join(number.to_string());
        let all = variables(
            starter.owner,
            hosted,
            &lease.function,
            self.api.address,
            &folder,
        );
        let (part, (program, arguments), variables) = match extension {
            None => (RUNTIME, hosted.command(&self.supervisor.folder), all),
            Some((part, program)) => (part, (program, Vec::new()), of_extension(&all)),
        };
        let socket = folder.with_extension(format!("{part}.out"));
        let listener = UnixListener::bind(&socket)?;
        let order = StartOrder {
            number,
            part,
            program,
            arguments,
            variables,
            code: hosted.code.clone(),
            output: socket.clone(),
            memory: self.limit_kib * 1024,
        };
        self.supervisor.order(order, self.tell.clone());
        listener.set_nonblocking(true)?;
        let listener = tokio::net::UnixListener::from_std(listener)?;
        // The supervisor connects before it starts anything, or says that it does not.
        let accepted = tokio::time::timeout(Duration::from_secs(10), listener.accept()).await;
        let _ = std::fs::remove_file(&socket);
        let stream = accepted.map_err(io::Error::other)??.0.into_std()?;
        self.parts.push(EnvironmentPart {
            number: part,
            output: HandlerOutput::new(stream)?,
            group: None,
            exited: false,
        });
        Ok(())
    }

    /// Where its platform events and output are told.
    pub(super) fn feed(&self) -> &Arc<TelemetryFeed> {
        &self.api.extensions.feed
    }

    /// What happens next, until `deadline`; meanwhile its output is read and its memory watched.
    pub(super) async fn next_event(&mut self, deadline: Instant) -> ProcessEvent {
        loop {
            let parts = &mut self.parts;
            let filled = poll_fn(|context| {
                let mut outputs = parts.iter_mut().map(|part| &mut part.output);
                match outputs.any(|output| output.poll_fill(context).is_ready()) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            });
            tokio::select! {
                biased;
                event = self.events.recv() => {
                    let event = event.unwrap_or(ProcessEvent::Exited(RUNTIME, ExitCause::default()));
                    self.note(&event);
                    return match event {
                        ProcessEvent::Exited(_, ExitCause::KILLED) if self.was_killed() => {
                            ProcessEvent::OverMemory
                        }
                        event => event,
                    };
                }
                () = sleep_until(deadline.into()) => return ProcessEvent::Deadline,
                _ = self.watch.tick() => if self.is_over_memory() {
                    return ProcessEvent::OverMemory;
                },
                () = filled => self.tell_lines(),
            }
        }
    }

    fn note(&mut self, event: &ProcessEvent) {
        let (ProcessEvent::Started(number, _) | ProcessEvent::Exited(number, _)) = event else {
            return;
        };
        let found = self.parts.iter_mut().find(|part| part.number == *number);
        match (found, event) {
            (Some(part), ProcessEvent::Started(_, group)) => part.group = Some(*group),
            (Some(part), _) => part.exited = true,
            (None, _) => {}
        }
    }

    /// Whether it still waits for a request: it may have been killed while it was frozen.
    pub(super) fn is_alive(&mut self) -> bool {
        while let Ok(event) = self.events.try_recv() {
            self.note(&event);
        }
        self.parts.iter().all(|part| !part.exited)
    }

    /// Whether one of these parts of it runs.
    pub(super) fn runs(&self, which: impl Fn(u32) -> bool) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| !part.exited && which(part.number))
    }

    /// Lets it run, and gives it a request.
    pub(super) fn hand_over(&self, work: RuntimeWork) {
        self.signal(Signal::CONT, |_| true);
        self.api.hand_over(work);
    }

    /// Stops it until the next request.
    pub(super) fn freeze(&self) {
        self.signal(Signal::STOP, |_| true);
    }

    /// Signals the groups of these parts of it.
    pub(super) fn signal(&self, signal: Signal, which: impl Fn(u32) -> bool) {
        for part in &self.parts {
            if let Some(group) = part.group
                && !part.exited
                && which(part.number)
            {
                // The supervisor does not reap the leader before it is told to end it.
                let _ = kill_process_group(group, signal);
            }
        }
    }

    /// Tells those that subscribed what it wrote since the last call.
    pub(super) fn tell_lines(&mut self) {
        for part in &mut self.parts {
            let kind = match part.number {
                RUNTIME => "function",
                _ => "extension",
            };
            for line in part.output.fresh() {
                self.api.extensions.feed.tell(kind, || line.into());
            }
        }
    }

    /// Reads all that it has written so far, and tells it.
    pub(super) fn settle_lines(&mut self) {
        for part in &mut self.parts {
            part.output.settle();
        }
        self.tell_lines();
    }

    /// The lines that it wrote since the last call.
    pub(super) fn lines(&mut self) -> Vec<(Instant, String)> {
        self.settle_lines();
        let outputs = self.parts.iter_mut().map(|part| &mut part.output);
        let mut lines: Vec<_> = outputs.flat_map(HandlerOutput::drain).collect();
        lines.sort_by_key(|(at, _)| *at);
        lines
    }

    /// Whether it used, or wanted to use, more memory at some time than the function has.
    pub(super) fn is_over_memory(&self) -> bool {
        match self.supervisor.groups {
            Some(_) => self.was_killed(),
            None => self.used_kib() > self.limit_kib,
        }
    }

    /// Whether the kernel killed one of its processes because of its memory.
    fn was_killed(&self) -> bool {
        let groups = self.supervisor.groups.as_ref();
        groups.is_some_and(|groups| groups.has_killed(self.number))
    }

    /// The most memory that it used so far, in MiB.
    pub(super) fn used_mb(&self) -> u32 {
        u32::try_from(self.used_kib().div_ceil(1024)).unwrap_or(u32::MAX)
    }

    fn used_kib(&self) -> u64 {
        let groups = self.parts.iter().filter_map(|part| part.group);
        groups.map(used_kib).sum()
    }
}

impl Drop for EnvironmentProcess {
    fn drop(&mut self) {
        drop(self.supervisor.end(self.number));
    }
}
