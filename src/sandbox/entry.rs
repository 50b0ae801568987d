//! An app's endpoint: a REST API of API Gateway in front of the functions that have a route.
//!
//! Which status a client gets, and when, is [`GatewayAnswer`]'s. A failed function and a refused
//! invocation have the same body.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rand::Rng;
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::{Builder, Uuid};

use super::{
    AppProfile,
    emit::{ApiRequest, EntrySpans, SpanContext, Trigger},
    hosted::answered,
    names::STAGE,
    state::{self, SandboxState},
};
use crate::{
    control::{
        COLD_START_HEADER, ENVIRONMENT_ID_HEADER, FAULT_HEADER, FAULT_KEY_HEADER, INIT_AGE_HEADER,
        REQUEST_ID_HEADER, RUN_HEADER, SANDBOX_FAULT_KEY,
    },
    host::Host,
    lambda::{
        self, Admission, End, Fault, Function, FunctionId, GatewayAnswer, INTEGRATION_TIMEOUT,
        Invocation, ModelTime, PayloadFormat, ResourceMatch, Start, proxied,
    },
    server::{BodyRefusal, read_body, reply},
};

/// The largest body that API Gateway takes (Amazon API Gateway quotas).
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// What a function that went well returns as its body.
fn result_body(function: &Function) -> &str {
    match (&function.answer, function.invokes.is_empty()) {
        (Some(answer), _) => answer,
        (None, true) => "OK",
        (None, false) => "Sent message to SNS",
    }
}

/// How API Gateway refuses a request: the status and the message.
type Refusal = (StatusCode, &'static str);

/// How a REST API answers a path that none of its resources takes, and how an HTTP API does.
const NO_RESOURCE: Refusal = (StatusCode::FORBIDDEN, "Missing Authentication Token");
const NO_ROUTE: Refusal = (StatusCode::NOT_FOUND, "Not Found");

/// Replaces the parts of a request that carry secrets.
const REDACTED: &str = "redacted";

/// Serves one request to the sample app.
pub(super) async fn serve(State(shared): State<Arc<SandboxState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // A page of another site may lead a browser to pages here, but not send the app a request.
    let cross_site = parts.headers.get("sec-fetch-site");
    if cross_site.is_some_and(|site| site == "cross-site") {
        let why = "the sample app takes no requests from pages of other sites";
        return reply::error(StatusCode::FORBIDDEN, why);
    }
    let body = read_body(body, LARGEST_BODY).await;
    let fault = match shared.options.profile {
        AppProfile::Ours => honoured(|name| Some(parts.headers.get(name)?.as_bytes())),
        AppProfile::Datadog => None,
    };

    if let Some(host) = &shared.host {
        return really(&shared, host, parts, body).await;
    }
    let (admission, taken, gateway_id) = {
        let mut state = shared.state();
        let taken = std::time::Instant::now();
        let now = state.clock.now();
        let gateway_id = random_id(&mut state.ids);
        let function = state.routed(below_stage(&parts));
        let function = function.ok_or(NO_RESOURCE);
        let (body, function) = match accepted(&mut state, now, &parts, body, function) {
            Ok(accepted) => accepted,
            Err((status, why)) => return gateway_error(status, why, gateway_id),
        };
        let route = state.app.function(function).route.as_deref();
        let led = proxied(route.unwrap_or_default(), below_stage(&parts));
        let mut request = api_request(&mut state, now, (parts, led), body, gateway_id);
        hide(&mut request, &state);
        let asked = lambda::InvokeRequest {
            function,
            fault,
            broken: state.broken && function == FunctionId::ENTRY,
        };
        let cause = Trigger::Api(Box::new(request));
        (state.admit(now, asked, cause), taken, gateway_id)
    };
    shared.news.notify_one();
    let (answer, after) = GatewayAnswer::to(&admission);
    shared.alarm.until(taken + after).await;
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::BAD_GATEWAY);
    match (answer, &admission) {
        (GatewayAnswer::Returned(_), Admission::Started(invocation)) => {
            returned(invocation, status, shared.options.profile, gateway_id)
        }
        (GatewayAnswer::TimedOut, _) => {
            gateway_error(status, "Endpoint request timed out", gateway_id)
        }
        _ => gateway_error(status, "Internal server error", gateway_id),
    }
}

/// The body of a request that API Gateway takes, and the function of its route; or how it refuses.
fn accepted(
    state: &mut state::ModelState,
    now: ModelTime,
    parts: &Parts,
    body: Result<Bytes, BodyRefusal>,
    function: Result<FunctionId, Refusal>,
) -> Result<(Bytes, FunctionId), Refusal> {
    let body = body.map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long"))?;
    let function = function?;
    state.note_run(parts.headers.get(RUN_HEADER), now);
    Ok((body, function))
}

