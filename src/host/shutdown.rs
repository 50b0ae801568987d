//! How an environment ends (AWS Lambda developer guide, "Lambda execution environment lifecycle",
//! "Shutdown phase"): its runtime gets SIGTERM and its extensions SHUTDOWN where there is an extension,
//! within a limit; then, and where there is none at once, SIGKILL.

use std::{
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use rustix::process::Signal;
use serde_json::json;
use tokio::time::timeout_at;

use super::{
    environment::EnvironmentProcess,
    extension_api::ShutdownLimit,
    process_event::{ProcessEvent, RUNTIME},
};

/// Why an environment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShutdownReason {
    /// It is no longer needed.
    Spindown,
    /// An init or an invocation took too long.
    Timeout,
    /// One of its processes ended, or used too much memory.
    Failure,
}

impl EnvironmentProcess {
    /// Shuts it down and waits until its processes are gone.
    pub(super) async fn end(mut self, reason: ShutdownReason) {
        if let Some(limit) = self.api.extensions.shutdown_limit() {
            self.shut_down(reason, limit).await;
        }
        let gone = self.supervisor.end(self.number);
        // An error means that nothing is left to be told of it.
        let _ = gone.await;
    }

    /// Shuts it down while the next one starts.
    pub(super) fn retire(self, reason: ShutdownReason) {
        if self.api.extensions.shutdown_limit().is_some() {
            tokio::spawn(self.end(reason));
        }
    }

    async fn shut_down(&mut self, reason: ShutdownReason, limit: ShutdownLimit) {
        let began = Instant::now();
        let until = began + limit.all;
        let is_runtime = |part: u32| part == RUNTIME;
        if reason == ShutdownReason::Spindown {
            self.signal(Signal::TERM, is_runtime);
            self.signal(Signal::CONT, |_| true);
            self.pass(began + limit.runtime, is_runtime).await;
        }
        self.signal(Signal::KILL, is_runtime);
        self.settle_lines();
        let feed = Arc::clone(self.feed());
        // An extension that is told to end may do so at once: it has its telemetry by then. One that
        // does not take it leaves itself the other half of the time.
        let _ = timeout_at((began + limit.all / 2).into(), feed.flush()).await;
        let reason = match reason {
            ShutdownReason::Spindown => "spindown",
            ShutdownReason::Timeout => "timeout",
            ShutdownReason::Failure => "failure",
        };
        self.api.extensions.offer(&json!({
            "eventType": "SHUTDOWN",
            "shutdownReason": reason,
            "deadlineMs": wall_clock_ms(until),
        }));
        let wanted = self.api.extensions.shut_down();
        self.pass(until, |part| wanted.contains(&part)).await;
    }

    /// Waits until these parts have ended, or `until`.
    async fn pass(&mut self, until: Instant, which: impl Fn(u32) -> bool) {
        while self.runs(&which) {
            if let ProcessEvent::Deadline | ProcessEvent::OverMemory = self.next_event(until).await
            {
                return;
            }
        }
    }
}

/// A deadline on the wall clock, which is what a handler reads.
pub(super) fn wall_clock_ms(deadline: Instant) -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let at = now + deadline.saturating_duration_since(Instant::now());
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}
