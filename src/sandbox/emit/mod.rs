//! What an app's functions would send to Datadog: metrics, spans and logs.
//!
//! Names, parents and tag keys follow datadog-lambda 8.130.0 with ddtrace 4.16.0, run and
//! recorded (the files in `tests/reference/`, with which a test compares them); what the
//! extension adds follows its public source (DataDog/datadog-lambda-extension). Everything here
//! is simulated, and built after the response has left, so that no request waits for it.

mod cloudwatch;
mod consumer_spans;
mod context;
mod entry_spans;
mod extension;
mod finished;
mod invoke_spans;
mod ledger;
mod logs;
mod metrics;
mod payload;
mod queue_event;
mod request;
mod spans;
mod tags;

pub use cloudwatch::ConcurrencyAtStart;
pub use context::SpanContext;
pub use finished::{FinishedInvocation, InvokedEvent, Trigger};
pub use ledger::Ledger;
pub use queue_event::{ConsumerSpans, QueueMessage, event, notification};
pub use request::{ApiRequest, EntrySpans};

use super::clock::Epoch;
use crate::{lambda::End, telemetry::store::TelemetryRecord};

impl FinishedInvocation {
    /// Everything that the invocation leaves behind.
    pub fn records(&self, epoch: Epoch, profile: super::AppProfile) -> Vec<TelemetryRecord> {
        let mut records = Vec::with_capacity(32);
        let from_library = logs::library(self, epoch, &mut records);
        metrics::enhanced(self, epoch, from_library, &mut records);
        match &self.cause {
            _ if from_library => {}
            // A process that is killed takes its spans with it, and the extension does not know the
            // trace. At a timeout ddtrace gets 100 ms before to send what it has (aws_lambda/patch.py).
            _ if self.invocation.end == End::OutOfMemory && self.invocation.handler.is_none() => {}
            Trigger::Api(request) => {
                entry_spans::spans(self, request, epoch, profile, &mut records)
            }
            Trigger::Invoke(event) => {
                invoke_spans::spans(self, event, epoch, profile, &mut records);
            }
            Trigger::Queue(batch) => consumer_spans::spans(self, batch, epoch, &mut records),
        }
        logs::logs(self, epoch, &mut records);
        records
    }
}
