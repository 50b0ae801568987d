//! What is in flight: invocations whose end has not come, messages that nobody has consumed.

use std::collections::{BTreeMap, HashMap, VecDeque};

use rand::Rng;
use uuid::Uuid;

use super::{
    ApiRequest, ConcurrencyAtStart, FinishedInvocation, QueueMessage, SpanContext, Trigger,
    cloudwatch::CloudWatch, context::new_span_id, entry_spans::publishing,
    queue_event::ConsumerSpans,
};
use crate::{
    lambda::{End, Function, Invocation, ModelTime, Role},
    sandbox::{clock::Epoch, entry::random_id},
    telemetry::store::TelemetryRecord,
};

/// How many unconsumed messages are remembered. Beyond it the oldest one's trace is forgotten,
/// and its consumer begins a new one.
const MOST_MESSAGES: usize = 100_000;

/// What is in flight.
#[derive(Debug, Default)]
pub struct Ledger {
    ending: BTreeMap<(ModelTime, u64), FinishedInvocation>,
    started: u64,
    messages: HashMap<Uuid, QueueMessage>,
    oldest: VecDeque<Uuid>,
    cloudwatch: CloudWatch,
}

impl Ledger {
    /// An invocation of the entry function started.
    pub fn entry_started(
        &mut self,
        invocation: Invocation,
        request: ApiRequest,
        concurrency: ConcurrencyAtStart,
        ids: &mut impl Rng,
    ) {
        let context = request.context;
        let publish = request.spans.publish;
        let finished = FinishedInvocation {
            cause: Trigger::Api(Box::new(request)),
            invocation,
            concurrency,
        };
        if finished.invocation.end == End::Ok {
            let (start, took) = publishing(&finished);
            let message = QueueMessage {
                id: random_id(ids),
                notification: random_id(ids),
                context: SpanContext {
                    parent_id: publish,
                    ..context
                },
                published: start + took,
                receives: 0,
                consumer_spans: consumer_spans(ids),
            };
            self.remember(finished.invocation.request_id, message);
        }
        self.push(finished);
    }

    /// An invocation of the consumer started.
    pub fn consumer_started(
        &mut self,
        invocation: Invocation,
        concurrency: ConcurrencyAtStart,
        now_s: i64,
        ids: &mut impl Rng,
    ) {
        let batch = invocation
            .batch
            .iter()
            .map(|published_by| self.received(published_by, &invocation, now_s, ids))
            .collect();
        self.push(FinishedInvocation {
            cause: Trigger::Queue(batch),
            invocation,
            concurrency,
        });
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
        let mut message = match self.messages.get_mut(published_by) {
            Some(known) => {
                known.receives += 1;
                let message = known.clone();
                known.consumer_spans = consumer_spans(ids);
                message
            }
            None => QueueMessage {
                id: random_id(ids),
                notification: random_id(ids),
                context: SpanContext::new(now_s, ids),
                published: invocation.arrived,
                receives: 1,
                consumer_spans: consumer_spans(ids),
            },
        };
        if invocation.end == End::Ok {
            self.messages.remove(published_by);
        }
        // A message cannot arrive before it was sent.
        message.published = message.published.min(invocation.arrived);
        message
    }

    fn remember(&mut self, published_by: Uuid, message: QueueMessage) {
        self.messages.insert(published_by, message);
        self.oldest.push_back(published_by);
        while self.oldest.len() > MOST_MESSAGES {
            if let Some(forgotten) = self.oldest.pop_front() {
                self.messages.remove(&forgotten);
            }
        }
    }

    fn push(&mut self, finished: FinishedInvocation) {
        self.started += 1;
        let key = (finished.invocation.ended(), self.started);
        self.ending.insert(key, finished);
    }

    /// Lambda refused `more` invocations at `at`.
    pub fn throttled(&mut self, role: Role, at: ModelTime, more: u32) {
        self.cloudwatch.throttled(role, at, more);
    }

    /// The invocations that have ended by `now`, in the order of their ends.
    pub fn ended(&mut self, now: ModelTime) -> Vec<FinishedInvocation> {
        let later = self.ending.split_off(&(now, u64::MAX));
        let ended = std::mem::replace(&mut self.ending, later);
        for finished in ended.values() {
            self.cloudwatch
                .ended(&finished.invocation, finished.concurrency);
        }
        ended.into_values().collect()
    }

    /// When the next invocation ends.
    pub fn next_end(&self) -> Option<ModelTime> {
        self.ending.keys().next().map(|(at, _)| *at)
    }

    /// CloudWatch's metrics of what ended since the last call.
    pub fn cloudwatch<'a>(
        &mut self,
        epoch: Epoch,
        function: impl Fn(Role) -> &'a Function,
    ) -> Vec<TelemetryRecord> {
        self.cloudwatch.give(epoch, function)
    }

    /// Whether [`Ledger::cloudwatch`] has something to give.
    pub fn has_cloudwatch(&self) -> bool {
        !self.cloudwatch.is_empty()
    }
}

fn consumer_spans(ids: &mut impl Rng) -> ConsumerSpans {
    ConsumerSpans {
        topic: new_span_id(ids),
        queue: new_span_id(ids),
        lambda: new_span_id(ids),
        load: new_span_id(ids),
    }
}
