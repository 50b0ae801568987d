//! The run as JSON: `run.json`, whole.

use crate::record::Run;

/// The run as JSON with a line break at its end.
pub fn write(run: &Run) -> String {
    let mut text = serde_json::to_string_pretty(run).expect("a run has only text keys");
    text.push('\n');
    text
}
