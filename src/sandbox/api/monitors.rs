//! `/api/v1/monitor`: metric monitors and log monitors.

use axum::{
    Json,
    extract::{Path, State},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiState, ErrorResponse, JsonAnswer, JsonBody, Params};
use crate::sandbox::monitor::{AlertMonitor, MonitorBody, MonitorRegistry};

pub(super) async fn create(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<MonitorBody>,
) -> JsonAnswer {
    let monitor = checked(body, state.now())?;
    let created = state.monitors().create(monitor);
    created.map(|monitor| Json(shown(&monitor))).ok_or_else(|| {
        ErrorResponse::bad_request("The sandbox keeps no more monitors; delete some")
    })
}

pub(super) async fn validate(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<MonitorBody>,
) -> JsonAnswer {
    checked(body, state.now())?;
    Ok(Json(json!({})))
}

fn checked(body: MonitorBody, now_ms: i64) -> Result<AlertMonitor, ErrorResponse> {
    AlertMonitor::new(body, now_ms).map_err(|error| ErrorResponse::bad_request(error.to_string()))
}

pub(super) async fn list(State(state): State<ApiState>, params: Params) -> JsonAnswer {
    let wanted = params.get("name").map(str::to_lowercase);
    let tags = params.list("monitor_tags");
    let monitors = state
        .evaluated(move |monitors| {
            let named = |monitor: &&AlertMonitor| {
                let name = monitor.name().to_lowercase();
                let own = monitor.body.tags.clone().unwrap_or_default();
                wanted.as_ref().is_none_or(|wanted| name.contains(wanted))
                    && tags.iter().all(|tag| own.contains(tag))
            };
            monitors.monitors().filter(named).map(shown).collect()
        })
        .await?;
    Ok(Json(monitors))
}

pub(super) async fn get(State(state): State<ApiState>, Path(id): Path<String>) -> JsonAnswer {
    let found = state
        .evaluated(move |monitors| with(monitors, &id, |monitor| shown(monitor)))
        .await?;
    found.map(Json)
}

/// The fields that may change; those that are not written stay.
#[derive(Deserialize)]
pub(super) struct MonitorPatch {
    #[serde(flatten)]
    changed: serde_json::Map<String, Value>,
}

pub(super) async fn update(
    State(state): State<ApiState>,
    Path(id): Path<String>,
    JsonBody(change): JsonBody<MonitorPatch>,
) -> JsonAnswer {
    let now_ms = state.now();
    let changed = state
        .evaluated(move |monitors| {
            with(monitors, &id, |monitor| {
                let mut whole = shown(monitor);
                for (key, value) in change.changed {
                    whole[key.as_str()] = value;
                }
                let body: MonitorBody =
                    serde_json::from_value(whole).map_err(ErrorResponse::validation)?;
                let is_same = body.query == monitor.body.query && body.kind == monitor.body.kind;
                let mut fresh = checked(body, now_ms)?;
                fresh.id = monitor.id;
                fresh.created_ms = monitor.created_ms;
                if is_same {
                    fresh.groups = std::mem::take(&mut monitor.groups);
                    fresh.evaluated_ms = monitor.evaluated_ms;
                }
                *monitor = fresh;
                Ok(Json(shown(monitor)))
            })
        })
        .await?;
    changed?
}

pub(super) async fn delete(State(state): State<ApiState>, Path(id): Path<String>) -> JsonAnswer {
    let deleted = number(&id).is_some_and(|id| state.monitors().delete(id));
    match deleted {
        true => Ok(Json(json!({"deleted_monitor_id": number(&id)}))),
        false => Err(missing()),
    }
}

pub(super) async fn mute(state: State<ApiState>, id: Path<String>, params: Params) -> JsonAnswer {
    let until = params.get("end").and_then(|end| end.parse::<i64>().ok());
    silence(state, id, Some(json!(until))).await
}

pub(super) async fn unmute(state: State<ApiState>, id: Path<String>) -> JsonAnswer {
    silence(state, id, None).await
}

async fn silence(
    State(state): State<ApiState>,
    Path(id): Path<String>,
    until: Option<Value>,
) -> JsonAnswer {
    let muted = state
        .evaluated(move |monitors| {
            with(monitors, &id, |monitor| {
                let silenced = &mut monitor.body.options.silenced;
                match until {
                    Some(until) => silenced.insert("*".to_owned(), until),
                    None => silenced.remove("*"),
                };
                shown(monitor)
            })
        })
        .await?;
    muted.map(Json)
}

fn with<T>(
    monitors: &mut MonitorRegistry,
    id: &str,
    work: impl FnOnce(&mut AlertMonitor) -> T,
) -> Result<T, ErrorResponse> {
    let monitor = number(id).and_then(|id| monitors.get_mut(id));
    monitor.map(work).ok_or_else(missing)
}

fn number(id: &str) -> Option<u64> {
    id.parse().ok()
}

fn missing() -> ErrorResponse {
    ErrorResponse::new(axum::http::StatusCode::NOT_FOUND, "Monitor not found")
}

fn shown(monitor: &AlertMonitor) -> Value {
    let body = &monitor.body;
    let groups: serde_json::Map<String, Value> = monitor
        .groups
        .iter()
        .map(|(group, state)| {
            let name = match group.as_slice() {
                [] => "*".to_owned(),
                tags => tags.join(","),
            };
            let entry = json!({
                "name": name,
                "status": state.state,
                "last_triggered_ts": state.alerted_ms.map(|at| at / 1000),
            });
            (name, entry)
        })
        .collect();
    json!({
        "id": monitor.id,
        "type": body.kind,
        "name": monitor.name(),
        "query": body.query,
        "message": body.message.clone().unwrap_or_default(),
        "tags": body.tags.clone().unwrap_or_default(),
        "priority": body.priority,
        "options": body.options,
        "multi": monitor.query.is_multi(),
        "created": time(monitor.created_ms),
        "created_at": monitor.created_ms,
        "modified": time(monitor.modified_ms),
        "deleted": null,
        "restricted_roles": null,
        "creator": {"email": "sandbox@example.com", "handle": "sandbox@example.com",
                    "name": "sandbox"},
        "overall_state": monitor.overall(),
        "overall_state_modified": monitor.changed_ms().map(time),
        "state": {"groups": groups},
        "matching_downtimes": [],
    })
}

fn time(at_ms: i64) -> Option<String> {
    Timestamp::from_millisecond(at_ms)
        .ok()
        .map(|at| at.to_string())
}
