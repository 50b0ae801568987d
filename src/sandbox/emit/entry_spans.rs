//! The spans of an entry invocation: `aws.apigateway` > `aws.lambda` > `sns.command`, and
//! `aws.lambda.load` where the process was new.

use std::collections::BTreeMap;

use axum::http::header;

use super::{
    FinishedInvocation,
    request::ApiRequest,
    spans::{self, Trace},
    tags::meta,
};
use crate::{
    lambda::{End, Invocation},
    sandbox::{
        AppProfile,
        clock::Epoch,
        entry::handler_result,
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
    let trace = Trace::of(&request.context, &finished.invocation);
    records.push(TelemetryRecord::Span(gateway(
        finished, request, epoch, &trace,
    )));
    records.push(TelemetryRecord::Span(lambda(
        finished, request, epoch, profile, &trace,
    )));
    spans::below(finished, epoch, &trace, records);
}

/// The status that API Gateway answers with; None: the handler never came to an end.
fn status(end: End) -> Option<u16> {
    match end {
        End::Ok => Some(200),
        End::Status(code) => Some(code),
        End::Exception => Some(502),
        End::Timeout | End::OutOfMemory | End::Exited => None,
    }
}

fn gateway(
    finished: &FinishedInvocation,
    request: &ApiRequest,
    epoch: Epoch,
    trace: &Trace,
) -> Span {
    let invocation = &finished.invocation;
    let resource = format!("{} {}", request.method, request.resource);
    let mut tags = gateway_tags(invocation, request, &resource);
    trace.add_root_tags(&mut tags);
    let start = epoch.ms(invocation.arrived).saturating_mul(1_000_000);
    Span {
        service: api_host(),
        error: invocation.end == End::Timeout,
        ..trace.inferred(
            (request.spans.gateway, request.context.parent_id),
            ("aws.apigateway", &resource),
            (start, epoch.ns(invocation.response_at())),
            tags,
        )
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
        ("http.route", request.resource.clone()),
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
        ("http.route", request.resource.clone()),
        ("function_trigger.event_source", "api-gateway".to_owned()),
        ("function_trigger.event_source_arn", stage_arn()),
    ]));
    if let Some(status) = status(invocation.end) {
        tags.insert("http.status_code".to_owned(), status.to_string());
    }
    let response = handler_result(invocation, profile).unwrap_or_default();
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
        End::Exception | End::Timeout | End::OutOfMemory | End::Exited => true,
    }
}
