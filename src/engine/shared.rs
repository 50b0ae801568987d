//! What the tasks of a run share. They all run on one thread.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    iter::Peekable,
    pin::pin,
    rc::Rc,
    task::Poll,
    time::Duration,
};

use tokio::sync::Notify;

use super::{
    clock::{RunClock, WallClock, micros},
    connect::Dialer,
    connection::Connection,
    event::{End, Ended, Event},
    pool::{Order, Pool, Slot},
    slot::{Request, blank, serve},
    tally::Tally,
    trace::{TraceContext, TraceIds},
    wire::{RequestTemplate, Scratch},
};
use crate::{sample::Sample, schedule::Arrival};

/// So many connections are opened at a time ahead of need: more would overflow the queues of
/// servers, which then leave a client waiting for a second and more.
const OPENING_AT_ONCE: usize = 64;

/// What a run begins with.
pub(super) struct Setup {
    pub template: RequestTemplate,
    pub dialer: Dialer,
    pub tally: Tally,
    pub timeout: Duration,
    pub new_connections: bool,
    pub max_in_flight: usize,
    pub wall: WallClock,
    /// What is planned, in the order of time.
    pub arrivals: Box<dyn Iterator<Item = Arrival> + Send>,
    /// In a closed loop: for how long.
    pub closed_for: Option<Duration>,
}

/// The state of a run.
pub(super) struct Shared {
    pub template: RequestTemplate,
    pub dialer: Dialer,
    pub timeout: Duration,
    pub new_connections: bool,
    pub clock: RunClock,
    pub wall: WallClock,
    pub scratch: RefCell<Scratch>,
    pool: RefCell<Pool>,
    tally: RefCell<Tally>,
    traces: RefCell<TraceIds>,
    /// Rung when the pacer waits for something other than time and it may have come.
    changed: Notify,
    awaited: Cell<bool>,
    /// Rung when the run is to end.
    ending: Notify,
    /// Why the run ends before its schedule does.
    end: RefCell<Option<End>>,
    cut: Cell<bool>,
    connections: Cell<u64>,
    http2: Cell<u64>,
    resent: Cell<u64>,
    skipped: Cell<Duration>,
    /// In a closed loop: when it stops to send, on the run's clock.
    closed_until_us: Option<u64>,
    /// What is planned and was not yet taken.
    arrivals: RefCell<Peekable<Box<dyn Iterator<Item = Arrival> + Send>>>,
    /// The request that heads the line, while there is one: due, and without a slot.
    first_in_line: Cell<Option<Request>>,
    /// The step whose line the slots serve.
    line_of: Cell<Option<u32>>,
    unplanned: Cell<u64>,
}

impl Shared {
    pub fn new(setup: Setup) -> Shared {
        Shared {
            template: setup.template,
            dialer: setup.dialer,
            timeout: setup.timeout,
            new_connections: setup.new_connections,
            clock: RunClock::start(),
            wall: setup.wall.clone(),
            scratch: Scratch::new(),
            pool: RefCell::new(Pool::new(setup.max_in_flight)),
            tally: RefCell::new(setup.tally),
            traces: RefCell::new(TraceIds::new(setup.wall)),
            changed: Notify::new(),
            awaited: Cell::new(false),
            ending: Notify::new(),
            end: RefCell::new(None),
            cut: Cell::new(false),
            connections: Cell::new(0),
            http2: Cell::new(0),
            resent: Cell::new(0),
            skipped: Cell::new(Duration::ZERO),
            closed_until_us: setup.closed_for.map(micros),
            arrivals: RefCell::new(setup.arrivals.peekable()),
            first_in_line: Cell::new(None),
            line_of: Cell::new(None),
            unplanned: Cell::new(0),
        }
    }

    pub fn next_trace(&self) -> TraceContext {
        self.traces.borrow_mut().next()
    }

    pub fn count_connection(&self, connection: &Connection) {
        self.connections.set(self.connections.get() + 1);
        if matches!(connection, Connection::Http2(_)) {
            self.http2.set(self.http2.get() + 1);
        }
    }

    pub fn count_resent(&self) {
        self.resent.set(self.resent.get() + 1);
    }

    pub fn retry_after(&self) {
        self.tally.borrow_mut().retry_after();
    }

    pub fn tell(&self, event: Event) {
        self.tally.borrow_mut().tell(event);
    }

    pub fn skipped(&self, by: Duration) {
        self.skipped.set(self.skipped.get().saturating_add(by));
    }

    // ---- What the pacer does.

    fn plan(&self, step: u32) {
        self.tally.borrow_mut().plan(step);
    }

    /// Takes the next planned request.
    pub fn next_arrival(&self) -> Option<Arrival> {
        let arrival = self.arrivals.borrow_mut().next()?;
        self.plan(arrival.step);
        Some(arrival)
    }

    /// Waits while slots serve the line that this request heads: what is due of its step. So a slot
    /// that is free goes on at once, as in a closed loop, and a line ends as fast as can be.
    pub async fn served(&self, request: Request) {
        self.first_in_line.set(Some(request));
        self.line_of.set(Some(request.step));
        loop {
            self.change().await;
            match self.first_in_line.take() {
                None => break,
                Some(request) if self.is_ending() => {
                    self.not_sent(&request);
                    break;
                }
                waiting => self.first_in_line.set(waiting),
            }
        }
        self.line_of.set(None);
    }

