//! Two sides beside each other, in each format: two runs, or the pairs of two targets.

mod html;
mod markdown;
mod pairs;
mod planned;
mod rows;
mod runs;
mod text;

pub use rows::{change_band, change_said};

use super::json;
use crate::{
    ab::{AbPlan, AbResult},
    compare::{Comparison, Side},
    lang::Reason,
    stats::Latencies,
};

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

/// The comparison of two runs in a format.
pub fn comparison(format: ComparisonFormat, compared: &Comparison, a: &Side, b: &Side) -> String {
    let sides = || runs::sides(compared, [&a.run, &b.run]);
    match format {
        ComparisonFormat::Text => text::write(&sides()),
        ComparisonFormat::Json => json::write(compared),
        ComparisonFormat::Markdown => markdown::write(&sides()),
        ComparisonFormat::Html => {
            let curves = html::curves(compared, a, b);
            html::write(&sides(), (html::NONE, curves))
        }
    }
}

/// The plan of a paired comparison; `cost` says what it costs on AWS. None: it is no page.
pub fn ab_plan(format: ComparisonFormat, plan: &AbPlan, cost: Reason) -> Option<String> {
    match format {
        ComparisonFormat::Text => Some(planned::text(plan, cost)),
        ComparisonFormat::Json => Some(json::write(plan)),
        ComparisonFormat::Markdown => Some(planned::markdown(plan, cost)),
        ComparisonFormat::Html => None,
    }
}

/// The paired comparison in a format; the latencies of A and of B are drawn.
pub fn ab(format: ComparisonFormat, result: &AbResult, latencies: [&Latencies; 2]) -> String {
    let sides = || pairs::sides(result);
    match format {
        ComparisonFormat::Text => text::write(&sides()),
        ComparisonFormat::Json => json::write(result),
        ComparisonFormat::Markdown => markdown::write(&sides()),
        ComparisonFormat::Html => {
            let picture = html::picture(result, latencies);
            html::write(&sides(), (picture, html::NONE))
        }
    }
}
