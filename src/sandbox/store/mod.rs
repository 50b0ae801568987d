//! The telemetry store.

mod types;

pub use types::{Deployment, LogEvent, MetricKind, MetricPoint, Record, Span};