    /// Sends a request; false when no slot is free for it.
    pub fn send(self: &Rc<Self>, request: Request) -> bool {
        let slot = self.pool.borrow_mut().for_request(|slot| self.grow(slot));
        if let Some(slot) = &slot {
            slot.give(Order::Send(request));
        }
        slot.is_some()
    }

    /// Begins to open connections until `wanted` are ready; true while there is something to
    /// wait for. One that cannot be opened ends it: requests will show why.
    pub fn open(self: &Rc<Self>, wanted: usize) -> bool {
        let mut pool = self.pool.borrow_mut();
        while !pool.refused()
            && pool.opening() < OPENING_AT_ONCE
            && pool.ready() + pool.opening() < wanted
        {
            match pool.for_opening(|slot| self.grow(slot)) {
                Some(slot) => slot.give(Order::Open),
                None => break,
            }
        }
        pool.opening() > 0
    }

    /// Before a new round of [`Shared::open`].
    pub fn forgive(&self) {
        self.pool.borrow_mut().forgive();
    }

    fn grow(self: &Rc<Self>, slot: Rc<Slot>) {
        tokio::task::spawn_local(serve(Rc::clone(self), slot));
    }

    /// A request that will not be sent because the run ends.
    pub fn not_sent(&self, request: &Request) {
        let mut tally = self.tally.borrow_mut();
        let now = self.clock.now_us();
        if request.planned_us <= Some(now) {
            tally.record(blank(request, now), None);
        } else {
            tally.never_due(request.step);
        }
    }

    /// Waits until a slot is free again or the run is to end.
    pub async fn change(&self) {
        self.awaited.set(true);
        self.changed.notified().await;
        self.awaited.set(false);
    }

    /// Waits until the run is to end.
    pub async fn ending(&self) {
        self.ending.notified().await;
    }

    fn ring(&self) {
        if self.awaited.get() {
            self.changed.notify_one();
        }
    }

    pub fn is_quiet(&self) -> bool {
        self.pool.borrow().in_flight() == 0
    }

    // ---- What the slots say.

    /// A request is over.
    pub fn over(&self, sample: Sample, reason: Option<String>) {
        let verdict = self.tally.borrow_mut().record(sample, reason);
        if let Some(end) = verdict {
            self.finish(end);
        }
    }

    /// What a slot sends next by itself, its last request being over at `now_us`: from the line, or
    /// in a closed loop until time is up.
    pub fn again(&self, now_us: u64) -> Option<Request> {
        if self.is_ending() {
            return None;
        }
        match self.closed_until_us {
            Some(until_us) => (now_us < until_us).then(|| self.unplanned()),
            None => self.in_line(now_us),
        }
    }

    fn in_line(&self, now_us: u64) -> Option<Request> {
        let step = self.line_of.get()?;
        if let Some(request) = self.first_in_line.take() {
            return Some(request);
        }
        let due = |next: &Arrival| next.step == step && micros(next.at) <= now_us;
        let arrival = self.arrivals.borrow_mut().next_if(due)?;
        self.plan(arrival.step);
        Some(arrival.into())
    }

    /// The next request of a closed loop, which plans no times.
    pub fn unplanned(&self) -> Request {
        let index = self.unplanned.get();
        self.unplanned.set(index + 1);
        self.plan(0);
        Request {
            index,
            step: 0,
            planned_us: None,
            fault: None,
        }
    }

    /// A slot waits for its next order.
    pub fn free(&self, slot: &Rc<Slot>, connected: bool) {
        self.pool.borrow_mut().sent(slot, connected);
        self.ring();
    }

    pub fn opened(&self, slot: &Rc<Slot>, connected: bool) {
        self.pool.borrow_mut().opened(slot, connected);
        self.ring();
    }

    pub fn lost(&self, slot: &Rc<Slot>) {
        self.pool.borrow_mut().lost(slot);
    }

    // ---- Ending.

    /// Ends the run early; the first reason counts.
    pub fn finish(&self, end: End) {
        self.end.borrow_mut().get_or_insert(end);
        self.ring();
        self.ending.notify_one();
    }

    pub fn stop(&self) {
        self.finish(End::Stopped);
    }

    pub fn is_ending(&self) -> bool {
        self.end.borrow().is_some()
    }

    /// Gives up what is in flight.
    pub fn cut(&self) {
        self.cut.set(true);
        for slot in self.pool.borrow().all() {
            slot.wake();
        }
        self.ring();
    }

    /// The outcome of `work`, or None once the run was cut off.
    pub async fn unless_cut<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if self.cut.get() {
                return Poll::Ready(None);
            }
            work.as_mut().poll(cx).map(Some)
        })
        .await
    }

    pub fn ended(&self) -> Ended {
        let end = self.end.borrow_mut().take().unwrap_or(End::Completed);
        Ended {
            skipped: self.skipped.get(),
            connections: self.connections.get(),
            tls_resumed: self.dialer.resumed(),
            http2: self.http2.get(),
            resent: self.resent.get(),
            ended_us: self.clock.now_us(),
            ..self.tally.borrow_mut().ended(end)
        }
    }
}
