//! A run's early end: it stops sending first, and may then be cut off.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::pin,
    task::Poll,
};

use tokio::sync::Notify;

use super::event::EndReason;

/// Whether and why a run ends before its schedule does.
#[derive(Default)]
pub(super) struct Ending {
    reason: RefCell<Option<EndReason>>,
    begun: Notify,
    is_cut: Cell<bool>,
}

impl Ending {
    /// No further request is sent. The first reason counts.
    pub fn begin(&self, reason: EndReason) {
        self.reason.borrow_mut().get_or_insert(reason);
        self.begun.notify_one();
    }

    /// Whether no further request is sent.
    pub fn has_begun(&self) -> bool {
        self.reason.borrow().is_some()
    }

    /// Waits until no further request is sent. Only the pacer waits for this.
    pub async fn begins(&self) {
        self.begun.notified().await;
    }

    /// Gives up requests in flight as soon as their tasks are woken.
    pub fn cut(&self) {
        self.is_cut.set(true);
    }

    /// The outcome of `work`, or None once the run was cut off.
    pub async fn unless_cut<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if self.is_cut.get() {
                return Poll::Ready(None);
            }
            work.as_mut().poll(cx).map(Some)
        })
        .await
    }

    /// Why the run ended.
    pub fn take_reason(&self) -> EndReason {
        self.reason
            .borrow_mut()
            .take()
            .unwrap_or(EndReason::Completed)
    }
}
