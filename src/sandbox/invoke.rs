//! Lambda's own API for the app's functions: `POST /2015-03-31/functions/NAME/invocations` (AWS
//! Lambda API reference, "Invoke"), `ListFunctions` and `GetFunctionConfiguration`. Signatures are not
//! checked, and each function has its version `$LATEST` alone.

use std::{collections::HashMap, sync::Arc, time::Instant};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    AppProfile,
    emit::{EntrySpans, InvokedEvent, SpanContext, Trigger},
    entry::{handler_result, honoured, random_id},
    hosted::HostedRequest,
    names::{ACCOUNT, REGION, function_arn},
    state::{ModelState, SandboxState},
};
use crate::{
    control::RUN_HEADER,
    host::Host,
    lambda::{
        self, Admission, End, Fault, Function, FunctionId, Invocation, LambdaApp, ModelTime,
        Throttle, log_lines,
    },
    server::read_body,
};

/// The largest payload of a synchronous invocation: 6 MB.
const LARGEST_PAYLOAD: usize = 6 * 1024 * 1024;
/// The size of the log's tail: the last 4 KB.
const TAIL: usize = 4 * 1024;
/// Functions on a page of `ListFunctions` at most (AWS Lambda API reference).
const PAGE: usize = 50;

/// The routes of the API.
pub(super) fn router() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(serve))
        .route(
            "/2015-03-31/functions/{name}/configuration",
            get(configuration),
        )
        .route("/2015-03-31/functions/", get(list))
        .route("/2015-03-31/functions", get(list))
}

/// An invocation as it was asked for.
pub(super) struct InvokeCall {
    pub(super) parts: Parts,
    function: FunctionId,
    payload: Bytes,
    event: Value,
    id: Uuid,
}

/// Reads a call of the function `name`, or refuses it.
pub(super) async fn asked(
    shared: &SandboxState,
    name: &str,
    request: Request,
) -> Result<InvokeCall, Box<Response>> {
    let (parts, body) = request.into_parts();
    let (id, function) = {
        let mut state = shared.state();
        let id = random_id(&mut state.ids);
        (id, named(&state.app, name, parts.uri.query()))
    };
    let Some(function) = function else {
        return Err(not_found(name, id).into());
    };
    let Ok(payload) = read_body(body, LARGEST_PAYLOAD).await else {
        let message = format!(
            "Request must be smaller than {LARGEST_PAYLOAD} bytes for the InvokeFunction operation"
        );
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(refused(status, "RequestTooLargeException", &message, id).into());
    };
    let event: Value = match serde_json::from_slice(&payload) {
        Ok(event) => event,
        Err(_) if payload.is_empty() => Value::Null,
        Err(_) => {
            let message = "Could not parse request body into json";
            let status = StatusCode::BAD_REQUEST;
            let kind = "InvalidRequestContentException";
            return Err(refused(status, kind, message, id).into());
        }
    };
    if says(&parts.headers, "x-amz-invocation-type", "dryrun") {
        return Err(StatusCode::NO_CONTENT.into_response().into());
    }
    Ok(InvokeCall {
        parts,
        function,
        payload,
        event,
        id,
    })
}

/// Whether a call wants the end of the log.
pub(super) fn wants_tail(call: &InvokeCall) -> bool {
    says(&call.parts.headers, "x-amz-log-type", "tail")
}

