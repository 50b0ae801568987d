//! What is in flight: invocations that have not ended, and messages that no function has consumed.

use std::collections::{BTreeMap, HashMap, VecDeque};

use rand::Rng;
use uuid::Uuid;

use super::{
    ConcurrencyAtStart, FinishedInvocation, InvokedEvent, QueueMessage, SpanContext, Trigger,
    cloudwatch::CloudWatch, extension::Extensions, queue_event::ConsumerSpans, spans::publishing,
};
use crate::{
    lambda::{End, Function, FunctionId, Invocation, ModelTime},
    sandbox::{
        clock::Epoch,
        entry::random_id,
        names::{ENTRY_FUNCTION, queue_of, topic_of},
    },
    telemetry::store::TelemetryRecord,
};

/// How many unconsumed messages are remembered. Above this, the trace of the oldest one is
/// forgotten, and its consumer begins a new one.
const MOST_MESSAGES: usize = 100_000;
/// How many bytes of invocations may be in flight before the store is no longer waited for: some
/// 20,000, or many seconds of the fastest load.
const MOST_BYTES: usize = 64 << 20;

/// What is in flight.
#[derive(Debug, Default)]
pub struct Ledger {
    ending: BTreeMap<(ModelTime, u64), FinishedInvocation>,
    started: u64,
    /// What `ending` takes.
    bytes: usize,
    /// By the invocation that published it, and the function that it is for.
    messages: HashMap<(Uuid, String), QueueMessage>,
    oldest: VecDeque<(Uuid, String)>,
    /// What is to be invoked asynchronously, by its request.
    events: HashMap<Uuid, InvokedEvent>,
    extensions: Extensions,
    cloudwatch: CloudWatch,
}

impl Ledger {
    /// A request started an invocation.
    pub fn started(
        &mut self,
        invocation: Invocation,
        cause: Trigger,
        concurrency: ConcurrencyAtStart,
        ids: &mut impl Rng,
    ) {
        let finished = FinishedInvocation {
            cause,
            invocation,
            concurrency,
        };
        self.extensions.invoked(&finished.invocation);
        self.publish(&finished, ids);
        self.push(finished);
    }

    /// A queue started an invocation.
    pub fn consumer_started(
        &mut self,
        mut invocation: Invocation,
        concurrency: ConcurrencyAtStart,
        now_s: i64,
        ids: &mut impl Rng,
    ) {
        if invocation.asynchronous {
            let asked = invocation.batch.first().copied();
            let event = asked.and_then(|id| self.events.get(&id).cloned());
            let event = event.unwrap_or_else(|| InvokedEvent::empty(now_s, ids));
            if let Some(id) = asked {
                invocation.request_id = id;
                // Lambda tries a failed one again.
                if invocation.end == End::Ok {
                    self.events.remove(&id);
                }
            }
            let cause = Trigger::Invoke(Box::new(event));
            return self.started(invocation, cause, concurrency, ids);
        }
        let batch = invocation
            .batch
            .iter()
            .map(|published_by| self.received(published_by, &invocation, now_s, ids))
            .collect();
        self.started(invocation, Trigger::Queue(batch), concurrency, ids);
    }

    /// What a function is to be invoked with later.
    pub fn queued(&mut self, request: Uuid, event: InvokedEvent) {
        if self.events.len() < MOST_MESSAGES {
            self.events.insert(request, event);
        }
    }

    /// Publishes the messages of a successful invocation to each function that it invokes.
    fn publish(&mut self, finished: &FinishedInvocation, ids: &mut impl Rng) {
        let invocation = &finished.invocation;
        let context = finished.context().zip(finished.ids());
        let (End::Ok, None, Some((context, own))) = (invocation.end, &invocation.handler, context)
        else {
            return;
        };
        let (start, took) = publishing(finished);
        for target in &invocation.function.invokes {
            let message = QueueMessage {
                topic: Some(topic_of(&invocation.function.name)),
                queue: queue_of(target),
                id: random_id(ids),
                notification: random_id(ids),
                context: SpanContext {
                    parent_id: own.publish,
                    ..context
                },
                published: start + took,
                receives: 0,
                consumer_spans: ConsumerSpans::new(ids),
                content: None,
            };
            self.remember((invocation.request_id, target.clone()), message);
        }
    }

