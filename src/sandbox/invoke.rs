//! Lambda's Invoke API for the entry function: `POST /2015-03-31/functions/NAME/invocations` (AWS
//! Lambda API reference, "Invoke"). Signatures are not checked.

use std::{collections::HashMap, sync::Arc, time::Instant};

use axum::{
    Json,
    body::to_bytes,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    entry::{self, SENT, random_id, status_body},
    names::{self, STAGE},
    state::SandboxState,
};
use crate::lambda::{self, Admission, DurationProfile, End, Function, Invocation, Role, log_lines};

/// The route of the API.
pub(super) const ROUTE: &str = "/2015-03-31/functions/{name}/invocations";
/// The largest payload of a synchronous invocation: 6 MB.
const LARGEST_PAYLOAD: usize = 6 * 1024 * 1024;
/// The size of the log's tail: the last 4 KB.
const TAIL: usize = 4 * 1024;

/// Serves one invocation.
pub(super) async fn serve(
    State(shared): State<Arc<SandboxState>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let id = random_id(&mut shared.state().ids);
    let version = Query::<HashMap<String, String>>::try_from_uri(&parts.uri);
    let version = version
        .ok()
        .and_then(|Query(query)| query.get("Qualifier").cloned());
    if !is_entry(&name) || version.is_some_and(|version| version != "$LATEST") {
        let message = format!("Function not found: {name}");
        return refused(
            StatusCode::NOT_FOUND,
            "ResourceNotFoundException",
            &message,
            id,
        );
    }
    let Ok(payload) = to_bytes(body, LARGEST_PAYLOAD).await else {
        let message = format!("Request must be smaller than {LARGEST_PAYLOAD} bytes");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return refused(status, "RequestTooLargeException", &message, id);
    };
    if !payload.is_empty() && serde_json::from_slice::<Value>(&payload).is_err() {
        let message = "Could not parse request body into json";
        let status = StatusCode::BAD_REQUEST;
        return refused(status, "InvalidRequestContentException", message, id);
    }
    let wants_tail = says(&parts.headers, "x-amz-log-type", "tail");
    if says(&parts.headers, "x-amz-invocation-type", "dryrun") {
        return StatusCode::NO_CONTENT.into_response();
    }
    // The model has one way to the entry function: its telemetry shows the app's stage.
    if let Ok(uri) = format!("/{STAGE}").parse::<Uri>() {
        parts.uri = uri;
    }
    let (admission, taken) = {
        let mut state = shared.state();
        let (taken, now) = (Instant::now(), state.clock.now());
        let hidden = &shared.options.hidden;
        let request = entry::api_request(&mut state, now, parts, payload, hidden, id);
        let broken = state.broken;
        let asked = lambda::InvokeRequest {
            fault: None,
            broken,
        };
        (state.admit(now, asked, request), taken)
    };
    shared.news.notify_one();
    match admission {
        Admission::Throttled(_) => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            refused(status, "TooManyRequestsException", "Rate Exceeded.", id)
        }
        Admission::Started(invocation) => {
            let took = invocation.response_at().saturating_sub(invocation.arrived);
            shared.alarm.until(taken + took).await;
            returned(&invocation, wants_tail)
        }
    }
}

/// Whether a name, a partial ARN or an ARN is the entry function's, without a version or alias.
fn is_entry(name: &str) -> bool {
    let name = name.strip_suffix(":$LATEST").unwrap_or(name);
    let arn = names::function_arn(Role::Entry);
    let is_partial = || name.contains(":function:") && arn.ends_with(name);
    names::function_name(Role::Entry) == name || arn == name || is_partial()
}

fn says(headers: &HeaderMap, name: &str, value: &str) -> bool {
    let header = headers.get(name).and_then(|header| header.to_str().ok());
    header.is_some_and(|header| header.eq_ignore_ascii_case(value))
}

/// The function's result, and the end of its log if that was asked for.
fn returned(invocation: &Invocation, wants_tail: bool) -> Response {
    let result = |status: u16, body: &str| json!({ "statusCode": status, "body": body });
    let error = |kind: &str, message: String| json!({ "errorType": kind, "errorMessage": message });
    let id = invocation.request_id;
    let (body, failed) = match invocation.end {
        End::Ok => (result(200, SENT), false),
        End::Status(code) => (result(code, &status_body(code)), false),
        End::Exception => (error("Exception", "Throw an error.".to_owned()), true),
        End::Timeout => {
            let seconds = invocation.timeout.as_secs_f64();
            let message = format!("{id} Task timed out after {seconds:.2} seconds");
            (error("Sandbox.Timedout", message), true)
        }
        End::OutOfMemory => {
            let message =
                format!("RequestId: {id} Error: Runtime exited with error: signal: killed");
            (error("Runtime.ExitError", message), true)
        }
    };
    let mut response = Json(body).into_response();
    let headers = response.headers_mut();
    insert(headers, "x-amzn-requestid", &id.to_string());
    insert(headers, "x-amz-executed-version", "$LATEST");
    if failed {
        insert(headers, "x-amz-function-error", "Unhandled");
    }
    if wants_tail {
        let function = Function::of_sample_app(Role::Entry, DurationProfile::Instrumented);
        let log = log_lines(invocation, &function).join("\n") + "\n";
        let start = log.len().saturating_sub(TAIL);
        insert(
            headers,
            "x-amz-log-result",
            &STANDARD.encode(&log.as_bytes()[start..]),
        );
    }
    response
}

fn refused(status: StatusCode, kind: &'static str, message: &str, id: Uuid) -> Response {
    let body = json!({ "Type": "User", "Message": message });
    let mut response = (status, Json(body)).into_response();
    insert(response.headers_mut(), "x-amzn-requestid", &id.to_string());
    insert(response.headers_mut(), "x-amzn-errortype", kind);
    response
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_function_is_known_by_name_and_arn() {
        for (name, known) in [
            ("datadog-sample-entry-function", true),
            ("datadog-sample-entry-function:$LATEST", true),
            ("123456789012:function:datadog-sample-entry-function", true),
            (names::function_arn(Role::Entry).as_str(), true),
            ("datadog-sample-entry-function:live", false),
            ("datadog-sample-sqs-consumer-function", false),
            ("entry-function", false),
            ("", false),
        ] {
            assert_eq!(is_entry(name), known, "{name}");
        }
    }
}
