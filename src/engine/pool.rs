//! The connections of a run. Each is a slot: a task that owns a connection or the place for one,
//! carries one request at a time, and notices when the server closes.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    task::Waker,
};

use super::slot::Request;

/// What a slot is told to do.
pub(super) enum Order {
    /// Send this request, opening a connection if there is none.
    Send(Request),
    /// Open a connection and keep it ready.
    Open,
}

/// One place for a connection.
#[derive(Default)]
pub(super) struct Slot {
    order: Cell<Option<Order>>,
    waker: RefCell<Option<Waker>>,
}

impl Slot {
    /// Tells it what to do.
    pub fn give(&self, order: Order) {
        self.order.set(Some(order));
        self.wake();
    }

    /// Wakes its task.
    pub fn wake(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }

    /// The order given, if there is one; else the waker is woken when there is.
    pub fn take(&self, waker: &Waker) -> Option<Order> {
        let mut known = self.waker.borrow_mut();
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
        self.order.take()
    }
}

/// All slots of a run.
pub(super) struct Pool {
    limit: usize,
    /// Connected and waiting. The one that has waited longest comes first, so that all are
    /// used and none is idle until the server closes it.
    ready: VecDeque<Rc<Slot>>,
    /// Waiting without a connection.
    bare: Vec<Rc<Slot>>,
    all: Vec<Rc<Slot>>,
    in_flight: usize,
    opening: usize,
    refused: bool,
}

impl Pool {
    pub fn new(limit: usize) -> Pool {
        Pool {
            limit: limit.max(1),
            ready: VecDeque::new(),
            bare: Vec::new(),
            all: Vec::new(),
            in_flight: 0,
            opening: 0,
            refused: false,
        }
    }

    /// Requests in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Connections being opened ahead of need.
    pub fn opening(&self) -> usize {
        self.opening
    }

    /// Connections that wait for a request.
    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Whether a connection that was to be opened ahead of need could not be.
    pub fn refused(&self) -> bool {
        self.refused
    }

    /// Forgets that one was refused.
    pub fn forgive(&mut self) {
        self.refused = false;
    }

    /// Every slot.
    pub fn all(&self) -> impl Iterator<Item = &Rc<Slot>> {
        self.all.iter()
    }

    /// A slot for a request: a connected one if there is one. `grow` starts a new slot's task.
    pub fn for_request(&mut self, grow: impl FnOnce(Rc<Slot>)) -> Option<Rc<Slot>> {
        let slot = match self.ready.pop_front() {
            Some(slot) => slot,
            None => self.unconnected(grow)?,
        };
        self.in_flight += 1;
        Some(slot)
    }

    /// A slot to open a connection in.
    pub fn for_opening(&mut self, grow: impl FnOnce(Rc<Slot>)) -> Option<Rc<Slot>> {
        let slot = self.unconnected(grow)?;
        self.opening += 1;
        Some(slot)
    }

    fn unconnected(&mut self, grow: impl FnOnce(Rc<Slot>)) -> Option<Rc<Slot>> {
        if let Some(slot) = self.bare.pop() {
            return Some(slot);
        }
        if self.all.len() >= self.limit {
            return None;
        }
        let slot = Rc::new(Slot::default());
        self.all.push(Rc::clone(&slot));
        grow(Rc::clone(&slot));
        Some(slot)
    }

    /// A request is over.
    pub fn sent(&mut self, slot: &Rc<Slot>, connected: bool) {
        self.in_flight -= 1;
        self.put_back(slot, connected);
    }

    /// A connection was opened ahead of need, or could not be.
    pub fn opened(&mut self, slot: &Rc<Slot>, connected: bool) {
        self.opening -= 1;
        self.refused |= !connected;
        self.put_back(slot, connected);
    }

    fn put_back(&mut self, slot: &Rc<Slot>, connected: bool) {
        if connected {
            self.ready.push_back(Rc::clone(slot));
        } else {
            self.bare.push(Rc::clone(slot));
        }
    }

    /// The server closed a waiting connection. A slot that has been given an order meanwhile
    /// is no longer waiting, and nothing changes.
    pub fn lost(&mut self, slot: &Rc<Slot>) {
        let before = self.ready.len();
        self.ready.retain(|ready| !Rc::ptr_eq(ready, slot));
        if self.ready.len() < before {
            self.bare.push(Rc::clone(slot));
        }
    }
}
