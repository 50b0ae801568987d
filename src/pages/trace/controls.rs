//! What stands above a flame graph: a search within its spans, zooming, and where in the trace
//! the part lies that is shown.

use maud::{Markup, html};

use super::{
    tree::{SpanTree, end_ns},
    window::{FlameWindow, percent},
};
use crate::pages::{frame, visit::Visit, words::*};

/// How many bars a minimap has room for.
const MOST_BARS: usize = 400;
/// The height of a minimap, and the rows that share it.
const HEIGHT: usize = 30;
const ROWS: usize = 10;

/// Draws the search and the zoom. `found`: how many spans the search finds.
pub(super) fn controls(
    visit: &Visit,
    tree: &SpanTree,
    window: &FlameWindow,
    found: usize,
) -> Markup {
    let whole = window.is_whole(tree);
    html! {
        div.row.row-apart.zoom {
            (frame::search(visit, &format!("{}#trace", visit.path()), "find", FIND_SPANS))
            @if visit.get("find").is_some() {
                p.quiet role="status" { (say(SPANS_FOUND, visit.lang, &[&found.to_string(), &tree.spans.len().to_string()])) }
            }
            div.row {
                a.button href=(zoomed(visit, tree, window, 1, 2)) data-fold data-key="+" aria-label=(visit.text(ZOOM_IN)) { "+" }
                @if !whole {
                    a.button href=(zoomed(visit, tree, window, 2, 1)) data-fold data-key="-" aria-label=(visit.text(ZOOM_OUT)) { "−" }
                    a.button href=(format!("{}#trace", visit.with(&[("zoom", None), ("window", None)]))) data-fold data-key="0" {
                        (visit.text(WHOLE_TRACE))
                    }
                }
            }
        }
    }
}

/// The link to a window of `times`/`by` of this one's length, around the same middle.
fn zoomed(visit: &Visit, tree: &SpanTree, window: &FlameWindow, times: i64, by: i64) -> String {
    let length = (window.length / by).saturating_mul(times).max(1);
    let middle = window
        .from
        .saturating_sub(tree.from_ns)
        .saturating_add(window.length / 2);
    let from = middle.saturating_sub(length / 2).max(0);
    let changed = if length >= tree.length_ns() {
        visit.with(&[("zoom", None), ("window", None)])
    } else {
        let window = format!("{from}-{length}");
        visit.with(&[("zoom", None), ("window", Some(&window))])
    };
    format!("{changed}#trace")
}

/// The minimap: the complete trace, and the window's position in it.
pub(super) fn minimap(visit: &Visit, tree: &SpanTree, window: &FlameWindow) -> Markup {
    let all = FlameWindow {
        from: tree.from_ns,
        length: tree.length_ns(),
    };
    let mut longest: Vec<usize> = (0..tree.spans.len()).collect();
    longest.sort_by_key(|place| {
        let span = tree.spans.get(*place);
        std::cmp::Reverse(span.map(|span| end_ns(span).saturating_sub(span.start_ns)))
    });
    let bars = longest.into_iter().take(MOST_BARS).filter_map(|place| {
        let row = *tree.rows.get(place)?;
        let (start, end) = all.place(tree.spans.get(place)?)?;
        (row < ROWS).then(|| {
            format!(
                "M{:.0} {}h{:.0}",
                start * 1_000.0,
                row * HEIGHT / ROWS + 2,
                ((end - start) * 1_000.0).max(2.0)
            )
        })
    });
    let share = |ns: i64| percent(ns as f64 / all.length as f64);
    html! {
        svg.minimap id="minimap" height=(HEIGHT) role="img" aria-label=(visit.text(MINIMAP)) {
            svg width="100%" height=(HEIGHT) viewBox={ "0 0 1000 " (HEIGHT) } preserveAspectRatio="none" {
                path d=(bars.collect::<String>()) {}
            }
            rect x=(share(window.from.saturating_sub(tree.from_ns))) width=(share(window.length)) y="0.5" height=(HEIGHT - 1) {}
        }
    }
}
