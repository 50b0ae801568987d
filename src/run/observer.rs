//! What a run reports while it is in progress, and the one question that it asks.

use std::sync::Arc;

use super::{Plan, RunError, ThresholdWatch};
use crate::{engine::EngineEvent, insight::Basis, record::Run, stats::Tally, verify::AskProgress};

/// Prints lines during a run: each call of the user's `aws` command, reminders.
pub type Talk = Arc<dyn Fn(&str) + Send + Sync>;

/// Watches a run. Every method has an implementation that does nothing, so `&mut ()` watches nothing.
pub trait Observer: Send {
    /// Where lines are printed, from other threads too.
    fn talk(&self) -> Talk {
        Arc::new(|_| {})
    }

    /// The plan that is about to be sent. Nothing was sent yet.
    fn planned(&mut self, _plan: &Plan<'_>) {}

    /// Whether load may go to another machine. Asked only where
    /// [`super::GuardRails::confirmed`] does not say so already.
    ///
    /// # Errors
    /// When no user can be asked.
    fn confirm(&mut self, _host: &str, _requests: u64) -> Result<bool, RunError> {
        Ok(false)
    }

    /// Sending begins; `run` is the record as it stands. A benchmark has no plan.
    fn begins(&mut self, _run: &Run, _plan: Option<&Plan<'_>>) {}

    /// Something happened: a request completed, a step began.
    fn event(&mut self, _event: &EngineEvent, _tally: &Tally) {}

    /// Called several times a second while requests are sent.
    fn tick(&mut self, _tally: &Tally, _thresholds: &ThresholdWatch) {}

    /// All requests have completed.
    fn sent(&mut self, _tally: &Tally) {}

    /// An API is asked about the run.
    fn asking(&mut self, _of: Basis, _progress: &AskProgress) {}

    /// The API was asked.
    fn asked(&mut self) {}
}

impl Observer for () {}