/// Serves one invocation.
async fn serve(
    State(shared): State<Arc<SandboxState>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let call = match asked(&shared, &name, request).await {
        Ok(call) => call,
        Err(refused) => return *refused,
    };
    let wants_tail = wants_tail(&call);
    let later = says(&call.parts.headers, "x-amz-invocation-type", "event");
    if let (false, Some(host)) = (later, &shared.host) {
        return really(&shared, host, call, wants_tail).await;
    }
    let InvokeCall {
        parts,
        function,
        payload,
        event,
        id,
    } = call;
    let (admission, taken) = {
        let mut state = shared.state();
        let (taken, now) = (Instant::now(), state.clock.now());
        let run = header_of(&event, RUN_HEADER).and_then(|run| HeaderValue::from_str(run).ok());
        state.note_run(run.as_ref(), now);
        let hidden = state.hidden().body;
        let invoked = state.invoked(now, payload.clone(), hidden);
        if later {
            let trace = header(&parts.headers, "x-amzn-trace-id");
            let trace = state.sender(trace);
            match shared.host {
                Some(_) => {
                    state.invoke_hosted_later(now, function, (id, given(payload)), trace);
                }
                None => {
                    state.ledger.queued(id, invoked);
                    state.app.invoke_later(now, function, id);
                }
            }
            (None, taken)
        } else {
            let asked = lambda::InvokeRequest {
                function,
                fault: match shared.options.profile {
                    AppProfile::Ours => fault(&event, &parts.headers),
                    AppProfile::Datadog => None,
                },
                broken: state.broken && function == FunctionId::ENTRY,
            };
            let cause = Trigger::Invoke(Box::new(invoked));
            (Some(state.admit(now, asked, cause)), taken)
        }
    };
    shared.news.notify_one();
    match admission {
        None => {
            let mut response = StatusCode::ACCEPTED.into_response();
            insert(response.headers_mut(), "x-amzn-requestid", &id.to_string());
            response
        }
        Some(Admission::Throttled(throttle)) => throttled(throttle, id),
        Some(Admission::Started(invocation)) => {
            let took = invocation.response_at().saturating_sub(invocation.arrived);
            shared.alarm.until(taken + took).await;
            returned(&invocation, shared.options.profile, wants_tail)
        }
    }
}

/// What a caller gets of a stream that ends before its end.
const BROKEN_OFF: Bytes = Bytes::from_static(
    br#"{"errorType":"Runtime.TruncatedResponse","errorMessage":"The response was cut off"}"#,
);

/// A payload as a handler gets it.
fn given(payload: Bytes) -> Bytes {
    match payload.is_empty() {
        true => Bytes::from_static(b"{}"),
        false => payload,
    }
}

/// Starts an invocation of a real function: its request id and what runs.
pub(super) fn started(
    shared: &Arc<SandboxState>,
    host: &Arc<Host>,
    call: InvokeCall,
) -> Result<(String, HostedRequest), Box<Response>> {
    let InvokeCall {
        function,
        payload,
        event,
        ..
    } = call;
    let (id, now, cause) = {
        let mut state = shared.state();
        let now = state.clock.now();
        let run = event["headers"][RUN_HEADER].as_str();
        let run = run.and_then(|run| HeaderValue::from_str(run).ok());
        state.note_run(run.as_ref(), now);
        let hidden = state.hidden().body;
        let invoked = state.invoked(now, payload.clone(), hidden);
        let cause = Trigger::Invoke(Box::new(invoked));
        (random_id(&mut state.ids), now, cause)
    };
    let event = given(payload);
    let leased = shared.state().app.lease(now, function);
    shared.news.notify_one();
    let lease = leased.map_err(|throttle| Box::new(throttled(throttle, id)))?;
    let id = lease.request_id.to_string();
    Ok((id, shared.run_hosted(host, lease, event, cause)))
}

/// Serves an invocation of a real function.
async fn really(
    shared: &Arc<SandboxState>,
    host: &Arc<Host>,
    call: InvokeCall,
    wants_tail: bool,
) -> Response {
    let (id, running) = match started(shared, host, call) {
        Ok(started) => started,
        Err(refused) => return *refused,
    };
    // An error means that the sandbox stops.
    let answer = running
        .answer
        .await
        .unwrap_or(Err(Bytes::from_static(b"{}")));
    let answer = match answer {
        // Lambda's Invoke API gives a stream once it is all there.
        Ok(payload) => payload.whole().await.map_err(|_| BROKEN_OFF),
        Err(error) => Err(error),
    };
    let failed = answer.is_err();
    let (Ok(body) | Err(body)) = answer;
    let mut response = Body::from(body).into_response();
    let headers = response.headers_mut();
    insert(headers, "content-type", "application/json");
    insert(headers, "x-amzn-requestid", &id);
    insert(headers, "x-amz-executed-version", "$LATEST");
    if failed {
        insert(headers, "x-amz-function-error", "Unhandled");
    }
    if wants_tail && let Ok(invocation) = running.invocation.await {
        insert(headers, "x-amz-log-result", &tail(&invocation));
    }
    response
}

