//! The intakes that Datadog's libraries, agents and clients post telemetry to.
//!
//! Metrics and logs need an API key, as at Datadog; traces come to the trace agent's paths,
//! which a tracer finds through `DD_TRACE_AGENT_URL` and which need none.

mod agent;
mod agent_payload;
pub mod lines;
mod logs;
mod metrics;
mod msgpack;
mod otlp;
mod protobuf;
mod sketches;

use axum::{
    Router, middleware,
    routing::{get, post, put},
};

pub(in crate::sandbox) use otlp::LastValues;

use super::api::{ApiState, need_api_key};

/// The intakes' routes.
pub fn router(state: ApiState) -> Router {
    let with_api_key = Router::new()
        .route("/api/v2/series", post(metrics::series_v2))
        .route("/api/v1/series", post(metrics::series_v1))
        .route("/api/v1/distribution_points", post(metrics::distributions))
        .route("/api/beta/sketches", post(sketches::post))
        .route("/api/v2/logs", post(logs::post))
        .route("/api/v0.2/traces", post(agent::forwarded))
        .route("/api/v0.2/stats", post(agent::stats))
        .route_layer(middleware::from_fn(need_api_key));
    Router::new()
        .merge(otlp::router())
        .merge(with_api_key)
        .route("/info", get(agent::info).post(agent::info))
        .route("/v0.4/traces", put(agent::v0_4).post(agent::v0_4))
        .route("/v0.5/traces", put(agent::v0_5).post(agent::v0_5))
        .with_state(state)
}
