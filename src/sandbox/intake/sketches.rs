//! `POST /api/beta/sketches`: distributions as the agent sends them, in bins.
//!
//! Source: DataDog/datadog-agent, `pkg/util/quantile` (the bins' index) and DataDog/agent-payload,
//! `proto/metrics/agent_payload.proto` (`SketchPayload`).

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::protobuf::{ProtobufError, Wire, fields, zigzag};
use crate::{
    sandbox::api::{ApiState, BodyBytes, ErrorResponse},
    telemetry::store::{MetricSketch, TelemetryRecord},
};

/// A bin is this much wider than the one before: twice the agent's relative error of 1/128.
const GAMMA: f64 = 1.0 + 2.0 / 128.0;
/// The index of 1.0: bins count from the smallest value that the agent keeps, 1e-9.
const BIAS: i64 = 1338;
/// How many bins the agent gives a sketch at most.
const MOST_BINS: usize = 4096;
/// How many values one bin may hold, so that the sums stay numbers.
const MOST_VALUES: u64 = u32::MAX as u64;

pub(super) async fn post(
    State(state): State<ApiState>,
    BodyBytes(body): BodyBytes,
) -> Result<(StatusCode, Json<Value>), ErrorResponse> {
    let sketches =
        sketches(&body).map_err(|error| ErrorResponse::bad_request(error.to_string()))?;
    if !sketches.iter().all(|sketch| state.takes_time(sketch.at_ms)) {
        return Err(ErrorResponse::bad_request(
            "A sketch is of a time before 1970 or more than 10 minutes in the future",
        ));
    }
    state.store(sketches.into_iter().map(TelemetryRecord::Sketch));
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

fn sketches(body: &[u8]) -> Result<Vec<MetricSketch>, ProtobufError> {
    let mut sketches = Vec::new();
    for field in fields(body) {
        if let (1, sketch) = field? {
            series(sketch.bytes()?, &mut sketches)?;
        }
    }
    Ok(sketches)
}

/// One metric with its tags, and a sketch for each interval.
fn series(message: &[u8], sketches: &mut Vec<MetricSketch>) -> Result<(), ProtobufError> {
    let (mut name, mut tags) = (String::new(), Vec::new());
    let mut distributions = Vec::new();
    for field in fields(message) {
        match field? {
            (1, text) => name = text.text()?,
            (2, host) => tags.extend(
                Some(host.text()?)
                    .filter(|host| !host.is_empty())
                    .map(|host| format!("host:{host}")),
            ),
            (4, tag) => tags.push(tag.text()?),
            (7, sketch) => distributions.push(distribution(sketch)?),
            _ => {}
        }
    }
    let tags: std::sync::Arc<[String]> = tags.iter().map(|tag| tag.to_lowercase()).collect();
    let made = distributions.into_iter().map(|(at_ms, bins)| MetricSketch {
        name: name.clone(),
        tags: tags.clone(),
        at_ms,
        bins,
    });
    sketches.extend(made);
    Ok(())
}

/// When, and which value how often. The smallest and the largest are known exactly.
fn distribution(message: Wire<'_>) -> Result<(i64, Vec<(f64, u32)>), ProtobufError> {
    let (mut at_s, mut min, mut max) = (0, 0.0, 0.0);
    let (mut indices, mut counts) = (Vec::new(), Vec::new());
    for field in fields(message.bytes()?) {
        match field? {
            (1, time) => at_s = time.integer()? as i64,
            (3, value) => min = value.double()?,
            (4, value) => max = value.double()?,
            (7, packed) => packed.integers(&mut indices)?,
            (8, packed) => packed.integers(&mut counts)?,
            _ => {}
        }
    }
    if indices.len() != counts.len() || indices.len() > MOST_BINS {
        return Err(ProtobufError(
            "a sketch has no count for each of at most 4096 bins",
        ));
    }
    if !f64::is_finite(min) || !f64::is_finite(max) || min > max {
        return Err(ProtobufError("a sketch has no smallest and largest value"));
    }
    if counts.iter().any(|count| *count > MOST_VALUES) {
        return Err(ProtobufError("a bin of a sketch holds too many values"));
    }
    let bins = indices.iter().zip(&counts).filter(|(_, count)| **count > 0);
    let bins = bins.map(|(index, count)| {
        let value = value_of(zigzag(*index)).clamp(min, max);
        (value, u32::try_from(*count).unwrap_or(u32::MAX))
    });
    Ok((at_s.saturating_mul(1000), bins.collect()))
}

/// The value in the middle of a bin.
fn value_of(index: i64) -> f64 {
    let magnitude = index.unsigned_abs().min(u64::from(u16::MAX)) as i64;
    match index {
        0 => 0.0,
        _ => (index.signum() as f64) * GAMMA.powf((magnitude - BIAS) as f64),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The agent's index of a positive value.
    fn index_of(value: f64) -> i64 {
        (value.ln() / GAMMA.ln()).round_ties_even() as i64 + BIAS
    }

    proptest! {
        #[test]
        fn a_bin_stands_for_its_values_within_the_relative_error(value in 1e-6_f64..1e12) {
            let back = value_of(index_of(value));
            prop_assert!((back - value).abs() / value <= 1.0 / 128.0, "{value} {back}");
            prop_assert_eq!(value_of(-index_of(value)), -back);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = sketches(&bytes);
        }
    }
}
