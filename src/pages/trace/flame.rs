//! The flame graph: every span a bar over time, callers above what they called.

use std::collections::HashMap;

use maud::{Markup, html};

use super::{
    blocks::{self, FlameBlock, ROWS},
    controls,
    tree::SpanTree,
    window::{FlameWindow, percent},
};
use crate::{
    look::Shape,
    pages::{show, visit::Visit, words::*},
    telemetry::store::Span,
};

/// A row's height in pixels, and the room of the time axis above.
const ROW: usize = 27;
const AXIS: usize = 24;
/// How much of a name a bar's text and label hold. A bar narrower than this has no text.
const LONGEST_NAME: usize = 120;
const ROOM_FOR_TEXT: f64 = 0.02;
/// How many services have a tint of their own.
const TINTS: usize = 8;
/// The tint of initialisation.
const COLD_TINT: usize = 8;

/// Draws the flame graph of the part of the trace that is zoomed to.
pub(super) fn flame(visit: &Visit, tree: &SpanTree, selected: usize) -> Markup {
    let window = FlameWindow::asked(visit, tree);
    let shares = tree.services();
    let tints = tints(tree, &shares);
    let rows = blocks::rows(visit, tree, selected);
    let find = visit.get("find").map(str::to_lowercase);
    let matches = |span: &Span| find.as_ref().is_none_or(|find| found(span, find));
    let blocks = blocks::blocks(tree, &window, &rows, selected, &matches);
    let below = blocks.iter().map(|block| block.row + 1).max();
    let height = below.map_or(1, |row| row - rows.start);
    html! {
        p.legend {
            @for (name, share) in shares.iter().take(12) {
                span { span class={ "swatch tint-" (tints.get(name).copied().unwrap_or(0)) } {} " " (show::cut(name, LONGEST_NAME)) " "
                    span.quiet { (show::percent(*share)) } }
            }
        }
        (controls::controls(visit, tree, &window, tree.spans.iter().filter(|span| matches(span)).count()))
        @if !window.is_whole(tree) { (controls::minimap(visit, tree, &window)) }
        @if rows.start > 0 { (deeper(visit, tree, &window, rows.start.saturating_sub(ROWS))) }
        svg.flame id="flame" height=(AXIS + height * ROW) role="group" aria-label=(visit.text(FLAME_SAID))
            data-from=(window.from.saturating_sub(tree.from_ns)) data-length=(window.length) {
            (grid(tree, &window))
            @for block in &blocks {
                @if let Some(span) = tree.spans.get(block.first) {
                    @let y = AXIS + (block.row - rows.start) * ROW;
                    @let dim = if block.matching == 0 { " dim" } else { "" };
                    @if block.spans > 1 {
                        (many(visit, tree, block, y, dim))
                    } @else {
                        @let tint = match is_init(span) {
                            true => COLD_TINT,
                            false => tints.get(span.service.as_str()).copied().unwrap_or(0),
                        };
                        @let here = if block.first == selected { " selected" } else { dim };
                        (bar(visit, tree, span, block, y, &format!("tint-{tint}{here}")))
                    }
                }
            }
        }
        // The script shows here what the pointer or the focus is on.
        p.pointed.quiet aria-hidden="true" {}
        (deeper(visit, tree, &window, rows.end))
    }
}

/// The link to rows that are not drawn, from this one on, if there are any.
fn deeper(visit: &Visit, tree: &SpanTree, window: &FlameWindow, from: usize) -> Markup {
    let there = |(span, row): &(&Span, &usize)| {
        (from..from + ROWS).contains(*row) && window.place(span).is_some()
    };
    let n = tree.spans.iter().zip(&tree.rows).filter(there).count();
    let [first, last] = [from + 1, from + ROWS].map(|row| show::count(row as f64));
    html! {
        @if n > 0 {
            p { a.button href=(format!("{}#trace", visit.with(&[("row", Some(&from.to_string()))]))) data-fold {
                (say(OTHER_ROWS, visit.lang, &[&first, &last, &counted(ONE_SPAN, N_SPANS, visit.lang, n)]))
            } }
        }
    }
}

/// Whether the searched text, in lower case, occurs in a span's names.
fn found(span: &Span, find: &str) -> bool {
    [&span.name, &span.resource, &span.service]
        .iter()
        .any(|text| text.to_lowercase().contains(find))
}

/// The time axis, from the beginning of the trace.
fn grid(tree: &SpanTree, window: &FlameWindow) -> Markup {
    html! {
            @for step in 0..=4 {
                @let place = f64::from(step) / 4.0;
                @let at = (window.length as f64 * place) as i64 + window.from.saturating_sub(tree.from_ns);
                line.grid x1=(percent(place)) x2=(percent(place)) y1=(AXIS - 4) y2="100%" {}
                text.axis x=(percent(place)) y="12" text-anchor=(match step { 0 => "start", 4 => "end", _ => "middle" }) {
                    (show::nanos(at))
                }
            }
    }
}

