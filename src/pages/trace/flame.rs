//! The flame graph: every span a bar over time, callers above what they called.

use std::collections::HashMap;

use maud::{Markup, html};

use super::{
    controls,
    tree::SpanTree,
    window::{FlameWindow, percent},
};
use crate::{
    look::Shape,
    pages::{show, visit::Visit, words::*},
    telemetry::store::Span,
};

/// How many bars are drawn: more are hairs that cannot be told apart.
const MOST_BARS: usize = 600;
/// How many rows are drawn.
const MOST_ROWS: usize = 60;
/// A row's height in pixels, and the room of the time axis above.
const ROW: usize = 27;
const AXIS: usize = 24;
/// How much of a name is said.
const LONGEST_NAME: usize = 300;
/// How many services have a tint of their own.
const TINTS: usize = 8;
/// The tint of initialisation.
const COLD_TINT: usize = 8;

/// Draws the flame graph of the part of the trace that the visit zooms to.
pub(super) fn flame(visit: &Visit, tree: &SpanTree, selected: usize) -> Markup {
    let window = FlameWindow::asked(visit, tree);
    let shares = tree.services();
    let tints = tints(tree, &shares);
    let (drawn, left_out) = chosen(tree, selected, &window);
    let rows = drawn
        .iter()
        .filter_map(|place| tree.rows.get(*place))
        .max()
        .map_or(1, |row| row + 1);
    let find = visit.get("find").map(str::to_lowercase);
    let matches = |span: &Span| find.as_ref().is_none_or(|find| found(span, find));
    html! {
        p.legend {
            @for (name, share) in shares.iter().take(12) {
                span { span class={ "swatch tint-" (tints.get(name).copied().unwrap_or(0)) } {} " " (name) " "
                    span.quiet { (show::percent(*share)) } }
            }
        }
        (controls::controls(visit, tree, &window, tree.spans.iter().filter(|span| matches(span)).count()))
        @if !window.is_whole(tree) { (controls::minimap(visit, tree, &window)) }
        svg.flame height=(AXIS + rows * ROW) role="group" aria-label=(visit.text(FLAME_SAID))
            data-from=(window.from.saturating_sub(tree.from_ns)) data-length=(window.length) {
            (grid(tree, &window))
            @for place in drawn {
                @if let (Some(span), Some(row)) = (tree.spans.get(place), tree.rows.get(place)) {
                    @let tint = match is_init(span) {
                        true => COLD_TINT,
                        false => tints.get(span.service.as_str()).copied().unwrap_or(0),
                    };
                    @let class = match (place == selected, matches(span)) {
                        (true, _) => "selected",
                        (false, true) => "",
                        (false, false) => "dim",
                    };
                    (bar(visit, tree, span, *row, &format!("tint-{tint} {class}"), &window))
                }
            }
        }
        // The script says here what the pointer or the focus is on.
        p.pointed.quiet aria-hidden="true" {}
        @if left_out > 0 {
            p.quiet { (say(SPANS_LEFT_OUT, visit.lang, &[&left_out.to_string(), &tree.spans.len().to_string()])) }
        }
    }
}

/// Whether a search's text, in lower case, is in what a span is called.
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

/// The tint of each service. One that is nothing but initialisation has the colour of cold.
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

/// The spans to draw, in order, and how many of the window are left out: failed ones and the
/// selected one stay, then the longest.
fn chosen(tree: &SpanTree, selected: usize, window: &FlameWindow) -> (Vec<usize>, usize) {
    let within: Vec<usize> = (0..tree.spans.len())
        .filter(|place| {
            tree.spans
                .get(*place)
                .is_some_and(|span| window.place(span).is_some())
        })
        .collect();
    let mut shown: Vec<usize> = within
        .iter()
        .copied()
        .filter(|place| tree.rows.get(*place).is_some_and(|row| *row < MOST_ROWS))
        .collect();
    shown.sort_by_key(|place| {
        let span = tree.spans.get(*place);
        let first = *place == selected || span.is_some_and(|span| span.error);
        (!first, std::cmp::Reverse(span.map(|span| span.duration_ns)))
    });
    shown.truncate(MOST_BARS);
    shown.sort_unstable();
    let left_out = within.len() - shown.len();
    (shown, left_out)
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

/// What stands on a bar: what it worked on, where that says more than its operation does.
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
    row: usize,
    class: &str,
    window: &FlameWindow,
) -> Markup {
    let Some((start, width)) = window.place(span) else {
        return html! {};
    };
    let cold = is_cold(span);
    let text_x = 7 + if cold { 16 } else { 0 } + if span.error { 16 } else { 0 };
    let words = said(visit, tree, span);
    html! {
        svg x=(percent(start)) width=(percent(width)) y=(AXIS + row * ROW) height=(ROW - 3) {
            a href=(link(visit, span.span_id)) data-fold class=(class) aria-label=(words) {
                title { (words) }
                rect width="100%" height="100%" rx="4" {}
                @if span.error {
                    rect.failed width="4" height="100%" rx="2" {}
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

/// The link that selects a span. Without the script the page opens where the trace is drawn.
pub(super) fn link(visit: &Visit, span_id: u64) -> String {
    format!(
        "{}#trace",
        visit.with(&[("spanID", Some(&span_id.to_string()))])
    )
}

/// What stands on a bar, and how long it took.
fn written(span: &Span) -> String {
    format!("{} · {}", label(span), show::nanos(span.duration_ns))
}

/// A bar in words: what is written on it, then its share of the trace and what colour and shape
/// say. Names may be hostile in length.
fn said(visit: &Visit, tree: &SpanTree, span: &Span) -> String {
    let share = span.duration_ns.max(0) as f64 / tree.length_ns() as f64;
    let cut = |text: &str| text.chars().take(LONGEST_NAME).collect::<String>();
    let mut words = format!(
        "{} ({}), {}, {}",
        cut(&written(span)),
        show::percent(share),
        cut(&span.name),
        cut(&span.service)
    );
    for (shape, applies) in [(Shape::Error, span.error), (Shape::Cold, is_cold(span))] {
        if applies {
            words.push_str(", ");
            words.push_str(shape.word(visit.lang));
        }
    }
    words
}
