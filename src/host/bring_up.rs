//! The init of an environment: its extensions first, then its runtime, until all wait.

use std::time::Instant;

use super::{
    HostedFunction,
    environment::EnvironmentProcess,
    process_event::{ExitCause, ProcessEvent, RUNTIME, told},
    shutdown::ShutdownReason,
    starter::EnvironmentStarter,
    telemetry_api::InitPhase,
};
use crate::lambda::{HandlerError, Lease};

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
    /// The runtime or an extension said so, or ended.
    Ended,
    /// It took too long.
    TimedOut,
    /// It used more memory than the function has.
    OverMemory,
}

type InitFault = (HandlerError, InitFailureCause);

fn refused(why: &str) -> InitFault {
    let error = HandlerError {
        kind: "Runtime.InvalidEntrypoint".to_owned(),
        message: format!("the process could not be started: {why}"),
        ..HandlerError::default()
    };
    (error, InitFailureCause::Ended)
}

impl EnvironmentProcess {
    /// Starts an environment and waits until its runtime and its extensions ask for the first request,
    /// or until `deadline`.
    pub(super) async fn initialise(
        starter: &EnvironmentStarter,
        lease: &Lease,
        deadline: Instant,
        phase: InitPhase,
    ) -> Result<EnvironmentProcess, InitFailure> {
        let began = Instant::now();
        let without = |(error, cause): InitFault| InitFailure {
            error,
            lines: Vec::new(),
            cause,
        };
        let hosted = starter.function(lease);
        let hosted = hosted.ok_or_else(|| without(refused("no such function")))?;
        let programs = hosted.extensions();
        let names = programs.iter().filter_map(|path| path.file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        let new = EnvironmentProcess::new(starter, hosted, lease, names.collect()).await;
        let mut process = new.map_err(|error| without(refused(&error.to_string())))?;
        process.feed().init_started(lease, phase);
        let went = process
            .bring_up(starter, (hosted, lease), deadline, phase)
            .await;
        let status = match &went {
            Ok(_) => "success",
            Err((_, InitFailureCause::TimedOut)) => "timeout",
            Err(_) => "error",
        };
        if let Err((error, _)) = &went {
            process.settle_lines();
            process.feed().init_done(phase, Some((status, &error.kind)));
        }
        process.feed().init_reported(phase, began.elapsed(), status);
        process.feed().close();
        match went {
            Ok(at) => {
                process.ready_at = at;
                Ok(process)
            }
            Err((error, cause)) => {
                let lines = process.lines();
                process.retire(match cause {
                    InitFailureCause::TimedOut => ShutdownReason::Timeout,
                    _ => ShutdownReason::Failure,
                });
                Err(InitFailure {
                    error,
                    lines,
                    cause,
                })
            }
        }
    }

    /// Starts the processes, and says when the last of them was ready.
    async fn bring_up(
        &mut self,
        starter: &EnvironmentStarter,
        function: (&HostedFunction, &Lease),
        deadline: Instant,
        phase: InitPhase,
    ) -> Result<Instant, InitFault> {
        let wrong = |error: std::io::Error| refused(&error.to_string());
        for (part, program) in (RUNTIME + 1..).zip(function.0.extensions()) {
            let started = self.launch(starter, function, Some((part, program))).await;
            started.map_err(wrong)?;
        }
        while !self.api.extensions.all_registered() {
            self.init_event(deadline).await?;
        }
        let started = self.launch(starter, function, None).await;
        started.map_err(wrong)?;
        let (mut runtime_waits, mut latest) = (false, Instant::now());
        loop {
            match self.init_event(deadline).await? {
                ProcessEvent::Next(at) => {
                    if !runtime_waits {
                        self.settle_lines();
                        self.feed().init_done(phase, None);
                    }
                    (runtime_waits, latest) = (true, at);
                }
                ProcessEvent::Extension(at) => latest = at,
                _ => {}
            }
            if runtime_waits && self.api.extensions.all_wait() {
                return Ok(latest);
            }
        }
    }

    /// What happens next, where it is nothing that ends the init.
    async fn init_event(&mut self, deadline: Instant) -> Result<ProcessEvent, InitFault> {
        let ended = |error| (error, InitFailureCause::Ended);
        match self.next_event(deadline).await {
            ProcessEvent::Refused(why) => Err(refused(&why)),
            ProcessEvent::InitFailed(body) => Err(ended(told(&body, "Runtime.InitError"))),
            ProcessEvent::ExtensionFailed(error) => Err(ended(error)),
            ProcessEvent::Exited(part, cause) => Err(ended(cause.error(part, ""))),
            ProcessEvent::OverMemory => Err((
                ExitCause::KILLED.error(RUNTIME, ""),
                InitFailureCause::OverMemory,
            )),
            ProcessEvent::Deadline => Err((HandlerError::default(), InitFailureCause::TimedOut)),
            // A runtime that answers before it was asked is not listened to.
            event => Ok(event),
        }
    }
}
