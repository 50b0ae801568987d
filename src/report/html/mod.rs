//! The report as one HTML file: what people attach to pull requests and mail.
//!
//! It needs no network, no script and no other file, and its policy lets nothing else in. The
//! figures of the run are inside as data, see [`read`].

mod distribution;
mod embed;
mod findings;
mod first;
mod frame;
mod functions;
mod ground;
mod outcomes;
mod page;
mod points;
mod requests;
mod show;
mod tables;
mod timeline;
mod words;

use maud::{Markup, PreEscaped, html};

pub use embed::{EmbeddedRun, read};
pub(super) use frame::{DocumentFrame, section};
pub use points::Points;
pub(super) use show::clock;

use super::anatomy;
use crate::{compare::Side, lang::current};
use embed::MADE_BY;
use page::ReportPage;
use timeline::Timeline;
use words::*;

/// The stylesheet of the report, after the one that it shares.
const STYLE: &str = include_str!("report.css");

/// The complete file. `skipped`: how many lines of the samples could not be read.
pub fn write(side: &Side, points: &Points, skipped: u64) -> String {
    let page = ReportPage {
        run: &side.run,
        latencies: side.latencies(),
        points,
        skipped,
        timeline: Timeline::of(&points.all),
        lang: current(),
    };
    document(&page, side).into_string() + "\n"
}

fn document(page: &ReportPage<'_>, side: &Side) -> Markup {
    let made_by = format!("{MADE_BY}{}\">", env!("CARGO_PKG_VERSION"));
    let body = html! {
        a.skip href="#charts" { (page.text(SKIP)) }
        main {
            (requests::shapes())
            (first::head(page))
            (first::numbers(page))
            (charts(page))
            (functions::section(page))
            (findings::section(page))
            (tables::monitors(page))
            (tables::limits(page))
            (tables::parts(page))
            (tables::latency_section(page))
            (anatomy::section(page.run))
            (tables::plan(page))
            div.pair-of-sections {
                (ground::honesty(page))
                (ground::environment(page))
            }
        }
        footer.foot { (with_code(&page.say(FOOT, &[env!("CARGO_PKG_VERSION")]))) }
        (embed::blocks(side))
    };
    DocumentFrame {
        lang: page.lang,
        title: &page.run.scenario.name,
        class: "report",
        style: STYLE,
        made_by: PreEscaped(made_by),
    }
    .around(&body)
}

fn charts(page: &ReportPage<'_>) -> Markup {
    html! {
        section.section id="charts" tabindex="-1" aria-labelledby="charts-title" {
            h2.visually-hidden id="charts-title" { (page.text(CHARTS)) }
            div.report-charts {
                div.whole { (requests::figure(page)) (tables::slowest(page)) }
                (distribution::percentiles(page))
                (distribution::histogram(page))
                div.whole { (outcomes::figure(page)) }
            }
        }
    }
}

/// A text of ours whose code stands between backticks.
fn with_code(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
