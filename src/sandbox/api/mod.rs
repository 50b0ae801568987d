//! A Datadog-compatible API over the store: the calls, shapes, status codes and error bodies of
//! `https://api.datadoghq.com`, as far as Insights and their verification need them.
//!
//! Any API key of 32 hexadecimal digits is accepted but [`BAD_API_KEY`], and any application
//! key of 40 but [`BAD_APPLICATION_KEY`] (or one that begins with `ddapp_`).

mod aggregate;
mod body;
mod cursor;
mod deployments;
mod error;
mod events;
mod guard;
mod logs;
mod metrics;
mod monitors;
mod query_v1;
mod query_v2;
mod search;
mod span_json;
mod spans;
mod state;
mod time_range;
mod units;

use axum::{
    Json, Router,
    extract::Request,
    http::{HeaderValue, header::CONTENT_TYPE},
    middleware::{self, Next},
    response::Response,
    routing::{any, get, post},
};
use serde_json::{Value, json};

use crate::telemetry::store::{LogEntry, Span};

pub use guard::{BAD_API_KEY, BAD_APPLICATION_KEY};
pub use state::{ApiOptions, ApiState, MillisClock, RateLimit};

pub(super) use body::{BodyBytes, JsonBody, LARGEST_UNPACKED, Params, too_large};
pub(super) use error::{ErrorResponse, JsonAnswer};
pub(super) use guard::need_api_key;
pub(super) use state::AHEAD_MS;

/// The API's routes, under `/api/v1` and `/api/v2`. What is not spoken there is a 404 in the
/// API's own shape.
pub fn router(state: ApiState) -> Router {
    let with_both_keys = with_both_keys()
        .route_layer(middleware::from_fn_with_state(
            state.clone(),
            guard::limit_rate,
        ))
        .route_layer(middleware::from_fn(guard::need_both_keys))
        .route_layer(middleware::from_fn(recorded_type));
    let with_api_key = Router::new()
        .route("/api/v1/validate", get(validate))
        .route("/api/v1/events", post(events::post_v1))
        .route("/api/v2/events", post(events::post_v2))
        .route("/api/v2/dora/deployment", post(deployments::post))
        .route_layer(middleware::from_fn(need_api_key));
    Router::new()
        .merge(with_both_keys)
        .merge(with_api_key)
        .route("/api/{*rest}", any(|| async { ErrorResponse::not_found() }))
        .with_state(state)
}

/// What is read with both keys, and the monitors.
fn with_both_keys() -> Router<ApiState> {
    Router::new()
        .route("/api/v1/query", get(query_v1::query))
        .route("/api/v1/metrics", get(metrics::list))
        .route("/api/v2/metrics/{name}/all-tags", get(metrics::all_tags))
        .route(
            "/api/v1/monitor",
            get(monitors::list).post(monitors::create),
        )
        .route("/api/v1/monitor/validate", post(monitors::validate))
        .route(
            "/api/v1/monitor/{id}",
            get(monitors::get)
                .put(monitors::update)
                .delete(monitors::delete),
        )
        .route("/api/v1/monitor/{id}/mute", post(monitors::mute))
        .route("/api/v1/monitor/{id}/unmute", post(monitors::unmute))
        .route("/api/v1/events", get(events::list_v1))
        .route("/api/v1/events/{id}", get(events::get_v1))
        .route("/api/v2/events", get(events::list_v2))
        .route("/api/v2/events/search", post(events::search_v2))
        .route("/api/v2/query/scalar", post(query_v2::scalar))
        .route("/api/v2/query/timeseries", post(query_v2::timeseries))
        .route("/api/v2/spans/events", get(search::list::<Span>))
        .route("/api/v2/spans/events/search", post(spans::search))
        .route("/api/v2/spans/analytics/aggregate", post(spans::aggregate))
        .route("/api/v2/logs/events", get(search::list::<LogEntry>))
        .route("/api/v2/logs/events/search", post(logs::search))
        .route("/api/v2/logs/analytics/aggregate", post(logs::aggregate))
}

/// Gives an answer the content type that the real API's recorded answers have.
async fn recorded_type(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let recorded = match path.strip_prefix("/api/") {
        Some("v1/query") => Some("text/json"),
        Some(rest) if rest.starts_with("v2/spans/") || rest.starts_with("v2/query/") => {
            Some("application/vnd.api+json")
        }
        _ => None,
    };
    let mut response = next.run(request).await;
    if let Some(kind) = recorded.filter(|_| response.status().is_success()) {
        let kind = HeaderValue::from_static(kind);
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}

async fn validate() -> Json<Value> {
    Json(json!({"valid": true}))
}
