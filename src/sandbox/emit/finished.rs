//! An invocation that is over.

use std::time::Duration;

use bytes::Bytes;
use rand::Rng;

use super::{ApiRequest, ConcurrencyAtStart, EntrySpans, QueueMessage, SpanContext};
use crate::lambda::{Invocation, ModelTime, Start};

/// An invocation that is over, with what caused it.
#[derive(Clone, Debug)]
pub struct FinishedInvocation {
    /// What the model said.
    pub invocation: Invocation,
    /// What it was invoked with.
    pub cause: Trigger,
    /// How busy the function was when it started.
    pub concurrency: ConcurrencyAtStart,
}

/// What an invocation was invoked with.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// A request through API Gateway.
    Api(Box<ApiRequest>),
    /// A batch from the queue, in order.
    Queue(Vec<QueueMessage>),
    /// Lambda's own Invoke API.
    Invoke(Box<InvokedEvent>),
}

/// What Lambda's Invoke API was asked to invoke a function with.
#[derive(Clone, Debug)]
pub struct InvokedEvent {
    /// The payload.
    pub payload: Bytes,
    /// The trace.
    pub context: SpanContext,
    /// The ids of the spans that it will become.
    pub spans: EntrySpans,
}

impl Trigger {
    /// The trace that it belongs to.
    fn context(&self) -> Option<SpanContext> {
        match self {
            Trigger::Api(request) => Some(request.context),
            Trigger::Queue(batch) => Some(batch.first()?.context),
            Trigger::Invoke(event) => Some(event.context),
        }
    }

    /// The ids of its own spans, whatever stands before them.
    fn ids(&self) -> Option<EntrySpans> {
        match self {
            Trigger::Api(request) => Some(request.spans),
            Trigger::Queue(batch) => Some(batch.first()?.consumer_spans.own),
            Trigger::Invoke(event) => Some(event.spans),
        }
    }

    /// The trace and the span that the handler runs in; 0: none.
    pub fn trace(&self) -> (u128, u64) {
        let ids = self.context().zip(self.ids());
        ids.map_or((0, 0), |(context, ids)| (context.trace_id, ids.lambda))
    }
}

impl InvokedEvent {
    /// An event about which nothing is remembered.
    pub fn empty(now_s: i64, ids: &mut impl Rng) -> InvokedEvent {
        InvokedEvent {
            payload: Bytes::from_static(b"{}"),
            context: SpanContext::new(now_s, ids),
            spans: EntrySpans::new(ids),
        }
    }
}

impl FinishedInvocation {
    /// When the handler itself began: after an init that a reset put inside the invocation.
    pub(super) fn began(&self) -> ModelTime {
        let init = match self.invocation.start {
            Start::Reset { init } => init,
            _ => Duration::ZERO,
        };
        self.invocation.handler_began + init.min(self.invocation.response_after)
    }

    /// About how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        2_048
            + match &self.cause {
                // Its headers, by name and value.
                Trigger::Api(request) => 2_048 + request.body.len(),
                Trigger::Invoke(event) => event.payload.len(),
                Trigger::Queue(batch) => batch.iter().map(QueueMessage::bytes).sum(),
            }
    }

    /// How long the handler ran, until its response.
    pub(super) fn running(&self) -> Duration {
        self.invocation.response_at().saturating_sub(self.began())
    }

    /// The init of the process that ran this invocation, where this was its first.
    pub(super) fn init(&self) -> Option<Duration> {
        match self.invocation.start {
            Start::Cold { init } | Start::Reset { init } => Some(init),
            // How long these took to initialise, ahead of need, the model does not say.
            Start::Proactive { .. } | Start::Provisioned | Start::Warm => None,
        }
    }

    /// The trace that it belongs to.
    pub(super) fn context(&self) -> Option<SpanContext> {
        self.cause.context()
    }

    /// The ids of its own spans, whatever stands before them.
    pub(super) fn ids(&self) -> Option<EntrySpans> {
        self.cause.ids()
    }

    /// The trace and span that the handler's log lines name.
    pub(super) fn log_context(&self) -> (u128, u64) {
        self.cause.trace()
    }
}
