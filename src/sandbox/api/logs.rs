//! `/api/v2/logs/...`: searches. The intake is [`super::super::intake`]'s.

use axum::{Json, extract::State, http::HeaderMap};
use serde_json::{Value, json};

use super::{
    ApiState, ErrorResponse, JsonBody, Params,
    aggregate::{self, AggregateRequest},
    search::{PageSearch, SearchRequest},
    span_json::event_id,
};
use crate::telemetry::{
    query::{events::EventSource, time},
    store::{Cursor, LogEntry, Stored},
};

pub(super) async fn search(
    State(state): State<ApiState>,
    headers: HeaderMap,
    JsonBody(written): JsonBody<SearchRequest>,
) -> Result<Json<Value>, ErrorResponse> {
    answer(state, written, headers).await
}

pub(super) async fn list(
    State(state): State<ApiState>,
    headers: HeaderMap,
    params: Params,
) -> Result<Json<Value>, ErrorResponse> {
    answer(state, SearchRequest::of_params(&params)?, headers).await
}

async fn answer(
    state: ApiState,
    written: SearchRequest,
    headers: HeaderMap,
) -> Result<Json<Value>, ErrorResponse> {
    let asked = PageSearch::of(written, &state, |detail| ErrorResponse::bad_request(detail))?;
    let answer = state
        .read(move |reader| {
            let page = reader.logs(&asked.search(), asked.limit)?;
            let finds = page.items.iter().map(|stored| {
                let place = Cursor {
                    at_ns: stored.value.at_ms.saturating_mul(1_000_000),
                    id: stored.id,
                };
                (place, event(stored))
            });
            Ok(asked.answer(finds.collect(), "/api/v2/logs/events", &headers))
        })
        .await?;
    Ok(Json(answer))
}

fn event(stored: &Stored<LogEntry>) -> Value {
    let event = &stored.value;
    json!({
        "id": event_id(stored.id),
        "type": "log",
        "attributes": {
            "timestamp": time::shown(event.at_ms),
            "status": event.status,
            "service": event.service,
            "host": event.host,
            "message": event.message,
            "tags": event.tags.iter().cloned()
                .chain([format!("source:{}", event.source)])
                .collect::<Vec<String>>(),
            "attributes": event.attributes,
        },
    })
}

pub(super) async fn aggregate(
    State(state): State<ApiState>,
    JsonBody(asked): JsonBody<AggregateRequest>,
) -> Result<Json<Value>, ErrorResponse> {
    let (buckets, meta) = aggregate::answer(&state, asked, EventSource::Logs, |d| {
        ErrorResponse::bad_request(d)
    })
    .await?;
    let buckets: Vec<Value> = buckets
        .into_iter()
        .map(|(by, computes)| json!({"by": by, "computes": computes}))
        .collect();
    Ok(Json(json!({"data": {"buckets": buckets}, "meta": meta})))
}
