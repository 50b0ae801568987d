//! SQS queues, and the event source mappings by which they feed functions.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{FunctionId, ModelTime, QueueSettings, Throttle, environment::nanos, pool::Nanos};

/// How long a poller whose batch was throttled waits before it polls again. Assumption: AWS says
/// only that pollers back off.
const BACK_OFF: Nanos = 1_000_000_000;

/// No time that will come.
const NEVER: Nanos = Nanos::MAX / 2;

/// How many messages a queue that feeds no function keeps; above this the oldest are gone, as after
/// their retention period.
const MOST_KEPT: usize = 10_000;

/// A message in a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct SqsMessage {
    /// Its id; in the model the invocation that published it.
    pub id: Uuid,
    /// How often it was received before.
    pub receives: u32,
    /// What it holds, where it was really sent.
    pub content: Option<Arc<MessageContent>>,
}

impl From<Uuid> for SqsMessage {
    fn from(id: Uuid) -> SqsMessage {
        SqsMessage {
            id,
            receives: 0,
            content: None,
        }
    }
}

/// What a message holds that was really sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageContent {
    /// Its body; of an asynchronous invocation the payload.
    pub body: Bytes,
    /// Its attributes as SQS's API writes them: `DataType` and `StringValue` or `BinaryValue` by name.
    pub attributes: Map<String, Value>,
    /// The topic that it came through, and its id there.
    pub topic: Option<(String, Uuid)>,
    /// When it was sent.
    pub sent: ModelTime,
    /// The trace of its sender, and the span there.
    pub trace: Option<(u128, u64)>,
}

/// A queue of an app of the reader's own.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceQueue {
    /// Its name.
    pub name: String,
    /// The function that it feeds; None: programs receive from it.
    pub feeds: Option<FunctionId>,
    /// Its settings, with those of the event source mapping.
    pub settings: QueueSettings,
    /// The name of its dead-letter queue.
    pub dead_letters: Option<String>,
    /// Whether the function says which messages of a batch failed (`ReportBatchItemFailures`).
    pub reports_failures: bool,
}

/// The outcome of handing a batch to a function.
#[derive(Clone, Copy, Debug)]
pub(super) enum BatchStart {
    /// It is known how it will end.
    Ends(BatchEnd),
    /// It really runs in this environment, until [`SqsQueue::ended`].
    Runs(Uuid),
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
/// timeout is over, but one received too often goes to the dead-letter queue then. That the allowance
/// grows continuously, and falls back once nothing waits or runs, are assumptions.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    settings: QueueSettings,
    /// Not yet visible, by the time at which they will be.
    hidden: BTreeMap<(Nanos, u64), SqsMessage>,
    sequence: u64,
    /// Visible, with the time since when.
    waiting: VecDeque<(Nanos, SqsMessage)>,
    in_flight: BinaryHeap<Reverse<Nanos>>,
    /// Batches that really run, by environment, each with the time at which it was received.
    running: HashMap<Uuid, (Nanos, Vec<SqsMessage>)>,
    /// Whether Lambda waits for room without counting it as an attempt, as it does with asynchronous
    /// invocations.
    patient: bool,
    /// For how long messages have waited for a free poller, before `starved_since`.
    starved: Nanos,
    starved_since: Option<Nanos>,
    pub(super) dead_letters: u64,
    /// Those that went to the dead-letter queue since they were last taken.
    pub(super) dead: Vec<SqsMessage>,
}

