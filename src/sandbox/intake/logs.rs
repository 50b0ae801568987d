//! `POST /api/v2/logs`: one log, an array of them, or plain lines.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use serde_json::{Map, Value, json};

use super::lines;
use crate::{
    sandbox::api::{AHEAD_MS, ApiState, BodyBytes, ErrorResponse, Params},
    telemetry::{
        query::time,
        store::{LogEntry, TelemetryRecord},
    },
};

/// How many logs one request may carry (Datadog, "Send logs").
const MOST: usize = 1000;

pub(super) async fn post(
    State(state): State<ApiState>,
    headers: HeaderMap,
    params: Params,
    BodyBytes(body): BodyBytes,
) -> Result<(StatusCode, Json<Value>), ErrorResponse> {
    let logs = read(&headers, &params, &body)?;
    if logs.len() > MOST {
        return Err(ErrorResponse::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("At most {MOST} logs at once"),
        ));
    }
    let now_ms = state.now();
    state.store(logs.into_iter().flat_map(|log| records(log, now_ms)));
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

fn read(
    headers: &HeaderMap,
    params: &Params,
    body: &[u8],
) -> Result<Vec<Map<String, Value>>, ErrorResponse> {
    let content_type = headers.get(header::CONTENT_TYPE);
    let plain = content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/plain"));
    if plain {
        let defaults = ["ddsource", "ddtags", "hostname", "service"]
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), json!(params.get(key)?))));
        let defaults: Map<String, Value> = defaults.collect();
        let lines = String::from_utf8_lossy(body);
        return Ok(lines
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| {
                let mut log = defaults.clone();
                log.insert("message".to_owned(), json!(line));
                log
            })
            .collect());
    }
    let unreadable = |error: &dyn std::fmt::Display| {
        ErrorResponse::bad_request(format!("Invalid JSON: {error}"))
    };
    match serde_json::from_slice(body).map_err(|error| unreadable(&error))? {
        Value::Object(log) => Ok(vec![log]),
        Value::Array(logs) => logs
            .into_iter()
            .map(|log| match log {
                Value::Object(log) => Ok(log),
                _ => Err(unreadable(&"a log is an object")),
            })
            .collect(),
        _ => Err(unreadable(&"expected a log or an array of logs")),
    }
}

/// The log itself, or what its line stands for.
fn records(mut log: Map<String, Value>, now_ms: i64) -> Vec<TelemetryRecord> {
    if let Some(Value::String(line)) = log.get("message")
        && let Some(records) = lines::records(line, now_ms)
    {
        return records;
    }
    let mut take = |key: &str| log.remove(key);
    let message = take("message").unwrap_or_default();
    let source = text(take("ddsource"));
    let tags = text(take("ddtags"));
    let host = text(take("hostname"));
    let service = text(take("service"));
    let outer = (take("status"), take("timestamp"));
    let mut attributes = log;
    // The extension sends an object: the line, its time, and whose invocation it is.
    let (message, inner) = match message {
        Value::Object(mut inner) => {
            let line = text(inner.remove("message"));
            let own = (inner.remove("status"), inner.remove("timestamp"));
            attributes.append(&mut inner);
            (line, own)
        }
        other => (text(Some(other)), (None, None)),
    };
    let status = text(outer.0.or(inner.0)).to_lowercase();
    let at_ms = outer.1.or(inner.1).and_then(|at| at_ms(&at, now_ms));
    vec![TelemetryRecord::Log(LogEntry {
        at_ms: at_ms.unwrap_or(now_ms),
        status: if status.is_empty() {
            "info".to_owned()
        } else {
            status
        },
        service,
        host,
        source,
        message,
        tags: tags
            .split(',')
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect(),
        attributes: Value::Object(attributes),
    })]
}

fn text(value: Option<Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}

/// A time that is possible; None is the time of arrival.
fn at_ms(value: &Value, now_ms: i64) -> Option<i64> {
    let at_ms = match value {
        Value::Number(number) => number.as_i64()?,
        Value::String(written) => time::parse(written, now_ms).ok()?,
        _ => return None,
    };
    (0..=now_ms.saturating_add(AHEAD_MS))
        .contains(&at_ms)
        .then_some(at_ms)
}
