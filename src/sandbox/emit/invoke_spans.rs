//! The spans of an invocation by Lambda's own API: `aws.lambda`, with nothing before it.

use serde_json::Value;

use super::{
    FinishedInvocation, entry_spans,
    finished::InvokedEvent,
    spans::{self, Trace},
};
use crate::{
    sandbox::{AppProfile, clock::Epoch, entry::handler_result},
    telemetry::store::TelemetryRecord,
};

pub(super) fn spans(
    finished: &FinishedInvocation,
    event: &InvokedEvent,
    epoch: Epoch,
    profile: AppProfile,
    records: &mut Vec<TelemetryRecord>,
) {
    let invocation = &finished.invocation;
    let trace = Trace::of(&event.context, invocation);
    let mut tags = spans::lambda_tags(finished);
    let payload: Value = serde_json::from_slice(&event.payload).unwrap_or_default();
    let response = handler_result(invocation, profile).unwrap_or_default();
    spans::finish_lambda(finished, &payload, &response, &mut tags);
    trace.add_root_tags(&mut tags);
    records.push(TelemetryRecord::Span(trace.lambda_span(
        (event.spans.lambda, event.context.parent_id),
        epoch.ns(finished.began()),
        finished.running(),
        tags,
        entry_spans::failed(invocation.end),
    )));
    spans::below(finished, epoch, &trace, records);
}
