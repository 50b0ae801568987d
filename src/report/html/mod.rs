//! The report as one HTML file: what people attach to pull requests and mail.
//!
//! It needs no network, no script and no other file, and its policy lets nothing else in. The
//! figures of the run are inside as data, see [`read`].

mod distribution;
mod embed;
mod findings;
mod first;
mod ground;
mod outcomes;
mod page;
mod points;
mod requests;
mod show;
mod tables;
mod timeline;
mod words;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use embed::{EmbedError, EmbeddedRun, read};
pub use points::Points;
pub(super) use show::clock;

use crate::{
    compare::Scatters,
    lang::Lang,
    look::{self, Shape},
    record::Run,
    report::text::Look,
    stats::Latencies,
};
use embed::MADE_BY;
use page::ReportPage;
use timeline::Timeline;
use words::*;

/// The stylesheet of the report, after the one that it shares.
const STYLE: &str = include_str!("report.css");

/// The whole file. `skipped`: how many lines of the samples could not be read.
pub fn write(
    run: &Run,
    latencies: &Latencies,
    scatters: &Scatters,
    points: &Points,
    skipped: u64,
    lang: Lang,
) -> String {
    let page = ReportPage {
        run,
        latencies,
        points,
        skipped,
        timeline: Timeline::of(&points.all),
        lang,
    };
    document(&page, scatters).into_string() + "\n"
}

fn document(page: &ReportPage<'_>, scatters: &Scatters) -> Markup {
    let made_by = format!("{MADE_BY}{}\">", env!("CARGO_PKG_VERSION"));
    let body = html! {
        a.skip href="#charts" { (page.text(SKIP)) }
        main {
            (requests::shapes())
            (first::head(page))
            (first::numbers(page))
            (charts(page))
            (findings::section(page))
            (tables::limits(page))
            (tables::latency_section(page))
            (tables::plan(page))
            div.pair-of-sections {
                (ground::honesty(page))
                (ground::environment(page))
            }
        }
        footer.foot { (with_code(&page.say(FOOT, &[env!("CARGO_PKG_VERSION")]))) }
        (embed::blocks(page.run, page.latencies, scatters))
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

/// What documents without any other file differ in.
pub(super) struct DocumentFrame<'a> {
    pub lang: Lang,
    pub title: &'a str,
    /// The class of the body.
    pub class: &'a str,
    /// Styles beside those that all documents share.
    pub style: &'a str,
    /// What names the program that wrote it, where a program looks for that.
    pub made_by: Markup,
}

impl DocumentFrame<'_> {
    /// The document with this body.
    pub fn around(&self, body: &Markup) -> Markup {
        let style = format!("{}\n{}", look::STYLESHEET, self.style);
        html! {
            (DOCTYPE)
            html lang=(self.lang) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy(&style));
                    (self.made_by)
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (self.title) " · loadgen" }
                    link rel="icon" type="image/svg+xml" href=(icon());
                    style { (PreEscaped(&style)) }
                }
                body class=(self.class) { (body) }
            }
        }
    }
}

/// The shape that a look of the terminal has on a page.
pub(super) fn shape(look: Look) -> Shape {
    match look {
        Look::Cold => Shape::Cold,
        Look::Warm => Shape::Warm,
        Look::Good => Shape::Met,
        Look::Bad => Shape::Error,
        Look::Caution => Shape::Throttled,
        Look::Dim | Look::Strong => Shape::Unknown,
    }
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

/// The icon of the browser's tab, as an address.
fn icon() -> String {
    let icon = STANDARD.encode(look::ICON_SVG);
    format!("data:image/svg+xml;base64,{icon}")
}

/// Lets in this one stylesheet, named by its hash, and the icon. No script: data blocks are none.
fn policy(style: &str) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, style.as_bytes());
    format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        STANDARD.encode(hash)
    )
}