/// The tint of each service. A service with nothing but initialisations has the colour of cold.
fn tints<'a>(tree: &'a SpanTree, shares: &[(&'a str, f64)]) -> HashMap<&'a str, usize> {
    let mut only_init: HashMap<&str, bool> = HashMap::new();
    for span in &tree.spans {
        *only_init.entry(&span.service).or_insert(true) &= is_init(span);
    }
    let (cold, others): (Vec<&str>, Vec<&str>) = shares
        .iter()
        .map(|(name, _)| *name)
        .partition(|name| only_init.get(name) == Some(&true));
    let cold = cold.into_iter().map(|name| (name, COLD_TINT));
    let others = others.into_iter().enumerate();
    cold.chain(others.map(|(place, name)| (name, place % TINTS)))
        .collect()
}

/// Whether a span is the initialisation of a cold start, as Datadog's libraries name it.
pub(super) fn is_init(span: &Span) -> bool {
    matches!(
        span.name.as_str(),
        "aws.lambda.load" | "aws.lambda.import" | "aws.lambda.cold_start" | "aws.lambda.require"
    )
}

/// Whether a span ran in an environment that was started for it.
pub(super) fn is_cold(span: &Span) -> bool {
    is_init(span)
        || span
            .meta
            .get("cold_start")
            .is_some_and(|cold| cold == "true")
}

/// A bar's text: what the span worked on, if that says more than its operation.
pub(super) fn label(span: &Span) -> String {
    if is_init(span) || span.resource.is_empty() {
        format!("{} {}", span.name, span.resource)
    } else if span.resource == span.service || span.name == "aws.lambda" {
        span.resource.clone()
    } else {
        format!("{} {}", span.service, span.resource)
    }
}

fn bar(
    visit: &Visit,
    tree: &SpanTree,
    span: &Span,
    block: &FlameBlock,
    y: usize,
    class: &str,
) -> Markup {
    let (start, width) = block.place();
    let cold = is_cold(span);
    let text_x = 7 + if cold { 16 } else { 0 } + if span.error { 16 } else { 0 };
    html! {
        svg id={ "bar-" (span.span_id) } x=(percent(start)) width=(percent(width)) y=(y) height=(ROW - 3) {
            a href=(link(visit, span.span_id)) data-fold class=(class) {
                title { (said(visit, tree, span)) }
                rect width="100%" height="100%" rx="4" {}
                @if span.error { rect.failed width="4" height="100%" rx="2" {} }
                @if width >= ROOM_FOR_TEXT {
                    @if span.error {
                        svg class="shape shape-error" x="9" y="6" width="11" height="11" viewBox="0 0 12 12" { path d=(Shape::Error.path()) {} }
                    }
                    @if cold {
                        svg class="shape shape-cold" x=(if span.error { 25 } else { 7 }) y="6" width="12" height="12" viewBox="0 0 12 12" {
                            path d=(Shape::Cold.path()) {}
                        }
                    }
                    text x=(text_x) y="16" { (written(span)) }
                }
            }
        }
    }
}

/// Spans too short to be drawn one by one: a link to their part of the time.
fn many(visit: &Visit, tree: &SpanTree, block: &FlameBlock, y: usize, class: &str) -> Markup {
    let (start, width) = block.place();
    let length = block.to_ns.saturating_sub(block.from_ns).max(1);
    let window = format!("{}-{length}", block.from_ns.saturating_sub(tree.from_ns));
    let n = show::count(block.spans as f64);
    html! {
        svg x=(percent(start)) width=(percent(width)) y=(y) height=(ROW - 3) {
            a class={ "many" (class) } href=(format!("{}#trace", visit.with(&[("zoom", None), ("window", Some(&window))]))) data-fold {
                title {
                    (say(SHORT_SPANS, visit.lang, &[&n, &show::nanos(length)]))
                    @if block.failed > 0 { ", " (say(N_ERRORS, visit.lang, &[&show::count(block.failed as f64)])) }
                }
                rect width="100%" height="100%" rx="2" {}
                @if block.failed > 0 { rect.failed width="4" height="100%" rx="2" {} }
                @if width >= ROOM_FOR_TEXT { text x="7" y="16" { "×" (n) } }
            }
        }
    }
}

/// The link that selects a span. Without the script, the page opens at the trace.
pub(super) fn link(visit: &Visit, span_id: u64) -> String {
    format!(
        "{}#trace",
        visit.with(&[("spanID", Some(&span_id.to_string()))])
    )
}

/// A bar's text with the span's duration.
fn written(span: &Span) -> String {
    let label = label(span);
    format!(
        "{} · {}",
        show::cut(&label, LONGEST_NAME),
        show::nanos(span.duration_ns)
    )
}

/// A bar in words: its text, the span's share of the trace, and the meaning of colour and shape.
/// Names may be maliciously long.
fn said(visit: &Visit, tree: &SpanTree, span: &Span) -> String {
    let share = span.duration_ns.max(0) as f64 / tree.length_ns() as f64;
    let mut words = format!(
        "{} ({}), {}, {}",
        written(span),
        show::percent(share),
        show::cut(&span.name, LONGEST_NAME),
        show::cut(&span.service, LONGEST_NAME)
    );
    for (shape, applies) in [(Shape::Error, span.error), (Shape::Cold, is_cold(span))] {
        if applies {
            words.push_str(", ");
            words.push_str(shape.word(visit.lang));
        }
    }
    words
}
