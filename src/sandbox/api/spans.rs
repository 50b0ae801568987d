//! `/api/v2/spans/...`

use axum::{Json, extract::State, http::HeaderMap};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ApiState, ErrorResponse, JsonBody, Params,
    aggregate::{self, AggregateRequest},
    search::{PageSearch, SearchRequest},
    span_json,
};
use crate::telemetry::{query::events::EventSource, store::Cursor};

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
) -> Result<Json<Value>, ErrorResponse> {
    answer(state, request.attributes("search_request")?, headers).await
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
    let asked = PageSearch::of(written, &state, |detail| {
        ErrorResponse::unprocessable(detail)
    })?;
    let answer = state
        .read(move |reader| {
            let page = reader.spans(&asked.search(), asked.limit)?;
            let finds = page.items.iter().map(|stored| {
                let place = Cursor {
                    at_ns: stored.value.start_ns,
                    id: stored.id,
                };
                (place, span_json::event(stored))
            });
            Ok(asked.answer(finds.collect(), "/api/v2/spans/events", &headers))
        })
        .await?;
    Ok(Json(answer))
}

pub(super) async fn aggregate(
    State(state): State<ApiState>,
    JsonBody(request): JsonBody<SpansRequest<AggregateRequest>>,
) -> Result<Json<Value>, ErrorResponse> {
    let asked = request.attributes("aggregate_request")?;
    let (buckets, meta) = aggregate::answer(&state, asked, EventSource::Spans, |d| {
        ErrorResponse::unprocessable(d)
    })
    .await?;
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
