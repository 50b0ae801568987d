//! What should happen: a scenario's types, and how they are read from TOML.
//!
//! Text becomes a [`Scenario`] in three steps; each reports all that it finds:
//! `schema_check` holds the file against the JSON Schema, `file` takes it in, and `meaning` reads
//! durations, names and limits and checks what belongs together. A mistake shows its place.

mod builtin;
mod diagnostics;
mod file;
mod fill;
mod load;
mod meaning;
mod metric;
mod mistake;
mod named;
mod near;
mod phases;
mod say;
mod schema;
mod schema_check;
mod setting;
mod template;
mod threshold;
mod types;
mod words;

pub use builtin::{BUILTINS, Builtin, builtin};
pub use fill::{FillError, FilledRequest, LARGEST_BODY, read_body};
pub use load::LoadError;
pub use metric::{Figure, Metric, MetricError, RequestCount, Unit};
pub use mistake::Mistakes;
pub use named::NamedFigure;
pub use near::nearest;
pub use schema::json_schema;
pub use setting::Setting;
pub use template::{Template, TemplateError, Undefined};
pub use threshold::{Threshold, ThresholdError, ThresholdOperator};
pub use types::{
    Arrivals, Expect, Expected, ExpectedMonitor, FaultShare, LONGEST, MOST_REQUESTS, MOST_STEPS,
    Phase, Scenario, ScenarioBody, ScenarioRequest, TlsOptions,
};

#[cfg(test)]
mod tests;
