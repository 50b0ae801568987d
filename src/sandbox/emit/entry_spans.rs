//! The spans of an entry invocation: `aws.apigateway` > `aws.lambda` > `sns.command`, and
//! `aws.lambda.load` where the process was new.

use std::collections::BTreeMap;

use axum::http::header;
use serde_json::{Value, json};

use super::{
    FinishedInvocation,
    request::ApiRequest,
    spans::{self, Trace},
    tags::meta,
};
use crate::{
    control,
    lambda::{End, Invocation, Start},
    sandbox::{
        AppProfile,
        clock::Epoch,
        entry::{result_body, status_body},
        names::{API_ID, STAGE, api_host, stage_arn},
    },
    telemetry::store::{Span, TelemetryRecord},
};

pub(super) fn spans(
    finished: &FinishedInvocation,
    request: &ApiRequest,
    epoch: Epoch,
    profile: AppProfile,
    records: &mut Vec<TelemetryRecord>,
) {
    let invocation = &finished.invocation;
    // A process that is killed takes its spans with it, and the extension does not know the
    // trace. At a timeout ddtrace gets 100 ms before to send what it has (aws_lambda/patch.py).
    if invocation.end == End::OutOfMemory {
        return;
    }
    let trace = Trace::of(&request.context, invocation);
    records.push(TelemetryRecord::Span(gateway(
        finished, request, epoch, &trace,
    )));
    records.push(TelemetryRecord::Span(lambda(
        finished, request, epoch, profile, &trace,
    )));
    if invocation.end == End::Timeout {
        return;
    }
    spans::below(finished, epoch, &trace, records);
}

/// The status that API Gateway answers with; None: the handler never came to an end.
fn status(end: End) -> Option<u16> {
    match end {
        End::Ok => Some(200),
        End::Status(code) => Some(code),
        End::Exception => Some(502),
        End::Timeout | End::OutOfMemory => None,
    }
}

fn gateway(
    finished: &FinishedInvocation,
    request: &ApiRequest,
    epoch: Epoch,
    trace: &Trace,
) -> Span {
    let invocation = &finished.invocation;
    let resource = format!("{} {}", request.method, request.resource());
    let host = api_host();
    let mut tags = gateway_tags(invocation, request, &resource);
    trace.add_root_tags(&mut tags);
    let mut metrics = trace.root_metrics();
    metrics.insert("_dd._inferred_span".to_owned(), 1.0);
    let start = epoch.ms(invocation.arrived).saturating_mul(1_000_000);
    Span {
        trace_id: trace.id,
        span_id: request.spans.gateway,
        parent_id: request.context.parent_id,
        name: "aws.apigateway".to_owned(),
        service: host,
        resource,
        kind: "web".to_owned(),
        start_ns: start,
        duration_ns: epoch.ns(invocation.response_at()).saturating_sub(start),
        error: invocation.end == End::Timeout,
        meta: tags,
        metrics,
    }
}

fn gateway_tags(
    invocation: &Invocation,
    request: &ApiRequest,
    resource: &str,
) -> BTreeMap<String, String> {
    let mut tags = meta([
        ("apiname", API_ID.to_owned()),
        ("apiid", API_ID.to_owned()),
        ("stage", STAGE.to_owned()),
        ("endpoint", request.path.clone()),
        ("http.method", request.method.to_string()),
        (
            "http.url",
            format!("https://{}{}", api_host(), request.path),
        ),
        ("http.route", request.resource().to_owned()),
        ("resource_names", resource.to_owned()),
        ("request_id", invocation.request_id.to_string()),
        ("dd_resource_key", stage_arn()),
        ("peer.service", invocation.function.service.clone()),
        ("_dd.peer.service.source", "peer.service".to_owned()),
        ("_inferred_span.synchronicity", "sync".to_owned()),
        ("_inferred_span.tag_source", "self".to_owned()),
        ("span.kind", "server".to_owned()),
    ]);
    if let Some(agent) = request.header(header::USER_AGENT) {
        tags.insert("http.useragent".to_owned(), agent.to_owned());
    }
    if let Some(status) = status(invocation.end) {
        tags.insert("http.status_code".to_owned(), status.to_string());
    }
    if invocation.end == End::Timeout {
        tags.extend(meta([
            ("error.type", "Impending Timeout".to_owned()),
            (
                "error.message",
                "Datadog detected an Impending Timeout".to_owned(),
            ),
        ]));
    }
    tags
}

fn lambda(
    finished: &FinishedInvocation,
    request: &ApiRequest,
    epoch: Epoch,
    profile: AppProfile,
    trace: &Trace,
) -> Span {
    let invocation = &finished.invocation;
    let event = request.event(epoch.ms(invocation.arrived));
    let mut tags = spans::lambda_tags(finished);
    let path = event["requestContext"]["path"].as_str().unwrap_or_default();
    tags.extend(meta([
        ("http.url", format!("https://{}{path}", api_host())),
        ("http.method", request.method.to_string()),
        ("http.route", request.resource().to_owned()),
        ("function_trigger.event_source", "api-gateway".to_owned()),
        ("function_trigger.event_source_arn", stage_arn()),
    ]));
    if let Some(status) = status(invocation.end) {
        tags.insert("http.status_code".to_owned(), status.to_string());
    }
    let response = response(finished, profile);
    spans::finish_lambda(finished, &event, &response, &mut tags);
    trace.lambda_span(
        (request.spans.lambda, request.spans.gateway),
        epoch.ns(finished.began()),
        finished.running(),
        tags,
        failed(invocation.end),
    )
}

/// Whether the span of an invocation that ended so is an error.
pub(super) fn failed(end: End) -> bool {
    match end {
        End::Ok => false,
        End::Status(code) => code >= 500,
        End::Exception | End::Timeout | End::OutOfMemory => true,
    }
}

/// What the handler returned; null where it raised.
pub(super) fn response(finished: &FinishedInvocation, profile: AppProfile) -> Value {
    let invocation = &finished.invocation;
    let mut response = match invocation.end {
        End::Ok => json!({ "statusCode": 200, "body": result_body(&invocation.function) }),
        End::Status(code) => json!({ "statusCode": code, "body": status_body(code) }),
        End::Exception | End::Timeout | End::OutOfMemory => return Value::Null,
    };
    if profile == AppProfile::Ours {
        let age = invocation
            .handler_began
            .saturating_sub(invocation.init_ended);
        let cold = matches!(invocation.start, Start::Cold { .. } | Start::Reset { .. });
        response["headers"] = json!({
            control::COLD_START_HEADER: cold.to_string(),
            control::REQUEST_ID_HEADER: invocation.request_id.to_string(),
            control::ENVIRONMENT_ID_HEADER: invocation.environment_id.to_string(),
            control::INIT_AGE_HEADER: age.as_millis().to_string(),
        });
    }
    response
}
