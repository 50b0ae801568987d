//! `POST /api/v2/dora/deployment`

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::json;

use super::{ApiState, ErrorResponse, JsonAnswer, JsonBody};
use crate::telemetry::store::{DeploymentEvent, TelemetryRecord, fnv};

#[derive(Deserialize)]
pub(super) struct DeploymentRequest {
    data: DeploymentData,
}

#[derive(Deserialize)]
struct DeploymentData {
    attributes: DeploymentAttributes,
}

#[derive(Deserialize)]
struct DeploymentAttributes {
    service: String,
    started_at: i64,
    finished_at: i64,
    version: Option<String>,
    git: Option<Git>,
}

#[derive(Deserialize)]
struct Git {
    commit_sha: String,
}

pub(super) async fn post(
    State(state): State<ApiState>,
    JsonBody(request): JsonBody<DeploymentRequest>,
) -> JsonAnswer {
    let told = request.data.attributes;
    if told.finished_at < told.started_at {
        return Err(ErrorResponse::bad_request(
            "finished_at must not be before started_at",
        ));
    }
    let at_ms = told.finished_at / 1_000_000;
    if !state.takes_time(at_ms) {
        return Err(ErrorResponse::bad_request(
            "finished_at must not be in the future",
        ));
    }
    let version = told.version.map(|version| format!("version {version}"));
    let commit = told.git.map(|git| format!("commit {}", git.commit_sha));
    let detail: Vec<String> = version.into_iter().chain(commit).collect();
    let id = fnv(told.service.bytes().chain(told.started_at.to_le_bytes()));
    state.store([TelemetryRecord::Deployment(DeploymentEvent {
        at_ms,
        function: told.service,
        event: "Deployment".to_owned(),
        detail: detail.join(", "),
    })]);
    Ok(Json(
        json!({"data": {"id": format!("{id:016x}"), "type": "dora_deployment"}}),
    ))
}
