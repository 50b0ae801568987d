//! What the sandbox stores: metric points, spans, logs, deployments.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

/// How a metric's points add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// Every value is kept, as Datadog's enhanced Lambda metrics are.
    Distribution,
    /// Values of an interval add up.
    Count,
    /// The last value stands.
    Gauge,
}

/// One value of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricPoint {
    /// `aws.lambda.enhanced.invocations`
    pub name: String,
    /// How its points add up.
    pub kind: MetricKind,
    /// Milliseconds since 1970 on the model's clock.
    pub at_ms: i64,
    /// The value in the metric's own unit.
    pub value: f64,
    /// `key:value`, in lower case as Datadog stores them; shared by points with the same.
    pub tags: Arc<[String]>,
}

/// Values of a distribution as a sketch keeps them.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricSketch {
    /// `aws.lambda.enhanced.duration`
    pub name: String,
    /// `key:value`, in lower case; shared by the sketches of a series.
    pub tags: Arc<[String]>,
    /// Milliseconds since 1970 on the model's clock.
    pub at_ms: i64,
    /// Which value, and how many of it.
    pub bins: Vec<(f64, u32)>,
}

/// One span, as a tracer sends it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// 128 bits: the high half is the tag `_dd.p.tid`.
    pub trace_id: u128,
    /// The span's own id.
    pub span_id: u64,
    /// 0: no parent.
    pub parent_id: u64,
    /// The operation: `aws.lambda`.
    pub name: String,
    /// The service it belongs to.
    pub service: String,
    /// What it worked on: the function's name.
    pub resource: String,
    /// The span type: `serverless`, `web`, `http`.
    pub kind: String,
    /// Nanoseconds since 1970 on the model's clock.
    pub start_ns: i64,
    /// How long it took, in nanoseconds.
    pub duration_ns: i64,
    /// Whether it failed.
    pub error: bool,
    /// Tags with text values.
    pub meta: BTreeMap<String, String>,
    /// Tags with numbers.
    pub metrics: BTreeMap<String, f64>,
}

/// One log line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Milliseconds since 1970 on the model's clock.
    pub at_ms: i64,
    /// `info`, `warn`, `error`, ...
    pub status: String,
    /// The service it belongs to.
    pub service: String,
    /// The host; for Lambda the function's ARN.
    pub host: String,
    /// `lambda`, `python`, ...
    pub source: String,
    /// The line itself.
    pub message: String,
    /// `key:value`
    pub tags: Vec<String>,
    /// Structured attributes: `{"lambda": {"arn", "request_id"}, ...}`.
    pub attributes: serde_json::Value,
}

/// A change of a function's code or configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeploymentEvent {
    /// Milliseconds since 1970 on the model's clock.
    pub at_ms: i64,
    /// The function.
    pub function: String,
    /// CloudTrail's name for it: `UpdateFunctionCode`, `UpdateFunctionConfiguration`.
    pub event: String,
    /// What changed, in words.
    pub detail: String,
}

/// Anything that is stored.
#[derive(Clone, Debug, PartialEq)]
pub enum TelemetryRecord {
    /// A metric's value.
    Metric(MetricPoint),
    /// Many values of a distribution.
    Sketch(MetricSketch),
    /// A span.
    Span(Span),
    /// A log line.
    Log(LogEntry),
    /// A change of a function.
    Deployment(DeploymentEvent),
}

impl MetricKind {
    /// The number in the file.
    pub(super) fn number(self) -> i64 {
        match self {
            MetricKind::Distribution => 0,
            MetricKind::Count => 1,
            MetricKind::Gauge => 2,
        }
    }

    pub(super) fn of_number(number: i64) -> Option<MetricKind> {
        [
            MetricKind::Distribution,
            MetricKind::Count,
            MetricKind::Gauge,
        ]
        .into_iter()
        .find(|kind| kind.number() == number)
    }
}
