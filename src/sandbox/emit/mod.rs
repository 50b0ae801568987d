//! What the sample app would send to Datadog: metrics, spans and logs of both functions.
//!
//! Names, parents and tag keys follow datadog-lambda 8.130.0 with ddtrace 4.16.0, run and
//! recorded (the files in `tests/reference/`, with which a test compares them); what the
//! extension adds follows its public source (DataDog/datadog-lambda-extension). Everything here
//! is simulated, and built after the response has left, so that no request waits for it.

mod cloudwatch;
mod consumer_spans;
mod context;
mod entry_spans;
mod ledger;
mod logs;
mod metrics;
mod payload;
mod queue_event;
mod request;
mod spans;
mod tags;

use std::time::Duration;

pub use cloudwatch::Concurrency;
pub use context::{Context, new_span_id};
pub use ledger::Ledger;
pub use queue_event::Message;
pub use request::{ApiRequest, EntrySpans};

use super::clock::Epoch;
use crate::{
    lambda::{At, Invocation, Start},
    telemetry::store::Record,
};

/// An invocation that is over, with what caused it.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What the model said.
    pub invocation: Invocation,
    /// What it was invoked with.
    pub cause: Cause,
    /// How busy the function was when it started.
    pub concurrency: Concurrency,
}

/// What an invocation was invoked with.
#[derive(Clone, Debug)]
pub enum Cause {
    /// A request through API Gateway.
    Api(Box<ApiRequest>),
    /// A batch from the queue, in order.
    Queue(Vec<Message>),
}

impl Finished {
    /// Everything that the invocation leaves behind.
    pub fn records(&self, epoch: Epoch, profile: super::Profile) -> Vec<Record> {
        let mut records = Vec::with_capacity(32);
        metrics::enhanced(self, epoch, &mut records);
        match &self.cause {
            Cause::Api(request) => entry_spans::spans(self, request, epoch, profile, &mut records),
            Cause::Queue(batch) => consumer_spans::spans(self, batch, epoch, &mut records),
        }
        logs::logs(self, epoch, &mut records);
        records
    }

    /// When the handler itself began: after an init that a reset put inside the invocation.
    fn began(&self) -> At {
        let init = match self.invocation.start {
            Start::Reset { init } => init,
            _ => Duration::ZERO,
        };
        self.invocation.handler_began + init.min(self.invocation.response_after)
    }

    /// How long the handler ran, until its response.
    fn running(&self) -> Duration {
        self.invocation.response_at().saturating_sub(self.began())
    }

    /// The init of the process that ran this invocation, where this was its first.
    fn init(&self) -> Option<Duration> {
        match self.invocation.start {
            Start::Cold { init } | Start::Reset { init } => Some(init),
            // How long these took to initialise, ahead of need, the model does not say.
            Start::Proactive { .. } | Start::Provisioned | Start::Warm => None,
        }
    }

    /// The trace and span that the handler's log lines name.
    fn log_context(&self) -> (u128, u64) {
        match &self.cause {
            Cause::Api(request) => (request.context.trace_id, request.spans.lambda),
            Cause::Queue(batch) => batch.first().map_or((0, 0), |first| {
                (first.context.trace_id, first.consumer_spans.lambda)
            }),
        }
    }
}
