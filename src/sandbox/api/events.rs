//! `/api/v1/events` and `/api/v2/events`: what was posted, and what monitors made.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiState, ErrorResponse, JsonAnswer, JsonBody, Params, span_json::event_id};
use crate::{
    sandbox::monitor::EventEntry,
    telemetry::{
        query::time,
        search::{Field, Searchable},
    },
};

/// An event as v1 takes it.
#[derive(Deserialize)]
pub(super) struct EventV1 {
    title: String,
    text: String,
    date_happened: Option<i64>,
    tags: Option<Vec<String>>,
    alert_type: Option<String>,
    source_type_name: Option<String>,
    aggregation_key: Option<String>,
}

pub(super) async fn post_v1(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<EventV1>,
) -> Result<(StatusCode, Json<Value>), ErrorResponse> {
    let at_ms = body
        .date_happened
        .map_or_else(|| state.now(), |seconds| seconds.saturating_mul(1000));
    let event = EventEntry {
        at_ms,
        title: body.title,
        text: body.text,
        tags: body.tags.unwrap_or_default(),
        alert_type: body.alert_type.unwrap_or_else(|| "info".to_owned()),
        source: body.source_type_name.unwrap_or_else(|| "api".to_owned()),
        aggregation_key: body.aggregation_key,
        ..EventEntry::default()
    };
    let event = posted(&state, event)?;
    Ok((
        StatusCode::ACCEPTED,
        Json(json!({"status": "ok", "event": shown_v1(&event)})),
    ))
}

/// The longest title and text (Datadog, API reference, "Post an event").
const LONGEST_TITLE: usize = 500;
const LONGEST_TEXT: usize = 4_000;

fn posted(state: &ApiState, event: EventEntry) -> Result<EventEntry, ErrorResponse> {
    if !state.takes_time(event.at_ms) {
        return Err(ErrorResponse::bad_request(
            "date_happened must not be in the future",
        ));
    }
    if event.title.chars().count() > LONGEST_TITLE || event.text.chars().count() > LONGEST_TEXT {
        return Err(ErrorResponse::bad_request(format!(
            "title has at most {LONGEST_TITLE} characters, text {LONGEST_TEXT}"
        )));
    }
    Ok(state.monitors().post(event))
}

/// An event as v2 takes it.
#[derive(Deserialize)]
pub(super) struct EventV2 {
    data: EventV2Data,
}

#[derive(Deserialize)]
struct EventV2Data {
    attributes: EventV2Attributes,
}

#[derive(Deserialize)]
struct EventV2Attributes {
    title: String,
    #[serde(default)]
    message: String,
    timestamp: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    aggregation_key: Option<String>,
    category: Option<String>,
}

pub(super) async fn post_v2(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<EventV2>,
) -> Result<(StatusCode, Json<Value>), ErrorResponse> {
    let body = body.data.attributes;
    let at_ms = match &body.timestamp {
        Some(text) => time::parse(text, state.now())?,
        None => state.now(),
    };
    let event = EventEntry {
        at_ms,
        title: body.title,
        text: body.message,
        tags: body.tags,
        alert_type: "info".to_owned(),
        source: body.category.unwrap_or_else(|| "api".to_owned()),
        aggregation_key: body.aggregation_key,
        ..EventEntry::default()
    };
    let event = posted(&state, event)?;
    Ok((
        StatusCode::ACCEPTED,
        Json(
            json!({"data": {"type": "event", "attributes": {"attributes":
            {"evt": {"id": event.id.to_string(), "uid": event_id(event.id as i64)}}}}}),
        ),
    ))
}

pub(super) async fn list_v1(State(state): State<ApiState>, params: Params) -> JsonAnswer {
    let (start, end) = (params.seconds("start")?, params.seconds("end")?);
    let tags = params.list("tags");
    let events: Vec<Value> = state
        .evaluated(move |monitors| {
            let events = monitors.events().iter().rev();
            events
                .filter(|event| (start..=end).contains(&event.at_ms))
                .filter(|event| tags.iter().all(|tag| event.tags.contains(tag)))
                .map(shown_v1)
                .collect()
        })
        .await?;
    Ok(Json(json!({"events": events})))
}

pub(super) async fn get_v1(State(state): State<ApiState>, Path(id): Path<String>) -> JsonAnswer {
    let found = state
        .evaluated(move |monitors| {
            let mut events = monitors.events().iter();
            let found = events.find(|event| event.id.to_string() == id);
            found.map(shown_v1)
        })
        .await?;
    match found {
        Some(event) => Ok(Json(json!({"event": event}))),
        None => Err(ErrorResponse::new(
            StatusCode::NOT_FOUND,
            "No event matches that event_id",
        )),
    }
}

fn shown_v1(event: &EventEntry) -> Value {
    json!({
        "id": event.id,
        "id_str": event.id.to_string(),
        "title": event.title,
        "text": event.text,
        "date_happened": event.at_ms / 1000,
        "tags": event.tags,
        "alert_type": event.alert_type,
        "source": event.source,
        "priority": "normal",
        "host": null,
        "url": format!("/event/event?id={}", event.id),
    })
}

pub(super) async fn search_v2(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<super::search::SearchRequest>,
) -> JsonAnswer {
    searched(state, body.filter).await
}

pub(super) async fn list_v2(State(state): State<ApiState>, params: Params) -> JsonAnswer {
    let search = super::search::SearchRequest::of_params(&params)?;
    searched(state, search.filter).await
}

/// How many events one answer holds.
const LARGEST_PAGE: usize = 1_000;

async fn searched(state: ApiState, filter: super::search::Filter) -> JsonAnswer {
    let wanted = filter.read(state.now(), |detail| ErrorResponse::bad_request(detail))?;
    let data: Vec<Value> = state
        .evaluated(move |monitors| {
            let events = monitors.events().iter().rev();
            events
                .filter(|event| (wanted.from_ms..=wanted.to_ms).contains(&event.at_ms))
                .filter(|event| wanted.query.matches(*event))
                .take(LARGEST_PAGE)
                .map(shown_v2)
                .collect()
        })
        .await?;
    Ok(Json(json!({"data": data, "meta": {"status": "done"}})))
}

fn shown_v2(event: &EventEntry) -> Value {
    json!({
        "id": event_id(event.id as i64),
        "type": "event",
        "attributes": {
            "timestamp": time::shown(event.at_ms),
            "tags": event.tags,
            "message": event.text,
            "attributes": {
                "title": event.title,
                "status": event.alert_type,
                "evt": {"id": event.id.to_string(), "name": event.title},
                "aggregation_key": event.aggregation_key,
            },
        },
    })
}

impl Searchable for EventEntry {
    fn any_value(&self, field: &Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::Named(name) if name == "source" => test(&self.source),
            Field::Named(name) if name == "status" => test(&self.alert_type),
            Field::Named(name) | Field::Attribute(name) => {
                let mut pairs = self.tags.iter().filter_map(|tag| tag.split_once(':'));
                pairs.any(|(key, value)| key == name && test(value))
            }
        }
    }

    fn any_text(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        test(&self.title) || test(&self.text)
    }
}