impl ModelState {
    /// A payload, with the ids of the spans it will become. Lambda hands no header of the request on.
    pub(super) fn invoked(&mut self, now: ModelTime, payload: Bytes, hidden: bool) -> InvokedEvent {
        let seconds = self.clock.epoch().ms(now) / 1_000;
        InvokedEvent {
            payload: match hidden {
                true => Bytes::from_static(b"\"redacted\""),
                false => payload,
            },
            context: SpanContext::new(seconds, &mut self.ids),
            spans: EntrySpans::new(&mut self.ids),
        }
    }
}

/// The fault that a header requests: a header in an event of API Gateway's form, as at the deployed
/// function, or a header of the request itself, which Lambda would not forward.
fn fault(event: &Value, request: &HeaderMap) -> Option<Fault> {
    honoured(|name| Some(header_of(event, name)?.as_bytes()))
        .or_else(|| honoured(|name| Some(request.get(name)?.as_bytes())))
}

/// A header in an event of API Gateway's form, its name in any case.
fn header_of<'a>(event: &'a Value, name: &str) -> Option<&'a str> {
    let headers = event.get("headers")?.as_object()?;
    let mut headers = headers.iter();
    let (_, value) = headers.find(|(other, _)| other.eq_ignore_ascii_case(name))?;
    value.as_str()
}

/// The function of a name, an ARN or a part of one, with a query that may name a version.
fn named(app: &LambdaApp, name: &str, query: Option<&str>) -> Option<FunctionId> {
    let query = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut versions = query.filter(|(key, _)| key == "Qualifier");
    if versions.any(|(_, version)| version != "$LATEST") {
        return None;
    }
    let name = name.strip_suffix(":$LATEST").unwrap_or(name);
    let own = |id: &FunctionId| {
        let function = &app.function(*id).name;
        let arn = function_arn(function);
        let is_partial = name.contains("function:") && arn.ends_with(name);
        function == name || arn == name || is_partial && name.ends_with(&format!(":{function}"))
    };
    app.ids().find(own)
}

