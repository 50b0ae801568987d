//! A paired comparison, in each format.

mod html;
mod markdown;
mod rows;
mod text;

use super::ComparisonFormat;
use crate::{ab::AbResult, stats::Latencies};

/// The comparison in a format; the latencies of A and of B are drawn.
pub fn ab(format: ComparisonFormat, result: &AbResult, latencies: [&Latencies; 2]) -> String {
    match format {
        ComparisonFormat::Text => text::write(result),
        ComparisonFormat::Json => {
            let text = serde_json::to_string_pretty(result);
            text.expect("a comparison has only text keys") + "\n"
        }
        ComparisonFormat::Markdown => markdown::write(result),
        ComparisonFormat::Html => html::write(result, latencies),
    }
}
