//! The state of a run. Its tasks all run on one thread and share this.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use super::{
    clock::{RunClock, WallClock},
    ending::Ending,
    event::{EndReason, EngineEvent, EngineSummary},
    flow_state::FlowState,
    http_client::HttpClient,
    http2::SharedConnections,
    pool::{ConnectionPool, Worker},
    queue::RequestQueue,
    request::PendingRequest,
    run_counter::RunCounter,
    team::{Agreed, ClockSetting, TeamMember},
    wire::RequestTemplate,
};
use crate::{
    lang::{Statement, statements::failure},
    sample::{Outcome, Sample},
};

/// What the pacer and the workers share.
pub(super) struct RunState {
    pub client: HttpClient,
    pub clock: RunClock,
    pub wall: WallClock,
    pub ending: Ending,
    pub pool: RefCell<ConnectionPool>,
    pub team: Option<TeamMember>,
    /// What users do, where requests differ.
    pub flows: Option<FlowState>,
    queue: RequestQueue,
    counter: RefCell<RunCounter>,
    changed: Notify,
    /// Wakes the task that resumes flows.
    freed: Notify,
    /// Whether the pacer waits for a change. Otherwise a change wakes no task.
    awaits_change: Cell<bool>,
}

impl RunState {
    /// A run whose clock starts now.
    pub fn new(
        client: HttpClient,
        flows: Option<FlowState>,
        queue: RequestQueue,
        pool: ConnectionPool,
        counter: RunCounter,
        wall: WallClock,
        team: Option<TeamMember>,
    ) -> RunState {
        RunState {
            client,
            clock: RunClock::start(),
            wall,
            ending: Ending::default(),
            pool: RefCell::new(pool),
            team,
            flows,
            queue,
            counter: RefCell::new(counter),
            changed: Notify::new(),
            freed: Notify::new(),
            awaits_change: Cell::new(false),
        }
    }

    pub fn tell(&self, event: EngineEvent) {
        self.counter.borrow_mut().tell(event);
    }

    /// Takes the next planned request.
    pub fn next_arrival(&self) -> Option<PendingRequest> {
        let request = self.queue.next_arrival()?;
        self.count_planned();
        Some(request)
    }

    /// One more request is planned.
    pub fn count_planned(&self) {
        self.counter.borrow_mut().plan();
    }

    /// The request as it is written: its own, or what all of its name have in common.
    pub fn template<'a>(&'a self, request: &'a PendingRequest) -> &'a RequestTemplate {
        let own = request.template();
        own.unwrap_or_else(|| self.client.template(request.template))
    }

    /// The next request for a worker whose last one completed at `now_us`: from the queue, or in a
    /// closed loop until time is up.
    pub fn next_request(&self, now_us: u64) -> Option<PendingRequest> {
        if self.ending.has_begun() {
            return None;
        }
        if let Some(flows) = &self.flows
            && let Some(request) = flows.take_due(now_us)
        {
            return Some(request);
        }
        if let Some(head) = self.queue.take_head() {
            return Some(head);
        }
        let request = self.queue.next_due(now_us)?;
        self.count_planned();
        Some(request)
    }

    /// Backs off after this many requests in a row that failed before any response arrived, so that
    /// other tasks run. A closed loop would begin the next request at once, so it waits too, longer
    /// each time, up to an eighth of a second.
    pub async fn back_off(&self, failures: u32) {
        match self.queue.is_closed() {
            true => tokio::time::sleep(Duration::from_millis(1 << (failures - 1).min(7))).await,
            false => tokio::task::yield_now().await,
        }
    }

