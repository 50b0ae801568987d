//! `GET /api/v1/metrics` and `GET /api/v2/metrics/{name}/all-tags`

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::json;

use super::{ApiState, ErrorResponse, JsonAnswer, Params, body::not_seconds};

/// The metrics there are; those without a point since `from` are among them.
pub(super) async fn list(State(state): State<ApiState>, params: Params) -> JsonAnswer {
    let from = params.needed("from")?.to_owned();
    if from.parse::<u64>().is_err() {
        return Err(not_seconds("from"));
    }
    let names = state.read(|reader| reader.metric_names()).await?;
    Ok(Json(json!({"metrics": names, "from": from})))
}

pub(super) async fn all_tags(
    State(state): State<ApiState>,
    Path(name): Path<String>,
) -> JsonAnswer {
    let wanted = name.clone();
    let tags = state
        .read(move |reader| {
            let known = reader.metric_names()?.contains(&wanted);
            Ok(known.then_some(reader.metric_tags(Some(&wanted))?))
        })
        .await?;
    match tags {
        Some(tags) => Ok(Json(json!({
            "data": {"type": "metrics", "id": name, "attributes": {"tags": tags}}
        }))),
        None => Err(ErrorResponse::new(
            StatusCode::NOT_FOUND,
            format!("Metric not found: {name}"),
        )),
    }
}
