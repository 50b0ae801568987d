//! SNS, the SQS queue and the event source mapping that feeds the consumer.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
};

use uuid::Uuid;

use super::{QueueSettings, Throttle, environment::nanos, pool::Nanos};

/// How long a poller whose batch was throttled waits before it polls again. Assumption: AWS says
/// only that pollers back off.
const BACK_OFF: Nanos = 1_000_000_000;

#[derive(Clone, Debug)]
struct SqsMessage {
    /// The entry invocation that published it.
    id: Uuid,
    receives: u32,
}

/// How a batch's invocation will end.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchEnd {
    pub(super) at: Nanos,
    pub(super) failed: bool,
}

/// The queue with its pollers.
///
/// Rules (AWS Lambda developer guide, "Using Lambda with Amazon SQS"): batches of up to
/// `batch_size`, an incomplete one after `window`; 5 batches in flight at first, 300 more a minute
/// while messages wait; all messages of a failed or throttled batch come back when its visibility
/// timeout is over; a message received too often goes to the dead-letter queue. That the allowance
/// grows continuously, and falls back once nothing waits or runs, are assumptions.
#[derive(Clone, Debug)]
pub(super) struct SqsQueue {
    settings: QueueSettings,
    /// Not yet visible, by the time at which they will be.
    hidden: BTreeMap<(Nanos, u64), SqsMessage>,
    sequence: u64,
    /// Visible, with the time since when.
    waiting: VecDeque<(Nanos, SqsMessage)>,
    in_flight: BinaryHeap<Reverse<Nanos>>,
    /// For how long messages have waited for a free poller, before `starved_since`.
    starved: Nanos,
    starved_since: Option<Nanos>,
    pub(super) dead_letters: u64,
}

impl SqsQueue {
    pub(super) fn new(settings: QueueSettings) -> SqsQueue {
        SqsQueue {
            settings,
            hidden: BTreeMap::new(),
            sequence: 0,
            waiting: VecDeque::new(),
            in_flight: BinaryHeap::new(),
            starved: 0,
            starved_since: None,
            dead_letters: 0,
        }
    }

    /// A message that becomes visible at `at`.
    pub(super) fn send(&mut self, at: Nanos, id: Uuid) {
        self.hide(at, SqsMessage { id, receives: 0 });
    }

    /// When [`SqsQueue::step`] has something to do next.
    pub(super) fn next_event(&self) -> Option<Nanos> {
        let visible = self.hidden.first_key_value().map(|((at, _), _)| *at);
        let dispatch = self.waiting.front().map(|(since, _)| {
            let ready = if self.waiting.len() >= self.settings.batch_size as usize {
                *since
            } else {
                since.saturating_add(nanos(self.settings.window))
            };
            ready.max(self.poller_free_at())
        });
        match (visible, dispatch) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Does what is due at `now`, starting batches with `start`.
    pub(super) fn step(
        &mut self,
        now: Nanos,
        mut start: impl FnMut(Vec<Uuid>) -> Result<BatchEnd, Throttle>,
    ) {
        while self
            .in_flight
            .peek()
            .is_some_and(|Reverse(end)| *end <= now)
        {
            self.in_flight.pop();
        }
        while let Some(entry) = self.hidden.first_entry() {
            let at = entry.key().0;
            if at > now {
                break;
            }
            self.waiting.push_back((at, entry.remove()));
        }
        while self.batch_is_ready(now) {
            if self.in_flight.len() >= self.allowance(now) {
                self.starved_since.get_or_insert(now);
                return;
            }
            let size = self.waiting.len().min(self.settings.batch_size as usize);
            let batch: Vec<SqsMessage> = self.waiting.drain(..size).map(|(_, m)| m).collect();
            match start(batch.iter().map(|message| message.id).collect()) {
                Ok(end) => {
                    self.in_flight.push(Reverse(end.at));
                    if end.failed {
                        self.give_back(now, batch);
                    }
                }
                Err(_) => {
                    self.in_flight.push(Reverse(now + BACK_OFF));
                    self.give_back(now, batch);
                }
            }
        }
        if let Some(since) = self.starved_since.take() {
            self.starved += now - since;
        }
        if self.waiting.is_empty() && self.in_flight.is_empty() {
            self.starved = 0;
        }
    }

    fn hide(&mut self, until: Nanos, message: SqsMessage) {
        self.sequence += 1;
        self.hidden.insert((until, self.sequence), message);
    }

    fn give_back(&mut self, now: Nanos, batch: Vec<SqsMessage>) {
        let until = now + nanos(self.settings.visibility_timeout);
        for mut message in batch {
            message.receives += 1;
            if message.receives >= self.settings.max_receives {
                self.dead_letters += 1;
            } else {
                self.hide(until, message);
            }
        }
    }

    fn batch_is_ready(&self, now: Nanos) -> bool {
        self.waiting.front().is_some_and(|(since, _)| {
            self.waiting.len() >= self.settings.batch_size as usize
                || since.saturating_add(nanos(self.settings.window)) <= now
        })
    }

    /// How many batches may be in flight at `now`.
    fn allowance(&self, now: Nanos) -> usize {
        let starved = self.starved + self.starved_since.map_or(0, |since| now - since);
        let grown =
            u128::from(starved) * u128::from(self.settings.growth_per_minute) / u128::from(MINUTE);
        let allowed = u128::from(self.settings.concurrent_batches) + grown;
        allowed.min(u128::from(self.settings.max_concurrent_batches)) as usize
    }

    /// When a poller will be free: a batch ends or the allowance has grown. 0: one is free.
    fn poller_free_at(&self) -> Nanos {
        let Some(since) = self.starved_since else {
            return 0;
        };
        let ends = self.in_flight.peek().map_or(0, |Reverse(end)| *end);
        let in_flight = self.in_flight.len() as u64;
        let growth = u64::from(self.settings.growth_per_minute);
        if in_flight >= u64::from(self.settings.max_concurrent_batches) || growth == 0 {
            return ends;
        }
        let missing = (in_flight + 1).saturating_sub(u64::from(self.settings.concurrent_batches));
        let needed = (missing * MINUTE).div_ceil(growth);
        ends.min(since + needed.saturating_sub(self.starved))
    }
}

const MINUTE: Nanos = 60_000_000_000;
