//! The trace agent's paths.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{lines::settled, msgpack};
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

fn take(
    state: &ApiState,
    traces: Result<Vec<Vec<Span>>, msgpack::PayloadError>,
) -> Result<Json<Value>, ErrorResponse> {
    let traces = traces.map_err(|error| ErrorResponse::bad_request(error.to_string()))?;
    let now_ms = state.now();
    let spans = traces.into_iter().flat_map(|trace| settled(trace, now_ms));
    state.store(spans.map(TelemetryRecord::Span));
    // Every trace is wanted.
    Ok(Json(json!({"rate_by_service": {"service:,env:": 1}})))
}
