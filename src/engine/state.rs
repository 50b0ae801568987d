//! The state of a run. Its tasks all run on one thread and share this.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use tokio::sync::Notify;

use super::{
    client::Client,
    clock::{RunClock, WallClock},
    collector::Collector,
    ending::Ending,
    event::{End, Ended, Event},
    pool::{ConnectionPool, Worker},
    queue::RequestQueue,
    request::PendingRequest,
};
use crate::{sample::Sample, schedule::Arrival};

/// What the pacer and the workers share, and what one of them does that concerns others.
pub(super) struct RunState {
    pub client: Client,
    pub clock: RunClock,
    pub wall: WallClock,
    pub ending: Ending,
    pub pool: RefCell<ConnectionPool>,
    queue: RequestQueue,
    collector: RefCell<Collector>,
    changed: Notify,
    /// Whether the pacer waits for a change: else none is told of.
    awaits_change: Cell<bool>,
}

impl RunState {
    /// A run whose clock starts now.
    pub fn new(
        client: Client,
        queue: RequestQueue,
        pool: ConnectionPool,
        collector: Collector,
        wall: WallClock,
    ) -> RunState {
        RunState {
            client,
            clock: RunClock::start(),
            wall,
            ending: Ending::default(),
            pool: RefCell::new(pool),
            queue,
            collector: RefCell::new(collector),
            changed: Notify::new(),
            awaits_change: Cell::new(false),
        }
    }

    pub fn tell(&self, event: Event) {
        self.collector.borrow_mut().tell(event);
    }

    /// Takes the next planned request.
    pub fn next_arrival(&self) -> Option<Arrival> {
        let arrival = self.queue.next_arrival()?;
        self.collector.borrow_mut().plan(arrival.step);
        Some(arrival)
    }

    /// The next request for a worker whose last one completed at `now_us`: from the queue, or in a
    /// closed loop until time is up.
    pub fn next_request(&self, now_us: u64) -> Option<PendingRequest> {
        if self.ending.has_begun() {
            return None;
        }
        if let Some(head) = self.queue.take_head() {
            return Some(head);
        }
        let request = self.queue.next_due(now_us)?;
        self.collector.borrow_mut().plan(request.step);
        Some(request)
    }

    /// Waits while the workers drain the queue that this request heads: all that is due of its
    /// step. A free worker takes the next request at once, as in a closed loop, so that a queue
    /// ends as soon as possible.
    pub async fn drained(&self, head: PendingRequest) {
        self.queue.start_draining(head);
        while self.queue.has_head() {
            self.change().await;
            if self.ending.has_begun()
                && let Some(head) = self.queue.take_head()
            {
                self.not_sent(&head);
            }
        }
        self.queue.stop_draining();
    }

    /// Counts a request that will not be sent because the run ends.
    pub fn not_sent(&self, request: &PendingRequest) {
        let mut collector = self.collector.borrow_mut();
        let now = self.clock.now_us();
        if request.planned_us <= Some(now) {
            collector.record(request.not_sent(now), None);
        } else {
            collector.never_due(request.step);
        }
    }

    pub fn completed(&self, sample: Sample, reason: Option<String>) {
        let given_up = self.collector.borrow_mut().record(sample, reason);
        if let Some(end) = given_up {
            self.finish(end);
        }
    }

    pub fn count_retry_after(&self) {
        self.collector.borrow_mut().count_retry_after();
    }

    /// Moves the clock to the end of an idle step.
    pub fn skip_to(&self, step: u32, ends_us: u64) {
        let by = self.clock.jump_to(ends_us);
        let mut collector = self.collector.borrow_mut();
        collector.count_skipped(by);
        collector.tell(Event::IdleSkipped { step, by });
    }

    /// A worker waits for its next assignment.
    pub fn idle(&self, worker: &Rc<Worker>, is_connected: bool) {
        self.pool.borrow_mut().completed(worker, is_connected);
        self.notify();
    }

    /// A worker has opened a connection ahead of need, or could not.
    pub fn connected(&self, worker: &Rc<Worker>, is_connected: bool) {
        self.pool.borrow_mut().opened(worker, is_connected);
        self.notify();
    }

    /// The server closed the connection of a waiting worker.
    pub fn disconnected(&self, worker: &Rc<Worker>) {
        self.pool.borrow_mut().disconnected(worker);
    }

    /// Waits until no request is in flight.
    pub async fn quiet(&self) {
        while !self.is_quiet() {
            self.change().await;
        }
    }

    pub fn is_quiet(&self) -> bool {
        self.pool.borrow().is_quiet()
    }

    /// Waits until a worker is free again or the run is to end. Only the pacer waits for this.
    pub async fn change(&self) {
        self.awaits_change.set(true);
        self.changed.notified().await;
        self.awaits_change.set(false);
    }

    fn notify(&self) {
        if self.awaits_change.get() {
            self.changed.notify_one();
        }
    }

    /// Ends the run before its schedule does. The first reason counts.
    pub fn finish(&self, reason: End) {
        self.ending.begin(reason);
        self.notify();
    }

    /// Gives up what is in flight.
    pub fn cut(&self) {
        self.ending.cut();
        for worker in self.pool.borrow().all() {
            worker.wake();
        }
        self.notify();
    }

    /// The account of the run at its end.
    pub fn ended(&self) -> Ended {
        let end = self.ending.take_reason();
        Ended {
            connections: self.client.opened.get(),
            tls_resumed: self.client.tls_resumed(),
            http2: self.client.opened_http2.get(),
            resent: self.client.resent.get(),
            ended_us: self.clock.now_us(),
            ..self.collector.borrow_mut().ended(end)
        }
    }
}
