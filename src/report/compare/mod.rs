//! Two runs side by side, in each format.

mod html;
mod markdown;
mod rows;
mod text;

use crate::compare::{Comparison, Side};

/// How a comparison is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ComparisonFormat {
    /// For a terminal.
    Text,
    /// For a program.
    Json,
    /// For a pull request.
    Markdown,
    /// One page with both curves, without script and without any other file.
    Html,
}

/// The comparison in a format.
pub fn comparison(format: ComparisonFormat, compared: &Comparison, a: &Side, b: &Side) -> String {
    match format {
        ComparisonFormat::Text => text::write(compared, &a.run, &b.run),
        ComparisonFormat::Json => {
            let text = serde_json::to_string_pretty(compared);
            text.expect("a comparison has only text keys") + "\n"
        }
        ComparisonFormat::Markdown => markdown::write(compared, &a.run, &b.run),
        ComparisonFormat::Html => html::write(compared, a, b),
    }
}
