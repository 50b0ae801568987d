//! The run as JSON: `run.json`, whole.

use crate::{medium, record::Run};

/// The run as JSON with a line break at its end.
pub fn write(run: &Run) -> String {
    let text = serde_json::to_string_pretty(run).expect("a run has only text keys");
    medium::json(text) + "\n"
}
