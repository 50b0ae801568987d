//! Messages on their way from the topic to the consumer: the event of an SQS batch.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{context::SpanContext, request::EntrySpans};
use crate::{
    lambda::ModelTime,
    sandbox::{
        clock::Epoch,
        names::{REGION, queue_arn, topic_arn},
    },
};

/// What stands where AWS puts a signature, a certificate or a checksum.
const SIMULATED: &str = "simulated";
/// The role that the topic sends to the queue with.
pub(super) const SENDER: &str = "AIDASANDBOXSENDER0000";

/// A message from the topic in the queue.
#[derive(Clone, Debug)]
pub struct QueueMessage {
    /// The topic's name.
    pub topic: String,
    /// The queue's name.
    pub queue: String,
    /// SQS's id.
    pub id: Uuid,
    /// SNS's id.
    pub notification: Uuid,
    /// The trace, with `sns.command` as the parent.
    pub context: SpanContext,
    /// When the topic took it.
    pub published: ModelTime,
    /// How often a consumer has received it, this time included.
    pub receives: u32,
    /// The ids of the spans that it becomes when it leads a batch.
    pub consumer_spans: ConsumerSpans,
}

/// The ids of a consumer invocation's spans.
#[derive(Clone, Copy, Debug)]
pub struct ConsumerSpans {
    /// `aws.sns`
    pub topic: u64,
    /// `aws.sqs`
    pub queue: u64,
    /// Those of the function itself.
    pub own: EntrySpans,
}

impl QueueMessage {
    /// When the queue had it: a few milliseconds after the topic, an assumption.
    pub(super) fn queued(&self) -> ModelTime {
        self.published + std::time::Duration::from_millis(8)
    }

    /// SQS's receipt handle; the real one is as opaque and ten times as long.
    pub(super) fn receipt(&self) -> String {
        STANDARD.encode(self.id.as_bytes())
    }

    /// One record of the batch's event.
    fn record(&self, epoch: Epoch) -> Value {
        let notification = json!({
            "Type": "Notification",
            "MessageId": self.notification.to_string(),
            "TopicArn": topic_arn(&self.topic),
            "Message": "Message sent to SNS",
            "Timestamp": format!("{:.3}", epoch.timestamp(self.published)),
            "SignatureVersion": "1",
            "Signature": SIMULATED,
            "SigningCertURL": SIMULATED,
            "UnsubscribeURL": SIMULATED,
            "MessageAttributes": {
                "_datadog": { "Type": "Binary", "Value": self.injected() },
            },
        });
        json!({
            "messageId": self.id.to_string(),
            "receiptHandle": self.receipt(),
            "body": notification.to_string(),
            "attributes": {
                "ApproximateReceiveCount": self.receives.to_string(),
                "SentTimestamp": epoch.ms(self.queued()).to_string(),
                "SenderId": SENDER,
                "ApproximateFirstReceiveTimestamp": epoch.ms(self.queued()).to_string(),
            },
            "md5OfBody": SIMULATED,
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn(&self.queue),
            "awsRegion": REGION,
        })
    }

    /// The trace context as ddtrace puts it into a message attribute: base64 of JSON.
    fn injected(&self) -> String {
        let SpanContext {
            trace_id,
            parent_id,
            priority,
            ..
        } = self.context;
        let sampled = u8::from(priority > 0);
        let mut state = format!("dd=p:{parent_id:016x};s:{priority}");
        let mut context = json!({
            "x-datadog-trace-id": self.context.low().to_string(),
            "x-datadog-parent-id": parent_id.to_string(),
            "x-datadog-sampling-priority": priority.to_string(),
            "traceparent": format!("00-{trace_id:032x}-{parent_id:016x}-{sampled:02x}"),
        });
        if let Some(high) = self.context.high() {
            state.push_str(&format!(";t.tid:{high}"));
            context["x-datadog-tags"] = Value::String(format!("_dd.p.tid={high}"));
        }
        context["tracestate"] = Value::String(state);
        STANDARD.encode(context.to_string())
    }
}

/// The event of a batch.
pub(super) fn event(batch: &[QueueMessage], epoch: Epoch) -> Value {
    let records: Vec<Value> = batch.iter().map(|message| message.record(epoch)).collect();
    json!({ "Records": records })
}
