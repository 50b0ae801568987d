//! The spans of a consumer invocation: `aws.sns` > `aws.sqs` > `aws.lambda`, in the trace of
//! the batch's first message. The other messages' traces end at their `sns.command`.

use serde_json::json;

use super::{
    FinishedInvocation,
    queue_event::{self, QueueMessage, SENDER},
    spans::{self, Trace},
    tags::meta,
};
use crate::{
    lambda::End,
    sandbox::{
        clock::Epoch,
        names::{queue_arn, topic_arn},
    },
    telemetry::store::{Span, TelemetryRecord},
};

/// What the consumer returns.
const CONSUMED: &str = "Successfully consumed SQS message";

pub(super) fn spans(
    finished: &FinishedInvocation,
    batch: &[QueueMessage],
    epoch: Epoch,
    records: &mut Vec<TelemetryRecord>,
) {
    let Some(first) = batch.first() else {
        return;
    };
    let trace = Trace::of(&first.context, &finished.invocation);
    if let Some(name) = &first.topic {
        records.push(TelemetryRecord::Span(topic(name, first, epoch, &trace)));
    }
    records.push(TelemetryRecord::Span(queue(finished, first, epoch, &trace)));
    records.push(TelemetryRecord::Span(lambda(
        finished, batch, first, epoch, &trace,
    )));
    spans::below(finished, epoch, &trace, records);
}

/// From the publish until the queue had the message.
fn topic(name: &str, first: &QueueMessage, epoch: Epoch, trace: &Trace) -> Span {
    let mut tags = meta([
        ("operation_name", "aws.sns".to_owned()),
        ("resource_names", name.to_owned()),
        ("topicname", name.to_owned()),
        ("topic_arn", topic_arn(name)),
        ("message_id", first.notification.to_string()),
        ("type", "Notification".to_owned()),
        ("_inferred_span.synchronicity", "async".to_owned()),
        ("_inferred_span.tag_source", "self".to_owned()),
        ("span.kind", "server".to_owned()),
    ]);
    trace.add_root_tags(&mut tags);
    trace.inferred(
        (first.consumer_spans.topic, first.context.parent_id),
        ("aws.sns", name),
        (epoch.ns(first.published), epoch.ns(first.queued())),
        tags,
    )
}

/// From the queue until the handler began.
fn queue(finished: &FinishedInvocation, first: &QueueMessage, epoch: Epoch, trace: &Trace) -> Span {
    let mut tags = meta([
        ("operation_name", "aws.sqs".to_owned()),
        ("resource_names", first.queue.clone()),
        ("queuename", first.queue.clone()),
        ("event_source_arn", queue_arn(&first.queue)),
        ("dd_resource_key", queue_arn(&first.queue)),
        ("receipt_handle", first.receipt()),
        ("sender_id", SENDER.to_owned()),
        ("peer.service", finished.invocation.function.service.clone()),
        ("_dd.peer.service.source", "peer.service".to_owned()),
        ("_inferred_span.synchronicity", "async".to_owned()),
        ("_inferred_span.tag_source", "self".to_owned()),
        ("span.kind", "server".to_owned()),
    ]);
    trace.add_root_tags(&mut tags);
    let parent = match first.topic {
        Some(_) => first.consumer_spans.topic,
        None => first.context.parent_id,
    };
    trace.inferred(
        (first.consumer_spans.queue, parent),
        ("aws.sqs", &first.queue),
        (epoch.ns(first.queued()), epoch.ns(finished.began())),
        tags,
    )
}

fn lambda(
    finished: &FinishedInvocation,
    batch: &[QueueMessage],
    first: &QueueMessage,
    epoch: Epoch,
    trace: &Trace,
) -> Span {
    let mut tags = spans::lambda_tags(finished);
    tags.extend(meta([
        ("function_trigger.event_source", "sqs".to_owned()),
        ("function_trigger.event_source_arn", queue_arn(&first.queue)),
    ]));
    let response = json!({ "statusCode": 200, "body": CONSUMED });
    spans::finish_lambda(
        finished,
        &queue_event::event(batch, epoch),
        &response,
        &mut tags,
    );
    trace.lambda_span(
        (first.consumer_spans.own.lambda, first.consumer_spans.queue),
        epoch.ns(finished.began()),
        finished.running(),
        tags,
        finished.invocation.end != End::Ok,
    )
}