fn says(headers: &HeaderMap, name: &str, value: &str) -> bool {
    header(headers, name).is_some_and(|header| header.eq_ignore_ascii_case(value))
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The function's result, and the end of its log if that was asked for.
fn returned(invocation: &Invocation, profile: AppProfile, wants_tail: bool) -> Response {
    let error = |kind: &str, message: String| json!({ "errorType": kind, "errorMessage": message });
    let id = invocation.request_id;
    let result = handler_result(invocation, profile);
    let failed = result.is_none();
    let body = result.unwrap_or_else(|| match invocation.end {
        End::Timeout => {
            let seconds = invocation.timeout.as_secs_f64();
            let message = format!("{id} Task timed out after {seconds:.2} seconds");
            error("Sandbox.Timedout", message)
        }
        End::OutOfMemory => {
            let message =
                format!("RequestId: {id} Error: Runtime exited with error: signal: killed");
            error("Runtime.ExitError", message)
        }
        _ => error("Exception", "Throw an error.".to_owned()),
    });
    let mut response = Json(body).into_response();
    let headers = response.headers_mut();
    insert(headers, "x-amzn-requestid", &id.to_string());
    insert(headers, "x-amz-executed-version", "$LATEST");
    if failed {
        insert(headers, "x-amz-function-error", "Unhandled");
    }
    if wants_tail {
        insert(headers, "x-amz-log-result", &tail(invocation));
    }
    response
}

/// The end of an invocation's log, in base64.
pub(super) fn tail(invocation: &Invocation) -> String {
    let mut lines = log_lines(invocation);
    if let Some(handler) = &invocation.handler {
        let own = handler.lines.iter().map(|(_, line)| line.clone());
        let end = lines
            .iter()
            .position(|line| line.starts_with("END "))
            .unwrap_or(0);
        lines.splice(end..end, own);
    }
    let log = lines.join("\n") + "\n";
    let start = log.len().saturating_sub(TAIL);
    STANDARD.encode(&log.as_bytes()[start..])
}

/// A function's configuration, as Lambda describes it.
async fn configuration(
    State(shared): State<Arc<SandboxState>>,
    Path(name): Path<String>,
) -> Response {
    let mut state = shared.state();
    let id = random_id(&mut state.ids);
    match named(&state.app, &name, None) {
        Some(function) => Json(described(state.app.function(function))).into_response(),
        None => not_found(&name, id),
    }
}

/// `ListFunctions`, page by page.
async fn list(
    State(shared): State<Arc<SandboxState>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
    let from = number("Marker").unwrap_or(0);
    let most = number("MaxItems").unwrap_or(PAGE).clamp(1, PAGE);
    let state = shared.state();
    let functions: Vec<Value> = (state.app.ids().skip(from).take(most))
        .map(|id| described(state.app.function(id)))
        .collect();
    let next = from.saturating_add(functions.len());
    let more = next < state.app.ids().count();
    let marker = more.then(|| next.to_string());
    Json(json!({ "Functions": functions, "NextMarker": marker })).into_response()
}

fn described(function: &Function) -> Value {
    json!({
        "FunctionName": function.name,
        "FunctionArn": function_arn(&function.name),
        "Runtime": function.runtime,
        "Role": format!("arn:aws:iam::{ACCOUNT}:role/sandbox"),
        "Handler": "index.handler",
        "CodeSize": 1024,
        "Description": format!("modelled in {REGION}"),
        "Timeout": function.timeout.as_secs(),
        "MemorySize": function.memory.mb(),
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
    })
}

fn throttled(throttle: Throttle, id: Uuid) -> Response {
    let reason = match throttle {
        Throttle::Reserved => "ReservedFunctionConcurrentInvocationLimitExceeded",
        Throttle::Account => "ConcurrentInvocationLimitExceeded",
        Throttle::ScalingRate => "FunctionInvocationRateLimitExceeded",
    };
    let body = json!({ "Reason": reason, "Type": "User", "message": "Rate Exceeded." });
    let mut response = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
    insert(response.headers_mut(), "x-amzn-requestid", &id.to_string());
    let kind = "TooManyRequestsException";
    insert(response.headers_mut(), "x-amzn-errortype", kind);
    response
}

fn not_found(name: &str, id: Uuid) -> Response {
    let shown: String = name.chars().take(80).collect();
    let message = format!("Function not found: {}", function_arn(&shown));
    let status = StatusCode::NOT_FOUND;
    refused(status, "ResourceNotFoundException", &message, id)
}

pub(super) fn refused(status: StatusCode, kind: &'static str, message: &str, id: Uuid) -> Response {
    let body = json!({ "Type": "User", "Message": message });
    let mut response = (status, Json(body)).into_response();
    insert(response.headers_mut(), "x-amzn-requestid", &id.to_string());
    insert(response.headers_mut(), "x-amzn-errortype", kind);
    response
}

pub(super) fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::Config;

    #[test]
    fn a_function_is_known_by_name_and_arn() {
        let app = LambdaApp::sample(Config::default()).expect("the sample app");
        let consumer = "datadog-sample-sqs-consumer-function";
        for (name, query, known) in [
            ("datadog-sample-entry-function", None, Some(0)),
            ("datadog-sample-entry-function:$LATEST", None, Some(0)),
            (
                "datadog-sample-entry-function",
                Some("Qualifier=%24LATEST"),
                Some(0),
            ),
            (
                "123456789012:function:datadog-sample-entry-function",
                None,
                Some(0),
            ),
            (function_arn(consumer).as_str(), None, Some(1)),
            (consumer, None, Some(1)),
            ("datadog-sample-entry-function:live", None, None),
            (
                "datadog-sample-entry-function",
                Some("Qualifier=live"),
                None,
            ),
            ("entry-function", None, None),
            ("function:", None, None),
            ("", None, None),
        ] {
            let found = named(&app, name, query).map(|id| id.0);
            assert_eq!(found, known, "{name} {query:?}");
        }
    }
}