/// The path below the stage.
fn below_stage(parts: &Parts) -> &str {
    parts.uri.path().get(STAGE.len() + 1..).unwrap_or_default()
}

/// Serves a request to an app of real functions.
async fn really(
    shared: &Arc<SandboxState>,
    host: &Arc<Host>,
    parts: Parts,
    body: Result<Bytes, BodyRefusal>,
) -> Response {
    let found = host.route(parts.method.as_str(), below_stage(&parts));
    let payload = found
        .as_ref()
        .map_or(PayloadFormat::Rest, |(_, route, _)| route.payload);
    let (lease, event, cause, gateway_id) = {
        let mut state = shared.state();
        let now = state.clock.now();
        let gateway_id = random_id(&mut state.ids);
        let function = found.as_ref().map(|(place, ..)| FunctionId(*place));
        let function = function.ok_or_else(|| match host.is_http_api(below_stage(&parts)) {
            true => NO_ROUTE,
            false => NO_RESOURCE,
        });
        let (body, function) = match accepted(&mut state, now, &parts, body, function) {
            Ok(accepted) => accepted,
            Err((status, why)) => return gateway_error(status, why, gateway_id),
        };
        let Ok(lease) = state.app.lease(now, function) else {
            shared.news.notify_one();
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return gateway_error(status, "Internal server error", gateway_id);
        };
        let led = found.as_ref().map(|(_, route, parameters)| {
            let resource = route.path.clone();
            (resource, parameters.clone())
        });
        let led = led.unwrap_or_default();
        let mut request = api_request(&mut state, now, (parts, led), body, gateway_id);
        // A handler reads the wall clock, not the model's.
        let wall_clock = now.saturating_sub(state.clock.skipped());
        let epoch_ms = shared.epoch.ms(wall_clock);
        let event = found.map(|(_, route, _)| match payload {
            PayloadFormat::Rest | PayloadFormat::HttpV1 => request.rest_event(epoch_ms, route),
            PayloadFormat::Http => request.http_event(epoch_ms, route),
        });
        let event = event.unwrap_or_default();
        hide(&mut request, &state);
        let cause = Trigger::Api(Box::new(request));
        (lease, Bytes::from(event.to_string()), cause, gateway_id)
    };
    let running = shared.run_hosted(host, lease, event, cause);
    let Ok(answer) = timeout(INTEGRATION_TIMEOUT, running.answer).await else {
        let status = StatusCode::GATEWAY_TIMEOUT;
        return gateway_error(status, "Endpoint request timed out", gateway_id);
    };
    let response = match answer {
        Ok(Ok(answer)) => answered(answer, payload).await,
        _ => None,
    };
    let Some((status, own, body)) = response else {
        let status = StatusCode::BAD_GATEWAY;
        return gateway_error(status, "Internal server error", gateway_id);
    };
    let mut response = (status, body).into_response();
    add_gateway_headers(response.headers_mut(), gateway_id);
    for (name, value) in &own {
        response.headers_mut().remove(name);
        response.headers_mut().append(name, value.clone());
    }
    response
}

/// The headers in memory of their own. As they come they are parts of a buffer of 8 KiB that each
/// request has, and would hold it until the request is stored.
fn detached(headers: &HeaderMap) -> HeaderMap {
    let mut bytes: Vec<u8> = Vec::with_capacity(headers.values().map(HeaderValue::len).sum());
    for value in headers.values() {
        bytes.extend_from_slice(value.as_bytes());
    }
    let mut bytes = Bytes::from(bytes);
    let mut own = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_maybe_shared(bytes.split_to(value.len())) {
            own.append(name, value);
        }
    }
    own
}

/// The request as API Gateway understands it, with the ids of the spans it will become.
pub(super) fn api_request(
    state: &mut state::ModelState,
    now: ModelTime,
    (parts, (resource, parameters)): (Parts, ResourceMatch),
    body: Bytes,
    gateway_id: Uuid,
) -> ApiRequest {
    let seconds = state.clock.epoch().ms(now) / 1_000;
    let ids = &mut state.ids;
    let context = SpanContext::of(&parts.headers, seconds, ids);
    let below = below_stage(&parts);
    ApiRequest {
        path: if below.is_empty() { "/" } else { below }.to_owned(),
        resource,
        parameters,
        context,
        headers: detached(&parts.headers),
        uri: parts.uri.to_string().parse().unwrap_or_default(),
        method: parts.method,
        body,
        gateway_id,
        spans: EntrySpans::new(ids),
    }
}

