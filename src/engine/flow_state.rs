//! What the requests of flows share: those that wait for their time, and the sign-ins.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Instant,
};

use tokio::sync::Notify;

use super::{event::SignInCounts, request::PendingRequest};
use crate::{
    flow::{FlowScript, SignedIn},
    lang::Statement,
};

/// The flows of an engine.
pub(super) struct FlowState {
    pub script: Arc<FlowScript>,
    /// Those whose next request waits for its time, by that and in order.
    paused: RefCell<BTreeMap<(u64, u64), PendingRequest>>,
    /// How many have waited.
    waited: Cell<u64>,
    pub changed: Notify,
    /// By the row that each is for; 0 where one is for all.
    pub sign_ins: RefCell<HashMap<u64, SignInState>>,
    pub signed_in: Notify,
    pub counts: Cell<SignInCounts>,
}

#[derive(Clone, Default)]
pub(super) struct SignInState {
    pub known: Option<Arc<SignedIn>>,
    pub is_under_way: bool,
    pub failed: Option<(Instant, Statement)>,
}

impl FlowState {
    pub fn new(script: Arc<FlowScript>) -> FlowState {
        FlowState {
            script,
            paused: RefCell::default(),
            waited: Cell::new(0),
            changed: Notify::new(),
            sign_ins: RefCell::default(),
            signed_in: Notify::new(),
            counts: Cell::default(),
        }
    }

    /// What was counted of sign-ins.
    pub fn counts(&self) -> SignInCounts {
        self.counts.get()
    }

    /// Whether no request waits for its time.
    pub fn is_quiet(&self) -> bool {
        self.paused.borrow().is_empty()
    }

    /// Takes a request whose time has come.
    pub fn take_due(&self, now_us: u64) -> Option<PendingRequest> {
        let mut paused = self.paused.borrow_mut();
        let first = paused
            .first_entry()
            .filter(|first| first.key().0 <= now_us)?;
        let request = first.remove();
        self.changed.notify_one();
        Some(request)
    }

    /// Takes all requests that wait.
    pub fn take_all(&self) -> Vec<PendingRequest> {
        std::mem::take(&mut *self.paused.borrow_mut())
            .into_values()
            .collect()
    }

    /// Keeps a request until its time has come.
    pub fn pause(&self, request: PendingRequest) {
        let number = self.waited.get();
        self.waited.set(number + 1);
        let due = request.planned_us.unwrap_or_default();
        self.paused.borrow_mut().insert((due, number), request);
        self.changed.notify_one();
    }

    /// When the first of them is due.
    pub fn next_due(&self) -> Option<u64> {
        self.paused
            .borrow()
            .first_key_value()
            .map(|((due, _), _)| *due)
    }

    /// Whether the run signs in before its first request.
    pub fn signs_in_first(&self) -> bool {
        self.script.sign_in().is_some() && !self.script.signs_in_each_row()
    }
}
