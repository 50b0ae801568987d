//! The workers of a run. Each is a task that owns at most one connection, sends one request at a
//! time on it, and notices when the server closes it.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    task::Waker,
};

use super::request::PendingRequest;

/// What a worker is told to do.
pub(super) enum Assignment {
    /// Send this request, opening a connection if there is none.
    Send(PendingRequest),
    /// Open a connection and keep it ready.
    Connect,
}

/// How a worker's task is reached.
#[derive(Default)]
pub(super) struct Worker {
    assignment: Cell<Option<Assignment>>,
    waker: RefCell<Option<Waker>>,
}

impl Worker {
    pub fn assign(&self, assignment: Assignment) {
        self.assignment.set(Some(assignment));
        self.wake();
    }

    /// Wakes its task.
    pub fn wake(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }

    /// Its assignment, if it has one; else the waker is woken when it gets one.
    pub fn take(&self, waker: &Waker) -> Option<Assignment> {
        let mut known = self.waker.borrow_mut();
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
        self.assignment.take()
    }
}

/// All workers of a run.
pub(super) struct ConnectionPool {
    limit: usize,
    /// Connected and idle. The one that has been idle longest comes first, so that all are used and
    /// the server closes none as idle.
    ready: VecDeque<Rc<Worker>>,
    /// Waiting without a connection.
    unconnected: Vec<Rc<Worker>>,
    all: Vec<Rc<Worker>>,
    in_flight: usize,
    opening: usize,
    /// Whether a connection could not be opened ahead of need.
    has_failed: bool,
}

impl ConnectionPool {
    pub fn new(limit: usize) -> ConnectionPool {
        ConnectionPool {
            limit: limit.max(1),
            ready: VecDeque::new(),
            unconnected: Vec::new(),
            all: Vec::new(),
            in_flight: 0,
            opening: 0,
            has_failed: false,
        }
    }

    /// Whether no request is in flight.
    pub fn is_quiet(&self) -> bool {
        self.in_flight == 0
    }

    /// Connections being opened ahead of need.
    pub fn opening(&self) -> usize {
        self.opening
    }

    /// Connections that wait for a request.
    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Whether a connection could not be opened ahead of need.
    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Allows connections to be opened ahead of need again, after a failure.
    pub fn allow_retry(&mut self) {
        self.has_failed = false;
    }

    pub fn all(&self) -> impl Iterator<Item = &Rc<Worker>> {
        self.all.iter()
    }

    /// A worker for a request: a connected one if there is one. `start` starts a new worker's task.
    pub fn for_request(&mut self, start: impl FnOnce(Rc<Worker>)) -> Option<Rc<Worker>> {
        let worker = match self.ready.pop_front() {
            Some(worker) => worker,
            None => self.take_unconnected(start)?,
        };
        self.in_flight += 1;
        Some(worker)
    }

    /// A worker to open a connection.
    pub fn for_opening(&mut self, start: impl FnOnce(Rc<Worker>)) -> Option<Rc<Worker>> {
        let worker = self.take_unconnected(start)?;
        self.opening += 1;
        Some(worker)
    }

    fn take_unconnected(&mut self, start: impl FnOnce(Rc<Worker>)) -> Option<Rc<Worker>> {
        if let Some(worker) = self.unconnected.pop() {
            return Some(worker);
        }
        if self.all.len() >= self.limit {
            return None;
        }
        let worker = Rc::new(Worker::default());
        self.all.push(Rc::clone(&worker));
        start(Rc::clone(&worker));
        Some(worker)
    }

    /// A worker has completed its request.
    pub fn completed(&mut self, worker: &Rc<Worker>, is_connected: bool) {
        self.in_flight -= 1;
        self.put_back(worker, is_connected);
    }

    /// A connection was opened ahead of need, or could not be. A request that no worker was free for
    /// meanwhile is sent.
    pub fn opened(
        &mut self,
        worker: &Rc<Worker>,
        is_connected: bool,
        queued: Option<PendingRequest>,
    ) {
        self.opening -= 1;
        self.has_failed |= !is_connected;
        match queued {
            Some(request) => {
                self.in_flight += 1;
                worker.assign(Assignment::Send(request));
            }
            None => self.put_back(worker, is_connected),
        }
    }

    fn put_back(&mut self, worker: &Rc<Worker>, is_connected: bool) {
        if is_connected {
            self.ready.push_back(Rc::clone(worker));
        } else {
            self.unconnected.push(Rc::clone(worker));
        }
    }

    /// The server closed the connection of a waiting worker. A worker that has got an assignment
    /// meanwhile is no longer waiting, and nothing changes.
    pub fn disconnected(&mut self, worker: &Rc<Worker>) {
        let before = self.ready.len();
        self.ready.retain(|ready| !Rc::ptr_eq(ready, worker));
        if self.ready.len() < before {
            self.unconnected.push(Rc::clone(worker));
        }
    }
}
