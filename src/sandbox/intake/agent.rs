//! The trace agent's paths.

use std::error::Error;

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::{agent_payload, lines::settled, msgpack};
use crate::{
    sandbox::api::{ApiState, BodyBytes, ErrorResponse},
    telemetry::store::{Span, TelemetryRecord},
};

/// What a tracer asks first.
pub(super) async fn info() -> Json<Value> {
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "endpoints": ["/v0.4/traces", "/v0.5/traces"],
        "client_drop_p0s": false,
        "feature_flags": [],
        "config": {"default_env": "none"},
    }))
}

pub(super) async fn v0_4(
    State(state): State<ApiState>,
    BodyBytes(body): BodyBytes,
) -> Result<Json<Value>, ErrorResponse> {
    take(&state, msgpack::v0_4(&body))
}

pub(super) async fn v0_5(
    State(state): State<ApiState>,
    BodyBytes(body): BodyBytes,
) -> Result<Json<Value>, ErrorResponse> {
    take(&state, msgpack::v0_5(&body))
}

/// What an agent passes on from its tracers.
pub(super) async fn forwarded(
    State(state): State<ApiState>,
    BodyBytes(body): BodyBytes,
) -> Result<(StatusCode, Json<Value>), ErrorResponse> {
    let _rates = take(&state, agent_payload::traces(&body))?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

/// Counts of spans by resource, which the sandbox takes from the spans themselves: they are
/// checked, and not kept.
pub(super) async fn stats(
    BodyBytes(body): BodyBytes,
) -> Result<(StatusCode, Json<Value>), ErrorResponse> {
    match msgpack::is_map(&body) {
        true => Ok((StatusCode::ACCEPTED, Json(json!({})))),
        false => Err(ErrorResponse::bad_request(
            "The stats are no MessagePack map",
        )),
    }
}

fn take<E: Error>(
    state: &ApiState,
    traces: Result<Vec<Vec<Span>>, E>,
) -> Result<Json<Value>, ErrorResponse> {
    let traces = traces.map_err(|error| ErrorResponse::bad_request(error.to_string()))?;
    let now_ms = state.now();
    let spans = traces.into_iter().flat_map(|trace| settled(trace, now_ms));
    state.store(spans.map(TelemetryRecord::Span));
    // Every trace is wanted.
    Ok(Json(json!({"rate_by_service": {"service:,env:": 1}})))
}
