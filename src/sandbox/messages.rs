//! Messages of real functions: from a topic or a program to a queue, and on to a function.

use std::{collections::HashSet, sync::Arc};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    emit::{ConsumerSpans, QueueMessage, SpanContext, Trigger, event, notification},
    entry::random_id,
    names::topic_arn,
    state::ModelState,
};
use crate::{
    host::AppTopic,
    lambda::{FunctionId, Lease, MessageContent, ModelTime, SqsMessage, xray_root},
};

impl ModelState {
    /// The trace and the span of the function that sends a request, as AWS's libraries name it in the
    /// header `x-amzn-trace-id`: by the request that it serves.
    pub(super) fn sender(&self, header: Option<&str>) -> Option<(u128, u64)> {
        let root = xray_root(header?)?.strip_prefix("1-")?.replace('-', "");
        self.traces.get(&root.parse().ok()?).copied()
    }

    /// Sends a message to a queue; its id, or None: there is no such queue.
    pub(super) fn send(
        &mut self,
        queue: &str,
        mut content: MessageContent,
        delay: ModelTime,
    ) -> Option<Uuid> {
        let now = self.clock.now();
        let id = random_id(&mut self.ids);
        content.sent = now;
        let message = SqsMessage {
            content: Some(Arc::new(content)),
            ..SqsMessage::from(id)
        };
        self.app.send(now, queue, message, delay).then_some(id)
    }

    /// Publishes a message to a topic's queues and functions; its id. `attributes` are as SQS's API
    /// writes them.
    pub(super) fn publish(
        &mut self,
        topic: &AppTopic,
        (message, subject): (&str, Option<&str>),
        attributes: Map<String, Value>,
        trace: Option<(u128, u64)>,
    ) -> Uuid {
        let id = random_id(&mut self.ids);
        let now = self.clock.now();
        let own = attributes.iter().map(|(name, value)| {
            let text = value.get("StringValue").or(value.get("BinaryValue"));
            (
                name.clone(),
                json!({ "Type": value["DataType"], "Value": text }),
            )
        });
        let at = self
            .clock
            .epoch()
            .timestamp(now.saturating_sub(self.clock.skipped()));
        let mut body = notification((&topic.name, id), at, message, Value::Object(own.collect()));
        if let Some(subject) = subject {
            body["Subject"] = subject.into();
        }
        for (queue, is_raw) in &topic.queues {
            let content = MessageContent {
                topic: Some((topic.name.clone(), id)),
                trace,
                ..match is_raw {
                    true => MessageContent {
                        body: message.to_owned().into(),
                        attributes: attributes.clone(),
                        ..MessageContent::default()
                    },
                    false => MessageContent {
                        body: body.to_string().into(),
                        ..MessageContent::default()
                    },
                }
            };
            self.send(queue, content, ModelTime::ZERO);
        }
        for function in &topic.functions {
            let record = json!({
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": format!("{}:loadgen", topic_arn(&topic.name)),
                "Sns": body,
            });
            let payload = json!({ "Records": [record] }).to_string().into();
            let request = random_id(&mut self.ids);
            self.invoke_hosted_later(now, *function, (request, payload), trace);
        }
        id
    }

    /// An asynchronous invocation of a real function, which Lambda queues.
    pub(super) fn invoke_hosted_later(
        &mut self,
        now: ModelTime,
        function: FunctionId,
        (request, payload): (Uuid, Bytes),
        trace: Option<(u128, u64)>,
    ) {
        let content = MessageContent {
            body: payload,
            sent: now,
            trace,
            ..MessageContent::default()
        };
        let message = SqsMessage {
            content: Some(Arc::new(content)),
            ..SqsMessage::from(request)
        };
        self.app.invoke_later(now, function, message);
    }

