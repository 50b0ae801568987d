//! Writes the data for programs as JSON: `run.json`, a comparison, an audit.

use serde::Serialize;

use crate::medium;

/// As JSON with a line break at its end.
pub fn write(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("it has only text keys");
    medium::json(text) + "\n"
}
