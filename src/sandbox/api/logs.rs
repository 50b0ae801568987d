//! `/api/v2/logs/...`: searches. The intake is [`super::super::intake`]'s.

use axum::{Json, extract::State, http::HeaderMap};
use serde_json::{Value, json};

use super::{
    ApiState, ErrorResponse, JsonAnswer, JsonBody,
    aggregate::{self, AggregateRequest},
    search::{SearchRequest, SearchableEvent, answer},
    span_json::event_id,
};
use crate::telemetry::{
    query::{events::EventSource, time},
    store::{EventSearch, LogEntry, SearchPage, StoreError, StoreReader, Stored},
};

pub(super) async fn search(
    State(state): State<ApiState>,
    headers: HeaderMap,
    JsonBody(written): JsonBody<SearchRequest>,
) -> JsonAnswer {
    answer::<LogEntry>(state, written, headers).await
}

impl SearchableEvent for LogEntry {
    const PATH: &'static str = "/api/v2/logs/events";
    const EMPTY_HAS_META: bool = true;

    fn find(
        reader: &StoreReader,
        search: &EventSearch<'_>,
        limit: usize,
    ) -> Result<SearchPage<LogEntry>, StoreError> {
        reader.logs(search, limit)
    }

    fn at_ns(&self) -> i64 {
        self.at_ms.saturating_mul(1_000_000)
    }

    fn shown(stored: &Stored<LogEntry>) -> Value {
        event(stored)
    }

    fn refused(detail: &str) -> ErrorResponse {
        ErrorResponse::bad_request(detail)
    }
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
) -> JsonAnswer {
    let (buckets, meta) =
        aggregate::answer(&state, asked, EventSource::Logs, LogEntry::refused).await?;
    let buckets: Vec<Value> = buckets
        .into_iter()
        .map(|(by, computes)| json!({"by": by, "computes": computes}))
        .collect();
    Ok(Json(json!({"data": {"buckets": buckets}, "meta": meta})))
}