    /// What a leased batch hands to its function.
    pub(super) fn delivered(&mut self, lease: &Lease) -> (Bytes, Trigger) {
        let first = lease
            .batch
            .first()
            .and_then(|message| message.content.clone());
        if lease.asynchronous {
            let content = first.unwrap_or_default();
            let body = content.body.clone();
            let hidden = self.hidden().body;
            let mut invoked = self.invoked(lease.arrived, body.clone(), hidden);
            invoked.context = self.context(lease.arrived, content.trace);
            return (body, Trigger::Invoke(Box::new(invoked)));
        }
        let queue = self.app.source(lease).map(|source| source.name.clone());
        let queue = queue.unwrap_or_default();
        let batch = lease.batch.iter();
        let batch: Vec<QueueMessage> = batch
            .map(|message| self.received(message, &queue, lease.arrived))
            .collect();
        // A handler reads the wall clock, not the model's.
        let skipped = self.clock.skipped();
        let mut told = batch.clone();
        for message in &mut told {
            message.published = message.published.saturating_sub(skipped);
        }
        let event = event(&told, self.clock.epoch());
        (event.to_string().into(), Trigger::Queue(batch))
    }

    /// The trace of a sender, or a new one.
    fn context(&mut self, at: ModelTime, sender: Option<(u128, u64)>) -> SpanContext {
        let seconds = self.clock.epoch().ms(at) / 1_000;
        let context = SpanContext::new(seconds, &mut self.ids);
        match sender {
            Some((trace_id, parent_id)) => SpanContext {
                trace_id,
                parent_id,
                made_here: false,
                ..context
            },
            None => context,
        }
    }

    fn received(&mut self, message: &SqsMessage, queue: &str, arrived: ModelTime) -> QueueMessage {
        let content = message.content.clone().unwrap_or_default();
        let (topic, notification) = content.topic.clone().unzip();
        QueueMessage {
            topic,
            queue: queue.to_owned(),
            id: message.id,
            notification: notification.unwrap_or(message.id),
            context: self.context(arrived, content.trace),
            published: content.sent,
            receives: message.receives + 1,
            consumer_spans: ConsumerSpans::new(&mut self.ids),
            content: Some(content),
        }
    }
}

/// The messages of a batch that come back: all of one that failed, else those that the function names
/// (AWS Lambda developer guide, "Handling errors for an SQS event source in Lambda").
pub(super) fn failed(answer: Option<Bytes>, reports: bool, batch: &[SqsMessage]) -> HashSet<Uuid> {
    #[derive(Default, Deserialize)]
    struct BatchReport {
        #[serde(default, rename = "batchItemFailures")]
        failures: Vec<Value>,
    }
    let all = || batch.iter().map(|message| message.id).collect();
    let Some(payload) = answer else {
        return all();
    };
    if !reports {
        return HashSet::new();
    }
    let Ok(report) = serde_json::from_slice::<Option<BatchReport>>(&payload) else {
        return all();
    };
    let named = report
        .unwrap_or_default()
        .failures
        .into_iter()
        .map(|failure| {
            let id: Option<Uuid> = failure["itemIdentifier"].as_str()?.parse().ok();
            id.filter(|id| batch.iter().any(|message| message.id == *id))
        });
    // A name that is none of them makes all of the batch fail.
    named.collect::<Option<_>>().unwrap_or_else(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_fails_in_all_messages_or_in_those_that_the_function_names() {
        let ids = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let batch = ids.map(SqsMessage::from);
        let of = |text: &str, reports| {
            let failed = failed(Some(text.to_owned().into()), reports, &batch);
            ids.map(|id| failed.contains(&id))
        };
        let second = format!(
            r#"{{"batchItemFailures": [{{"itemIdentifier": "{}"}}]}}"#,
            ids[1]
        );
        assert_eq!(of(&second, true), [false, true]);
        assert_eq!(of(&second, false), [false, false]);
        for none in ["null", "{}", r#"{"batchItemFailures": []}"#] {
            assert_eq!(of(none, true), [false, false], "{none}");
        }
        for all in [
            "",
            "3",
            r#"{"batchItemFailures": [{}]}"#,
            r#"{"batchItemFailures": [{"itemIdentifier": "x"}]}"#,
        ] {
            assert_eq!(of(all, true), [true, true], "{all}");
        }
        assert_eq!(failed(None, false, &batch).len(), 2);
    }
}
