//! `/api/v2/spans/...`

use axum::{Json, extract::State, http::HeaderMap};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ApiState, ErrorResponse, JsonAnswer, JsonBody,
    aggregate::{self, AggregateRequest},
    search::{SearchRequest, SearchableEvent, answer},
    span_json,
};
use crate::telemetry::{
    query::events::EventSource,
    store::{EventSearch, SearchPage, Span, StoreError, StoreReader, Stored},
};

#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Default + Deserialize<'de>"))]
pub(super) struct SpansRequest<T> {
    #[serde(default)]
    data: SpansData<T>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Default + Deserialize<'de>"))]
struct SpansData<T> {
    #[serde(rename = "type")]
    kind: Option<String>,
    attributes: T,
}

impl<T> SpansRequest<T> {
    fn attributes(self, kind: &str) -> Result<T, ErrorResponse> {
        match self.data.kind {
            Some(found) if found != kind => Err(ErrorResponse::validation(format!(
                "Invalid type. Expected \"{kind}\""
            ))),
            _ => Ok(self.data.attributes),
        }
    }
}

pub(super) async fn search(
    State(state): State<ApiState>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<SpansRequest<SearchRequest>>,
) -> JsonAnswer {
    answer::<Span>(state, request.attributes("search_request")?, headers).await
}

impl SearchableEvent for Span {
    const PATH: &'static str = "/api/v2/spans/events";
    const EMPTY_HAS_META: bool = false;

    fn find(
        reader: &StoreReader,
        search: &EventSearch<'_>,
        limit: usize,
    ) -> Result<SearchPage<Span>, StoreError> {
        reader.spans(search, limit)
    }

    fn at_ns(&self) -> i64 {
        self.start_ns
    }

    fn shown(stored: &Stored<Span>) -> Value {
        span_json::event(stored)
    }

    fn refused(detail: &str) -> ErrorResponse {
        ErrorResponse::unprocessable(detail)
    }
}

pub(super) async fn aggregate(
    State(state): State<ApiState>,
    JsonBody(request): JsonBody<SpansRequest<AggregateRequest>>,
) -> JsonAnswer {
    let asked = request.attributes("aggregate_request")?;
    let (buckets, meta) =
        aggregate::answer(&state, asked, EventSource::Spans, Span::refused).await?;
    let data: Vec<Value> = buckets
        .into_iter()
        .enumerate()
        .map(|(index, (by, computes))| {
            json!({
                "id": span_json::event_id(index as i64),
                "type": "bucket",
                "attributes": {"by": by, "compute": computes, "computes": computes},
            })
        })
        .collect();
    Ok(Json(json!({"data": data, "meta": meta})))
}