    /// A message as the consumer receives it. One whose batch fails comes back later, so it is
    /// forgotten only when it was consumed.
    fn received(
        &mut self,
        published_by: &Uuid,
        invocation: &Invocation,
        now_s: i64,
        ids: &mut impl Rng,
    ) -> QueueMessage {
        let key = (*published_by, invocation.function.name.clone());
        let mut message = match self.messages.get_mut(&key) {
            Some(known) => {
                known.receives += 1;
                let message = known.clone();
                known.consumer_spans = ConsumerSpans::new(ids);
                message
            }
            None => QueueMessage {
                topic: Some(topic_of(ENTRY_FUNCTION)),
                queue: queue_of(&invocation.function.name),
                id: random_id(ids),
                notification: random_id(ids),
                context: SpanContext::new(now_s, ids),
                published: invocation.arrived,
                receives: 1,
                consumer_spans: ConsumerSpans::new(ids),
                content: None,
            },
        };
        if invocation.end == End::Ok {
            self.messages.remove(&key);
        }
        // A message cannot arrive before it was sent.
        message.published = message.published.min(invocation.arrived);
        message
    }

    fn remember(&mut self, key: (Uuid, String), message: QueueMessage) {
        self.messages.insert(key.clone(), message);
        self.oldest.push_back(key);
        // Those that were consumed go, and of too many the oldest.
        while let Some(oldest) = self.oldest.front()
            && (self.oldest.len() > MOST_MESSAGES || !self.messages.contains_key(oldest))
        {
            self.messages.remove(oldest);
            self.oldest.pop_front();
        }
    }

    fn push(&mut self, finished: FinishedInvocation) {
        self.started += 1;
        self.bytes += finished.bytes();
        let key = (finished.invocation.ended(), self.started);
        self.ending.insert(key, finished);
    }

    /// Lambda refused `more` invocations at `at`.
    pub fn throttled(&mut self, id: FunctionId, at: ModelTime, more: u32) {
        self.cloudwatch.throttled(id, at, more);
    }

    /// The invocations that have ended by `now`, of the first `most` in the order of their ends those
    /// whose telemetry their extension sends now.
    pub fn ended(&mut self, now: ModelTime, most: usize) -> Vec<FinishedInvocation> {
        let mut sent = Vec::new();
        for _ in 0..most {
            let Some(next) = self.ending.first_entry().filter(|next| next.key().0 <= now) else {
                break;
            };
            let finished = next.remove();
            self.cloudwatch
                .ended(&finished.invocation, finished.concurrency);
            self.extensions.ended(finished, &mut sent);
        }
        if self.is_crowded() {
            self.extensions.give_up(&mut sent);
        }
        self.sent(sent)
    }

    /// What the extensions send of environments that are shut down by `now`.
    pub fn shut_down(&mut self, now: ModelTime) -> Vec<FinishedInvocation> {
        let mut sent = Vec::new();
        self.extensions.shut_down(now, &mut sent);
        self.sent(sent)
    }

    /// Everything that has not been sent, ended or not.
    pub fn rest(&mut self) -> Vec<FinishedInvocation> {
        let mut sent = self.ended(ModelTime::MAX, usize::MAX);
        let mut held = Vec::new();
        self.extensions.give_up(&mut held);
        sent.append(&mut self.sent(held));
        sent
    }

    fn sent(&mut self, sent: Vec<FinishedInvocation>) -> Vec<FinishedInvocation> {
        self.bytes -= sent.iter().map(FinishedInvocation::bytes).sum::<usize>();
        sent
    }

    /// The environments of a function are replaced.
    pub fn replaced(&mut self, id: FunctionId, now: ModelTime) {
        self.extensions.replaced(id, now);
    }

    /// Whether too much is in flight to wait for the store.
    pub fn is_crowded(&self) -> bool {
        self.bytes >= MOST_BYTES
    }

    /// When the next invocation ends, or the next environment is shut down.
    pub fn next_end(&self) -> Option<ModelTime> {
        let ends = self.ending.keys().next().map(|(at, _)| *at);
        ends.into_iter().chain(self.extensions.next()).min()
    }

    /// CloudWatch's metrics of what ended since the last call, and the environments shut down.
    pub fn cloudwatch<'a>(
        &mut self,
        epoch: Epoch,
        function: impl Fn(FunctionId) -> &'a Function,
    ) -> Vec<TelemetryRecord> {
        let mut records = self.cloudwatch.give(epoch, function);
        records.extend(self.extensions.shutdowns(epoch));
        records
    }

    /// Whether [`Ledger::cloudwatch`] has something to give.
    pub fn has_cloudwatch(&self) -> bool {
        !self.cloudwatch.is_empty() || !self.extensions.has_told_all()
    }
}
