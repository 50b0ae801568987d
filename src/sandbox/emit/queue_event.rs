//! Messages on their way from the topic to the consumer: the event of an SQS batch.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use rand::Rng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    context::{SpanContext, new_span_id},
    request::EntrySpans,
};
use crate::{
    lambda::{MessageContent, ModelTime},
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
    /// The name of the topic that it came through.
    pub topic: Option<String>,
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
    /// What it holds; None: the sample app's notification, as the model writes it.
    pub content: Option<Arc<MessageContent>>,
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

impl ConsumerSpans {
    /// New ids.
    pub fn new(ids: &mut impl Rng) -> ConsumerSpans {
        ConsumerSpans {
            topic: new_span_id(ids),
            queue: new_span_id(ids),
            own: EntrySpans::new(ids),
        }
    }
}

impl QueueMessage {
    /// When the queue had it: a few milliseconds after the topic, an assumption.
    pub(super) fn queued(&self) -> ModelTime {
        let through = self.topic.as_ref().map(|_| ModelTime::from_millis(8));
        self.published + through.unwrap_or_default()
    }

    /// About how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let content = self.content.as_ref();
        2 * size_of::<QueueMessage>() + content.map_or(0, |content| content.body.len())
    }

    /// SQS's receipt handle; the real one is as opaque and ten times as long.
    pub(super) fn receipt(&self) -> String {
        STANDARD.encode(self.id.as_bytes())
    }

    /// One record of the batch's event.
    fn record(&self, epoch: Epoch) -> Value {
        let mut record = json!({
            "messageId": self.id.to_string(),
            "receiptHandle": self.receipt(),
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
        });
        if let Some(content) = &self.content {
            let attributes = content.attributes.iter().map(as_event).collect();
            record["body"] = String::from_utf8_lossy(&content.body).into();
            record["md5OfBody"] = format!("{:x}", md5::compute(&content.body)).into();
            record["messageAttributes"] = Value::Object(attributes);
        } else {
            let attributes = json!({ "_datadog": { "Type": "Binary", "Value": self.injected() } });
            let topic = self.topic.as_deref().unwrap_or_default();
            let (id, at) = (self.notification, epoch.timestamp(self.published));
            let body = notification((topic, id), at, "Message sent to SNS", attributes);
            record["body"] = body.to_string().into();
        }
        record
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

/// A notification as SNS hands it on. What only AWS can say is [`SIMULATED`].
pub fn notification(
    (topic, id): (&str, Uuid),
    at: Timestamp,
    message: &str,
    attributes: Value,
) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": id.to_string(),
        "TopicArn": topic_arn(topic),
        "Message": message,
        "Timestamp": format!("{at:.3}"),
        "SignatureVersion": "1",
        "Signature": SIMULATED,
        "SigningCertURL": SIMULATED,
        "UnsubscribeURL": SIMULATED,
        "MessageAttributes": attributes,
    })
}

/// A message attribute of SQS's API as an event holds it.
fn as_event((name, value): (&String, &Value)) -> (String, Value) {
    let mut own = json!({
        "dataType": value["DataType"],
        "stringListValues": [],
        "binaryListValues": [],
    });
    for (from, to) in [
        ("StringValue", "stringValue"),
        ("BinaryValue", "binaryValue"),
    ] {
        if let Some(text) = value.get(from) {
            own[to] = text.clone();
        }
    }
    (name.clone(), own)
}

/// The event of a batch.
pub fn event(batch: &[QueueMessage], epoch: Epoch) -> Value {
    let records: Vec<Value> = batch.iter().map(|message| message.record(epoch)).collect();
    json!({ "Records": records })
}
