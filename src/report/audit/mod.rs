//! An audit as text people read and files programs read: one file per format.

mod markdown;
mod rows;
mod text;

pub use markdown::write as markdown;
pub use text::write as text;

use crate::audit::Audit;

/// The audit as JSON with a line break at its end.
pub fn json(audit: &Audit) -> String {
    let mut text = serde_json::to_string_pretty(audit).expect("an audit has only text keys");
    text.push('\n');
    text
}
