//! Scenarios: their types, and how they are read from TOML.
//!
//! Text becomes a [`Scenario`] in three steps, and each reports all mistakes that it finds.
//! `schema_check` checks the file against the JSON Schema, `file` reads it, and `meaning` reads
//! durations, names and limits and checks what belongs together. A mistake shows its place.

mod answers;
mod builtin;
mod diagnostics;
mod feed;
mod file;
mod fill;
pub mod import;
mod load;
mod meaning;
mod metric;
mod mistake;
mod named;
mod near;
mod phases;
mod requests;
mod say;
mod schema;
mod schema_check;
mod setting;
mod shapes;
mod template;
mod threshold;
mod traffic;
mod traffic_file;
mod types;
mod words;

pub use answers::{json_path, one_group};
pub use builtin::{BUILTINS, Builtin, builtin};
pub use feed::{FeedError, FeedRows};
pub use fill::{FilledRequest, LARGEST_BODY, read_body, read_body_file};
pub(crate) use fill::{bad_header, undefined};
pub use load::LoadError;
pub use metric::{Figure, Metric, MetricError, RequestCount, Unit};
pub use mistake::Mistakes;
pub use named::{Group, NamedFigure};
pub use near::nearest;
pub use schema::json_schema;
pub use setting::Setting;
pub use template::{Template, TemplatePart, TemplateValue, Undefined};
pub use threshold::{Threshold, ThresholdError, ThresholdOperator};
pub use traffic::is_unfit_for_header;
pub use traffic_file::FeedOrder;
pub use types::{
    Arrivals, Auth, Capture, CaptureSource, Expect, Expected, ExpectedMonitor, FaultShare, Feed,
    Flow, FlowStep, JsonTemplate, LONGEST, MOST_REQUESTS, MOST_STEPS, Phase, Scenario,
    ScenarioBody, ScenarioRequest, TlsOptions, Traffic,
};

#[cfg(test)]
mod tests;
