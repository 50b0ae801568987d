//! OTLP over HTTP: `/v1/*` as Datadog's agent takes it, and without an agent, with an API key, as
//! strictly as Datadog does: protobuf and delta temporality only (Datadog, "OTLP Intake Endpoint").

mod logs;
mod metrics;
mod shape;
mod traces;
mod values;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};

use super::lines::settled;
use crate::{
    sandbox::api::{ApiState, BodyBytes, ErrorResponse, need_api_key},
    telemetry::store::TelemetryRecord,
};

pub(in crate::sandbox) use metrics::LastValues;
use metrics::{Taken, Taking};
use shape::MessageShape;

/// The routes. Datadog's own are under `/api/intake/otlp`.
pub(super) fn router() -> Router<ApiState> {
    let strict = |prefix: &str, routes: Router<ApiState>| {
        routes
            .route(&format!("{prefix}/v1/traces"), post(traces_strictly))
            .route(&format!("{prefix}/v1/metrics"), post(metrics_strictly))
            .route(&format!("{prefix}/v1/logs"), post(logs_strictly))
    };
    strict("/api/v2/otlp", strict("/api/intake/otlp", Router::new()))
        .route_layer(middleware::from_fn(need_api_key))
        .route("/v1/traces", post(take_traces))
        .route("/v1/metrics", post(take_metrics))
        .route("/v1/logs", post(take_logs))
}

type OtlpAnswer = Result<Response, ErrorResponse>;

async fn take_traces(state: State<ApiState>, headers: HeaderMap, body: BodyBytes) -> OtlpAnswer {
    let (request, is_json) = read(&headers, &body.0, &shape::TRACES)?;
    traces(&state, &request, is_json)
}

async fn traces_strictly(
    state: State<ApiState>,
    headers: HeaderMap,
    body: BodyBytes,
) -> OtlpAnswer {
    traces(&state, &strictly(&headers, &body.0, &shape::TRACES)?, false)
}

fn traces(state: &ApiState, request: &Value, is_json: bool) -> OtlpAnswer {
    let spans = traces::spans(request).map_err(ErrorResponse::bad_request)?;
    let spans = settled(spans, state.now());
    state.store(spans.into_iter().map(TelemetryRecord::Span));
    Ok(answer(is_json, 0, ""))
}

async fn take_metrics(state: State<ApiState>, headers: HeaderMap, body: BodyBytes) -> OtlpAnswer {
    let (request, is_json) = read(&headers, &body.0, &shape::METRICS)?;
    let taken = metrics::points(&request, &Taking::AsAgent(&state.last_values));
    store_points(&state, taken, is_json)
}

async fn metrics_strictly(
    state: State<ApiState>,
    headers: HeaderMap,
    body: BodyBytes,
) -> OtlpAnswer {
    let request = strictly(&headers, &body.0, &shape::METRICS)?;
    let taken = metrics::points(&request, &Taking::Strict);
    if taken.rejected > 0 && taken.records.is_empty() {
        return Err(ErrorResponse::bad_request(taken.why));
    }
    store_points(&state, taken, false)
}

fn store_points(state: &ApiState, taken: Taken, is_json: bool) -> OtlpAnswer {
    let at_ms = |record: &TelemetryRecord| match record {
        TelemetryRecord::Metric(point) => point.at_ms,
        TelemetryRecord::Sketch(sketch) => sketch.at_ms,
        _ => 0,
    };
    if !taken
        .records
        .iter()
        .all(|record| state.takes_time(at_ms(record)))
    {
        return Err(ErrorResponse::bad_request(
            "A point is of a time before 1970 or more than 10 minutes in the future",
        ));
    }
    let (rejected, why) = (taken.rejected, taken.why);
    state.store(taken.records);
    Ok(answer(is_json, rejected, why))
}

async fn take_logs(state: State<ApiState>, headers: HeaderMap, body: BodyBytes) -> OtlpAnswer {
    let (request, is_json) = read(&headers, &body.0, &shape::LOGS)?;
    logs(&state, &request, is_json)
}

async fn logs_strictly(state: State<ApiState>, headers: HeaderMap, body: BodyBytes) -> OtlpAnswer {
    logs(&state, &strictly(&headers, &body.0, &shape::LOGS)?, false)
}

fn logs(state: &ApiState, request: &Value, is_json: bool) -> OtlpAnswer {
    let now_ms = state.now();
    let mut entries = logs::entries(request, now_ms);
    for entry in &mut entries {
        if !state.takes_time(entry.at_ms) {
            entry.at_ms = now_ms;
        }
    }
    state.store(entries.into_iter().map(TelemetryRecord::Log));
    Ok(answer(is_json, 0, ""))
}

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// The request in either encoding, and whether that was JSON.
fn read(
    headers: &HeaderMap,
    body: &[u8],
    shape: &MessageShape,
) -> Result<(Value, bool), ErrorResponse> {
    match content_type(headers) {
        JSON => serde_json::from_slice(body)
            .map(|request| (request, true))
            .map_err(|error| ErrorResponse::bad_request(format!("Invalid JSON: {error}"))),
        _ => Ok((strictly(headers, body, shape)?, false)),
    }
}

/// The request in protobuf.
fn strictly(
    headers: &HeaderMap,
    body: &[u8],
    shape: &MessageShape,
) -> Result<Value, ErrorResponse> {
    if content_type(headers) != PROTOBUF {
        return Err(ErrorResponse::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("Unsupported content type; send {PROTOBUF}"),
        ));
    }
    let read = shape.read(body);
    read.map_err(|error| ErrorResponse::bad_request(error.to_string()))
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let value = value.unwrap_or_default().split(';').next();
    value.unwrap_or_default().trim()
}

/// The protocol's answer, in the request's encoding: what was not taken, if anything was not.
fn answer(is_json: bool, rejected: u64, why: &str) -> Response {
    if is_json {
        let partial = match rejected {
            0 => json!({}),
            _ => json!({"partialSuccess":
                {"rejectedDataPoints": rejected.to_string(), "errorMessage": why}}),
        };
        return axum::Json(partial).into_response();
    }
    let mut body = Vec::new();
    if rejected > 0 {
        // partial_success = 1: {rejected = 1, error_message = 2}. Both are short.
        let mut partial = vec![0x08];
        let mut left = rejected;
        while left >= 0x80 {
            partial.push(left as u8 | 0x80);
            left >>= 7;
        }
        partial.extend([left as u8, 0x12, why.len() as u8]);
        partial.extend_from_slice(why.as_bytes());
        body = [vec![0x0a, partial.len() as u8], partial].concat();
    }
    ([(header::CONTENT_TYPE, PROTOBUF)], body).into_response()
}
