//! A sandbox inside another command: the same server over HTTP, on its own thread and runtime,
//! so that it and its client never share a scheduler.

use std::{
    sync::mpsc::{SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::{Sandbox, SandboxError, SandboxOptions};
use crate::{control::Info, server};

/// A running sandbox on a free port of 127.0.0.1. Dropping it stops it.
#[derive(Debug)]
pub struct EmbeddedSandbox {
    info: Info,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), SandboxError>>>,
}

impl Sandbox {
    /// Starts a sandbox on a free port of 127.0.0.1, on its own thread and runtime. It is ready
    /// when this returns.
    ///
    /// # Errors
    /// What [`Sandbox::new`] refuses, or the system: no port, no thread.
    pub fn embedded(options: SandboxOptions) -> Result<EmbeddedSandbox, SandboxError> {
        let (ready, is_ready) = sync_channel(1);
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || live(options, &ready, stopped))
            .map_err(SandboxError::Thread)?;
        let info = is_ready.recv().map_err(|_| SandboxError::Ended)??;
        Ok(EmbeddedSandbox {
            info,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

fn live(
    options: SandboxOptions,
    ready: &SyncSender<Result<Info, SandboxError>>,
    stopped: oneshot::Receiver<()>,
) -> Result<(), SandboxError> {
    let started = server::runtime()
        .map_err(SandboxError::Thread)
        .and_then(|runtime| {
            let starting = async { Sandbox::new(options, server::bind(0).await?) };
            let sandbox = runtime.block_on(starting.boxed_local())?;
            Ok((runtime, sandbox))
        });
    match started {
        // Sending fails only where the starting thread is gone; then there is nothing to do.
        Err(error) => drop(ready.send(Err(error))),
        Ok((runtime, sandbox)) => {
            if ready.send(Ok(sandbox.info())).is_ok() {
                // Stopped, or the handle is gone: both mean the end.
                let running = sandbox.run(stopped.map(drop));
                return runtime.block_on(running.boxed_local());
            }
        }
    }
    Ok(())
}

impl EmbeddedSandbox {
    /// Where it is and what it is like, as it started.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Stops it and waits until its telemetry is stored.
    ///
    /// # Errors
    /// When the telemetry could not all be stored.
    pub fn stop(mut self) -> Result<(), SandboxError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), SandboxError> {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(ended)) => ended,
            Some(Err(_)) => Err(SandboxError::Ended),
        }
    }
}

impl Drop for EmbeddedSandbox {
    fn drop(&mut self) {
        // `stop` returns the error; dropping ignores it.
        let _ = self.end();
    }
}