    /// Waits while the workers drain the queue that this request heads: all due requests of its
    /// step. A free worker takes the next request at once, as in a closed loop, so that the queue
    /// empties as soon as possible. A request that is still queued at `expires_us` ends the run.
    pub async fn drained(&self, head: PendingRequest, expires_us: u64) {
        self.queue.start_draining(head);
        while self.queue.has_head() {
            let left = self.clock.until(expires_us);
            if timeout(left, self.change()).await.is_err() {
                self.finish(EndReason::QueueExpired);
            }
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
        let mut counter = self.counter.borrow_mut();
        let now = self.clock.now_us();
        if request.planned_us <= Some(now) {
            counter.record(request.not_sent(now), None);
        } else {
            counter.never_due();
        }
    }

    /// Counts a request that was due before this engine was there.
    pub fn missed(&self, request: &PendingRequest) {
        let sample = request.not_sent(self.clock.now_us());
        let mut counter = self.counter.borrow_mut();
        counter.record(sample, Some(failure::started_late()));
    }

    /// How long after the time that was set for it the run started here.
    pub fn count_start_lag(&self, lag: Duration) {
        self.counter.borrow_mut().count_start_lag(lag);
    }

    /// What `lead` returns, which one member of the team calls once all have come here. None when
    /// the run ends.
    pub async fn together(&self, lead: impl AsyncFnOnce() -> Agreed) -> Option<Agreed> {
        let Some(team) = &self.team else {
            return Some(lead().await);
        };
        if self.ending.has_begun() {
            return None;
        }
        tokio::select! {
            biased;
            () = self.ending.begins() => None,
            agreed = team.meet(lead) => Some(agreed),
        }
    }

    pub fn completed(&self, sample: Sample, reason: Option<Statement>) {
        let given_up = self.counter.borrow_mut().record(sample, reason);
        if let Some(end) = given_up {
            self.finish(end);
        }
    }

    /// Counts a reason of a failure that is no request's of the schedule.
    pub fn count_reason(&self, outcome: Outcome, why: Statement) {
        self.counter.borrow_mut().count_reason(outcome, why);
    }

    pub fn count_retry_after(&self) {
        self.counter.borrow_mut().count_retry_after();
    }

    /// Moves the clock to the end of an idle step.
    pub fn skip_to(&self, step: u32, end: ClockSetting) {
        let by = self.clock.jump_to(end);
        let mut counter = self.counter.borrow_mut();
        counter.count_skipped(by);
        counter.tell(EngineEvent::IdleSkipped { step, by });
    }

    /// A worker waits for its next assignment.
    pub fn idle(&self, worker: &Rc<Worker>, is_connected: bool) {
        self.pool.borrow_mut().completed(worker, is_connected);
        if self.flows.is_some() {
            self.freed.notify_one();
        }
        self.notify();
    }

    /// A worker has opened a connection ahead of need, or could not.
    pub fn connected(&self, worker: &Rc<Worker>, is_connected: bool) {
        let queued = match self.ending.has_begun() {
            true => None,
            false => self.queue.take_head(),
        };
        let mut pool = self.pool.borrow_mut();
        pool.opened(worker, is_connected, queued);
        self.notify();
    }

    /// The server closed the connection of a waiting worker.
    pub fn disconnected(&self, worker: &Rc<Worker>) {
        self.pool.borrow_mut().disconnected(worker);
    }

    /// Waits until no request is in flight, and no flow has a next request.
    pub async fn quiet(&self) {
        loop {
            if let Some(flows) = self.flows.as_ref().filter(|_| self.ending.has_begun()) {
                flows
                    .take_all()
                    .iter()
                    .for_each(|request| self.not_sent(request));
            }
            if self.is_quiet() {
                return;
            }
            self.change().await;
        }
    }

    pub fn is_quiet(&self) -> bool {
        self.pool.borrow().is_quiet() && self.flows.as_ref().is_none_or(FlowState::is_quiet)
    }

    /// Waits until a worker has completed something.
    pub async fn worker_freed(&self) {
        self.freed.notified().await;
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
    pub fn finish(&self, reason: EndReason) {
        self.ending.begin(reason);
        if let Some(team) = &self.team {
            team.end();
        }
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
    pub fn ended(&self) -> EngineSummary {
        if let Some(team) = &self.team {
            team.leave();
        }
        let end = self.ending.take_reason();
        EngineSummary {
            connections: self.client.opened.get(),
            tls_resumed: self.client.tls_resumed(),
            http2: self.client.opened_http2.get(),
            resent: self.client.resent.get(),
            streams: self.client.shared().map(SharedConnections::streams),
            fewer_streams: self.client.shared().and_then(SharedConnections::fewer),
            sign_ins: self
                .flows
                .as_ref()
                .map(FlowState::counts)
                .unwrap_or_default(),
            ended_us: self.clock.now_us(),
            ..self.counter.borrow_mut().ended(end)
        }
    }
}
