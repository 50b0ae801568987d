//! Metrics: `/api/v2/series`, `/api/v1/series`, `/api/v1/distribution_points`.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    sandbox::api::{ApiState, ErrorResponse, JsonBody, LARGEST_UNPACKED, too_large},
    telemetry::store::{MetricKind, MetricPoint, TelemetryRecord},
};

#[derive(Deserialize)]
pub(super) struct Payload<S> {
    series: Vec<S>,
}

#[derive(Deserialize)]
pub(super) struct SeriesV2 {
    metric: String,
    points: Vec<PointV2>,
    #[serde(default)]
    resources: Vec<SeriesResource>,
    #[serde(default)]
    tags: Vec<String>,
    /// 0 unspecified, 1 count, 2 rate, 3 gauge.
    #[serde(default, rename = "type")]
    kind: u8,
}

#[derive(Deserialize)]
struct PointV2 {
    timestamp: f64,
    value: f64,
}

#[derive(Deserialize)]
struct SeriesResource {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
pub(super) struct SeriesV1<V> {
    metric: String,
    points: Vec<(f64, V)>,
    host: Option<String>,
    tags: Option<Vec<String>>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

type IntakeAnswer = Result<(StatusCode, Json<Value>), ErrorResponse>;

pub(super) async fn series_v2(
    State(state): State<ApiState>,
    JsonBody(payload): JsonBody<Payload<SeriesV2>>,
) -> IntakeAnswer {
    let mut taken = PointBatch::new(&state);
    for series in payload.series {
        let resources = series
            .resources
            .iter()
            .map(|resource| format!("{}:{}", resource.kind, resource.name));
        let tags = lower(series.tags.iter().cloned().chain(resources));
        let kind = match series.kind {
            1 => MetricKind::Count,
            _ => MetricKind::Gauge,
        };
        for point in series.points {
            taken.point(&series.metric, kind, point.timestamp, point.value, &tags)?;
        }
    }
    taken.put();
    Ok((StatusCode::ACCEPTED, Json(json!({"errors": []}))))
}

pub(super) async fn series_v1(
    State(state): State<ApiState>,
    JsonBody(payload): JsonBody<Payload<SeriesV1<f64>>>,
) -> IntakeAnswer {
    let kind = |series: &SeriesV1<f64>| match series.kind.as_deref() {
        Some("count") => MetricKind::Count,
        _ => MetricKind::Gauge,
    };
    take_v1(&state, payload, kind, |value| [value])
}

pub(super) async fn distributions(
    State(state): State<ApiState>,
    JsonBody(payload): JsonBody<Payload<SeriesV1<Vec<f64>>>>,
) -> IntakeAnswer {
    take_v1(
        &state,
        payload,
        |_| MetricKind::Distribution,
        |values| values,
    )
}

fn take_v1<V, I: IntoIterator<Item = f64>>(
    state: &ApiState,
    payload: Payload<SeriesV1<V>>,
    kind: impl Fn(&SeriesV1<V>) -> MetricKind,
    values: impl Fn(V) -> I,
) -> IntakeAnswer {
    let mut taken = PointBatch::new(state);
    for series in payload.series {
        let (kind, tags) = (kind(&series), series.tags());
        for (at, at_once) in series.points {
            for value in values(at_once) {
                taken.point(&series.metric, kind, at, value, &tags)?;
            }
        }
    }
    taken.put();
    Ok((StatusCode::ACCEPTED, Json(json!({"status": "ok"}))))
}

impl<V> SeriesV1<V> {
    fn tags(&self) -> Arc<[String]> {
        let host = self.host.as_ref().filter(|host| !host.is_empty());
        let host = host.map(|host| format!("host:{host}"));
        lower(self.tags.iter().flatten().cloned().chain(host))
    }
}

fn lower(tags: impl Iterator<Item = String>) -> Arc<[String]> {
    tags.map(|tag| tag.to_lowercase()).collect()
}

/// The records of one payload: all are taken, or none.
struct PointBatch<'a> {
    state: &'a ApiState,
    records: Vec<TelemetryRecord>,
    /// The bytes of names and tags, which every point has of its own.
    unpacked: usize,
}

impl<'a> PointBatch<'a> {
    fn new(state: &'a ApiState) -> PointBatch<'a> {
        PointBatch {
            state,
            records: Vec::new(),
            unpacked: 0,
        }
    }

    fn point(
        &mut self,
        name: &str,
        kind: MetricKind,
        at_s: f64,
        value: f64,
        tags: &Arc<[String]>,
    ) -> Result<(), ErrorResponse> {
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || name.len() > 200 {
            return Err(ErrorResponse::bad_request(format!(
                "\"{name}\" is no metric's name: it begins with a letter and has at most 200"
            )));
        }
        let at_ms = (at_s * 1000.0) as i64;
        if !self.state.takes_time(at_ms) {
            return Err(ErrorResponse::bad_request(format!(
                "The point of {name} at {at_s} is before 1970 or more than 10 minutes in the future"
            )));
        }
        self.unpacked += name.len() + tags.iter().map(String::len).sum::<usize>();
        if self.unpacked > LARGEST_UNPACKED {
            return Err(too_large());
        }
        self.records.push(TelemetryRecord::Metric(MetricPoint {
            name: name.to_owned(),
            kind,
            at_ms,
            value,
            tags: tags.clone(),
        }));
        Ok(())
    }

    fn put(self) {
        self.state.store(self.records);
    }
}
