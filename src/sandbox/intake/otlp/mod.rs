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
use metrics::Taking;
use shape::MessageShape;

/// The routes. Datadog's own are under `/api/intake/otlp`.
pub(super) fn router() -> Router<ApiState> {
    let under = |prefix: &str, is_strict: bool, routes: Router<ApiState>| {
        let signals: [(_, _, Take); 3] = [
            ("traces", &shape::TRACES, traces),
            ("metrics", &shape::METRICS, metrics),
            ("logs", &shape::LOGS, logs),
        ];
        signals
            .into_iter()
            .fold(routes, |routes, (name, shape, take)| {
                let taken = move |state: State<ApiState>, headers: HeaderMap, body: BodyBytes| {
                    let request = read(&headers, &body.0, shape, is_strict);
                    std::future::ready(request.and_then(|(request, is_json)| {
                        let rejected = take(&state, &request, is_strict)?;
                        Ok(answer(is_json, rejected))
                    }))
                };
                routes.route(&format!("{prefix}/v1/{name}"), post(taken))
            })
    };
    let strict = under("/api/intake/otlp", true, Router::new());
    let strict = under("/api/v2/otlp", true, strict);
    under(
        "",
        false,
        strict.route_layer(middleware::from_fn(need_api_key)),
    )
}

/// Takes a request in, by Datadog's own rules or by the Agent's. Returns how many points were
/// rejected, and why.
type Take = fn(&ApiState, &Value, bool) -> Result<Rejected, ErrorResponse>;
type Rejected = (u64, &'static str);

fn traces(state: &ApiState, request: &Value, _: bool) -> Result<Rejected, ErrorResponse> {
    let spans = traces::spans(request).map_err(ErrorResponse::bad_request)?;
    let spans = settled(spans, state.now());
    state.store(spans.into_iter().map(TelemetryRecord::Span));
    Ok((0, ""))
}

fn metrics(state: &ApiState, request: &Value, is_strict: bool) -> Result<Rejected, ErrorResponse> {
    let taken = match is_strict {
        true => metrics::points(request, &Taking::Strict),
        false => metrics::points(request, &Taking::AsAgent(&state.last_values)),
    };
    if is_strict && taken.rejected > 0 && taken.records.is_empty() {
        return Err(ErrorResponse::bad_request(taken.why));
    }
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
    state.store(taken.records);
    Ok((taken.rejected, taken.why))
}

fn logs(state: &ApiState, request: &Value, _: bool) -> Result<Rejected, ErrorResponse> {
    let now_ms = state.now();
    let mut entries = logs::entries(request, now_ms);
    for entry in &mut entries {
        if !state.takes_time(entry.at_ms) {
            entry.at_ms = now_ms;
        }
    }
    state.store(entries.into_iter().map(TelemetryRecord::Log));
    Ok((0, ""))
}

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// The request, and whether it was JSON, which Datadog's own routes do not take.
fn read(
    headers: &HeaderMap,
    body: &[u8],
    shape: &MessageShape,
    is_strict: bool,
) -> Result<(Value, bool), ErrorResponse> {
    match content_type(headers) {
        JSON if !is_strict => serde_json::from_slice(body)
            .map(|request| (request, true))
            .map_err(|error| ErrorResponse::bad_request(format!("Invalid JSON: {error}"))),
        PROTOBUF => shape
            .read(body)
            .map(|request| (request, false))
            .map_err(|error| ErrorResponse::bad_request(error.to_string())),
        _ => Err(ErrorResponse::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("Unsupported content type; send {PROTOBUF}"),
        )),
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let value = value.unwrap_or_default().split(';').next();
    value.unwrap_or_default().trim()
}

/// The protocol's answer, in the request's encoding: what was not taken, if anything was not.
fn answer(is_json: bool, (rejected, why): Rejected) -> Response {
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