impl SqsQueue {
    pub(super) fn new(settings: QueueSettings, patient: bool) -> SqsQueue {
        SqsQueue {
            settings,
            running: HashMap::new(),
            patient,
            dead: Vec::new(),
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
    pub(super) fn send(&mut self, at: Nanos, message: impl Into<SqsMessage>) {
        if !self.is_polled() && self.waiting.len() >= MOST_KEPT {
            self.waiting.pop_front();
        }
        self.hide(at, message.into());
    }

    /// When [`SqsQueue::step`] has something to do next.
    pub(super) fn next_event(&self) -> Option<Nanos> {
        let visible = self.hidden.first_key_value().map(|((at, _), _)| *at);
        let front = self.waiting.front().filter(|_| self.is_polled());
        let dispatch = front.map(|(since, _)| {
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
        mut start: impl FnMut(&[SqsMessage]) -> Result<BatchStart, Throttle>,
    ) {
        while self
            .in_flight
            .peek()
            .is_some_and(|Reverse(end)| *end <= now)
        {
            self.in_flight.pop();
        }
        self.show(now);
        while self.batch_is_ready(now) {
            if self.in_flight.len() + self.running.len() >= self.allowance(now) {
                self.starved_since.get_or_insert(now);
                return;
            }
            let size = self.waiting.len().min(self.settings.batch_size as usize);
            let batch: Vec<SqsMessage> = self.waiting.drain(..size).map(|(_, m)| m).collect();
            match start(&batch) {
                Ok(BatchStart::Ends(end)) => {
                    self.in_flight.push(Reverse(end.at));
                    if end.failed {
                        self.hide_received(now, batch);
                    }
                }
                Ok(BatchStart::Runs(environment)) => {
                    self.running.insert(environment, (now, batch));
                }
                Err(_) => {
                    self.in_flight.push(Reverse(now + BACK_OFF));
                    match self.patient {
                        true => batch
                            .into_iter()
                            .for_each(|one| self.hide(now + BACK_OFF, one)),
                        false => self.hide_received(now, batch),
                    }
                }
            }
        }
        if let Some(since) = self.starved_since.take() {
            self.starved += now - since;
        }
        if self.waiting.is_empty() && self.in_flight.is_empty() && self.running.is_empty() {
            self.starved = 0;
        }
    }

    /// A batch that really ran has ended: those of its messages that `failed` come back.
    pub(super) fn ended(&mut self, environment: Uuid, failed: &HashSet<Uuid>) {
        if let Some((received, mut batch)) = self.running.remove(&environment) {
            batch.retain(|message| failed.contains(&message.id));
            self.hide_received(received, batch);
        }
    }

    /// Messages that a program receives at `now`: hidden from others for the visibility timeout, or for
    /// `hidden`.
    pub fn receive(
        &mut self,
        now: ModelTime,
        most: usize,
        hidden: Option<ModelTime>,
    ) -> Vec<SqsMessage> {
        let size = self.waiting.len().min(most);
        let batch: Vec<SqsMessage> = self.waiting.drain(..size).map(|(_, m)| m).collect();
        self.hide_received(nanos(now), batch.clone());
        if let Some(hidden) = hidden {
            for message in &batch {
                self.hide_until(now + hidden, message.id);
            }
        }
        batch
    }

    /// Hides a message that was received until this time.
    pub fn hide_until(&mut self, until: ModelTime, id: Uuid) {
        let mut hidden = self.hidden.iter();
        let place = hidden.find_map(|(place, message)| (message.id == id).then_some(*place));
        if let Some(message) = place.and_then(|place| self.hidden.remove(&place)) {
            self.hide(nanos(until), message);
        }
    }

    /// Deletes a message that was received.
    pub fn delete(&mut self, id: Uuid) {
        self.hidden.retain(|_, message| message.id != id);
        self.waiting.retain(|(_, message)| message.id != id);
    }

    /// How many messages wait, and how many are hidden.
    pub fn counts(&self) -> (usize, usize) {
        let running = self.running.values().map(|(_, batch)| batch.len());
        (
            self.waiting.len(),
            self.hidden.len() + running.sum::<usize>(),
        )
    }

    /// Shows what is no longer hidden.
    fn show(&mut self, now: Nanos) {
        while let Some(entry) = self.hidden.first_entry() {
            let at = entry.key().0;
            if at > now {
                break;
            }
            let message = entry.remove();
            if message.receives >= self.settings.max_receives {
                self.dead_letters += 1;
                self.dead.push(message);
            } else {
                self.waiting.push_back((at, message));
            }
        }
    }

    /// Whether a function takes what is in it.
    fn is_polled(&self) -> bool {
        self.settings.max_concurrent_batches > 0
    }

    fn hide(&mut self, until: Nanos, message: SqsMessage) {
        self.sequence += 1;
        self.hidden.insert((until, self.sequence), message);
    }

    /// Hides what was received at `now` for the visibility timeout.
    fn hide_received(&mut self, now: Nanos, batch: Vec<SqsMessage>) {
        let until = now + nanos(self.settings.visibility_timeout);
        for mut message in batch {
            message.receives += 1;
            self.hide(until, message);
        }
    }

    fn batch_is_ready(&self, now: Nanos) -> bool {
        let front = self.waiting.front().filter(|_| self.is_polled());
        front.is_some_and(|(since, _)| {
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
        let unknown = if self.running.is_empty() { 0 } else { NEVER };
        let ends = self.in_flight.peek().map_or(unknown, |Reverse(end)| *end);
        let in_flight = (self.in_flight.len() + self.running.len()) as u64;
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
