//! An invocation that is over.

use std::time::Duration;

use super::{ApiRequest, ConcurrencyAtStart, QueueMessage};
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

    /// The trace and span that the handler's log lines name.
    pub(super) fn log_context(&self) -> (u128, u64) {
        match &self.cause {
            Trigger::Api(request) => (request.context.trace_id, request.spans.lambda),
            Trigger::Queue(batch) => batch.first().map_or((0, 0), |first| {
                (first.context.trace_id, first.consumer_spans.lambda)
            }),
        }
    }
}
