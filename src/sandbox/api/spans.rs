//! `/api/v2/spans/...`

use axum::{Json, extract::State, http::HeaderMap};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ApiState, JsonBody, Params, Refusal,
    aggregate::{self, Aggregate},
    search::{Asked, Written},
    span_json,
};
use crate::telemetry::{query::events::EventSource, store::Cursor};

#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Default + Deserialize<'de>"))]
pub(super) struct Request<T> {
    #[serde(default)]
    data: Data<T>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Default + Deserialize<'de>"))]
struct Data<T> {
    #[serde(rename = "type")]
    kind: Option<String>,
    attributes: T,
}

impl<T> Request<T> {
    fn attributes(self, kind: &str) -> Result<T, Refusal> {
        match self.data.kind {
            Some(found) if found != kind => Err(Refusal::validation(format!(
                "Invalid type. Expected \"{kind}\""
            ))),
            _ => Ok(self.data.attributes),
        }
    }
}

pub(super) async fn search(
    State(state): State<ApiState>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<Request<Written>>,
) -> Result<Json<Value>, Refusal> {
    answer(state, request.attributes("search_request")?, headers).await
}

pub(super) async fn list(
    State(state): State<ApiState>,
    headers: HeaderMap,
    params: Params,
) -> Result<Json<Value>, Refusal> {
    answer(state, Written::of_params(&params)?, headers).await
}

async fn answer(
    state: ApiState,
    written: Written,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let asked = Asked::of(written, &state, |detail| Refusal::unprocessable(detail))?;
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
    JsonBody(request): JsonBody<Request<Aggregate>>,
) -> Result<Json<Value>, Refusal> {
    let asked = request.attributes("aggregate_request")?;
    let (buckets, meta) = aggregate::answer(&state, asked, EventSource::Spans, |d| {
        Refusal::unprocessable(d)
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
