//! Where requests come from: the schedule, or in a closed loop whichever worker is free.

use std::{
    cell::{Cell, RefCell},
    iter::{self, Peekable},
    sync::Arc,
    time::Duration,
};

use super::{clock::micros, request::PendingRequest};
use crate::{
    flow::FlowScript,
    schedule::{Arrival, Shard},
};

type ArrivalIter = Box<dyn Iterator<Item = Arrival> + Send>;

/// The requests of a run that no worker has yet.
pub(super) struct RequestQueue {
    /// The schedule's arrivals, in the order of time.
    arrivals: RefCell<Peekable<ArrivalIter>>,
    /// What the flows are that arrivals start.
    script: Option<Arc<FlowScript>>,
    /// A request that is due while no worker is free for it.
    head: RefCell<Option<PendingRequest>>,
    /// The step whose due requests the workers take by themselves, while there is a queue.
    draining: Cell<Option<u32>>,
    /// In a closed loop: when its last request may begin, on the run's clock.
    closed_until_us: Option<u64>,
    /// In a closed loop: how many requests have begun.
    begun: Cell<u64>,
    /// In a closed loop: which of the engines this is that share it.
    shard: Shard,
}

impl RequestQueue {
    /// Of planned requests.
    pub fn planned(arrivals: ArrivalIter, script: Option<Arc<FlowScript>>) -> RequestQueue {
        RequestQueue {
            arrivals: RefCell::new(arrivals.peekable()),
            script,
            head: RefCell::new(None),
            draining: Cell::new(None),
            closed_until_us: None,
            begun: Cell::new(0),
            shard: Shard::WHOLE,
        }
    }

    /// Of a closed loop, which begins requests for this long.
    pub fn closed(length: Duration, shard: Shard) -> RequestQueue {
        RequestQueue {
            closed_until_us: Some(micros(length)),
            shard,
            ..RequestQueue::planned(Box::new(iter::empty()), None)
        }
    }

    /// Whether this is a closed loop's.
    pub fn is_closed(&self) -> bool {
        self.closed_until_us.is_some()
    }

    /// The next planned request, whenever it is due.
    pub fn next_arrival(&self) -> Option<PendingRequest> {
        let arrival = self.arrivals.borrow_mut().next()?;
        Some(self.request(arrival))
    }

    /// The request that an arrival sends, or the first one of the flow that it starts.
    fn request(&self, arrival: Arrival) -> PendingRequest {
        let request = PendingRequest::from(arrival);
        let Some(script) = &self.script else {
            return request;
        };
        let first = script.step(request.flow, 0).map_or(0, |step| step.request);
        PendingRequest {
            function: script.requests().get(first).map_or(0, |of| of.function),
            request: first as u32,
            template: first as u32,
            ..request
        }
    }

    /// The next request for a worker that is free at `now_us`, behind the head.
    pub fn next_due(&self, now_us: u64) -> Option<PendingRequest> {
        if let Some(until_us) = self.closed_until_us {
            return (now_us < until_us).then(|| self.unplanned());
        }
        let step = self.draining.get()?;
        let due = |next: &Arrival| next.step == step && micros(next.at) <= now_us;
        let arrival = self.arrivals.borrow_mut().next_if(due)?;
        Some(self.request(arrival))
    }

    fn unplanned(&self) -> PendingRequest {
        let begun = self.begun.get();
        self.begun.set(begun + 1);
        PendingRequest {
            index: begun * self.shard.of() + self.shard.index(),
            ..PendingRequest::default()
        }
    }

    /// From now on workers take this request, and after it all that is due of its step.
    pub fn start_draining(&self, head: PendingRequest) {
        self.draining.set(Some(head.step));
        *self.head.borrow_mut() = Some(head);
    }

    /// The pacer takes over again.
    pub fn stop_draining(&self) {
        self.draining.set(None);
    }

    /// The request that a worker should send before all others.
    pub fn take_head(&self) -> Option<PendingRequest> {
        self.draining.get()?;
        self.head.borrow_mut().take()
    }

    /// Whether no worker has taken the head yet.
    pub fn has_head(&self) -> bool {
        self.head.borrow().is_some()
    }
}