/// Takes out what is not to be kept.
fn hide(request: &mut ApiRequest, state: &state::ModelState) {
    let hidden = state.hidden();
    for name in &hidden.headers {
        if let Some(value) = request.headers.get_mut(name) {
            *value = HeaderValue::from_static(REDACTED);
        }
    }
    if hidden.body && !request.body.is_empty() {
        request.body = Bytes::from_static(REDACTED.as_bytes());
    }
    if hidden.path {
        let routed = state.routed(&request.path);
        let route = routed.and_then(|id| state.app.function(id).route.clone());
        request.path = route.unwrap_or_else(|| "/".to_owned());
        request.parameters.clear();
        request.uri = format!("/{STAGE}{}", request.path)
            .parse()
            .unwrap_or_default();
    }
}

impl state::ModelState {
    /// Hands a request to a function.
    pub(super) fn admit(
        &mut self,
        now: ModelTime,
        asked: lambda::InvokeRequest,
        cause: Trigger,
    ) -> Admission {
        let admission = self.app.invoke(now, asked);
        if let Admission::Started(invocation) = &admission {
            let concurrency = self.concurrency(now, asked.function);
            let invocation = invocation.as_ref().clone();
            self.ledger
                .started(invocation, cause, concurrency, &mut self.ids);
        }
        admission
    }
}

/// The body that goes with a status that the function was asked to return.
fn status_body(code: u16) -> String {
    format!("Returned status {code} as asked")
}

/// The fault that the request asks for, if it has the fault key. `header` returns its headers.
pub(super) fn honoured<'a>(header: impl Fn(&str) -> Option<&'a [u8]>) -> Option<Fault> {
    if header(FAULT_KEY_HEADER)? != SANDBOX_FAULT_KEY.as_bytes() {
        return None;
    }
    str::from_utf8(header(FAULT_HEADER)?).ok()?.parse().ok()
}

/// The function's own response.
fn returned(
    invocation: &Invocation,
    status: StatusCode,
    profile: AppProfile,
    gateway_id: Uuid,
) -> Response {
    let body = match invocation.end {
        End::Status(code) => status_body(code),
        _ => result_body(&invocation.function).to_owned(),
    };
    let mut response = (status, Body::from(body)).into_response();
    let headers = response.headers_mut();
    add_gateway_headers(headers, gateway_id);
    if profile == AppProfile::Ours {
        add_headers(headers, markers(invocation));
    }
    response
}

fn gateway_error(status: StatusCode, message: &str, gateway_id: Uuid) -> Response {
    let body = json!({ "message": message }).to_string();
    let mut response = (status, Body::from(body)).into_response();
    add_gateway_headers(response.headers_mut(), gateway_id);
    response
}

/// The markers of the project's template: what the environment itself knows.
fn markers(invocation: &Invocation) -> [(&'static str, String); 4] {
    let cold = matches!(invocation.start, Start::Cold { .. } | Start::Reset { .. });
    let age = invocation
        .handler_began
        .saturating_sub(invocation.init_ended);
    [
        (COLD_START_HEADER, cold.to_string()),
        (REQUEST_ID_HEADER, invocation.request_id.to_string()),
        (ENVIRONMENT_ID_HEADER, invocation.environment_id.to_string()),
        (INIT_AGE_HEADER, age.as_millis().to_string()),
    ]
}

/// What the handler returns; None if it never returned.
pub(super) fn handler_result(invocation: &Invocation, profile: AppProfile) -> Option<Value> {
    let (status, body) = match invocation.end {
        End::Ok => (200, result_body(&invocation.function).to_owned()),
        End::Status(code) => (code, status_body(code)),
        End::Exception | End::Timeout | End::OutOfMemory | End::Exited => return None,
    };
    let mut result = json!({ "statusCode": status, "body": body });
    if profile == AppProfile::Ours {
        let markers = markers(invocation).map(|(name, value)| (name.to_owned(), value.into()));
        result["headers"] = Value::Object(markers.into_iter().collect());
    }
    Some(result)
}

fn add_headers<const N: usize>(headers: &mut HeaderMap, all: [(&'static str, String); N]) {
    for (name, value) in all {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

/// API Gateway's own ids: not Lambda's request id.
fn add_gateway_headers(headers: &mut HeaderMap, id: Uuid) {
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let short: String = id.simple().to_string().chars().take(15).collect();
    let ids = [
        ("x-amzn-requestid", id.to_string()),
        ("x-amz-apigw-id", format!("{short}=")),
    ];
    add_headers(headers, ids);
}

/// A random (version 4) UUID.
pub(super) fn random_id(rng: &mut impl Rng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid()
}
