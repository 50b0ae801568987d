//! Several series over time, one line each.

use maud::{Markup, html};

use super::{Graph, HEIGHT, TOP, Values};
use crate::{
    look::chart::{Axis, px, share},
    pages::{show, visit::Visit},
};

/// How many lines a graph tells apart.
pub(in crate::pages) const MAX_LINES: usize = 8;

/// One series: its name, and times with values.
pub(in crate::pages) struct SeriesLine {
    /// What it is the series of.
    pub(in crate::pages) name: String,
    /// When (milliseconds since 1970) and how much, by time.
    pub(in crate::pages) points: Vec<(i64, f64)>,
}

/// A graph of lines, the first [`MAX_LINES`] of them.
pub(in crate::pages) fn lines(
    visit: &Visit,
    graph: &Graph<'_>,
    lines: &[SeriesLine],
    show: fn(f64) -> String,
) -> Markup {
    let lines = lines.get(..MAX_LINES).unwrap_or(lines);
    let largest = lines
        .iter()
        .flat_map(|line| &line.points)
        .map(|(_, value)| *value)
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    let axis = Axis::linear(HEIGHT, largest, show);
    let drawn = html! {
        // The line is drawn in a box of 1000 by the height and stretched to the room there is.
        svg y=(px(TOP)) width="100%" height=(px(HEIGHT)) viewBox={ "0 0 1000 " (px(HEIGHT)) } preserveAspectRatio="none" {
            @for (place, line) in lines.iter().enumerate() {
                @if line.points.len() > 1 {
                    polyline class={ "line line-" (place) } points=(points(graph, line, &axis)) {}
                }
            }
        }
        @for (place, line) in lines.iter().enumerate() {
            @for (at, value) in &line.points {
                @if let Some(x) = graph.bins.place(*at) {
                    circle class={ "dot dot-" (place) } cx=(share(x)) cy=(px(TOP + axis.y(*value))) r="2.4" {
                        title { (line.name) " " (show::clock(*at)) ": " (show(*value)) }
                    }
                }
            }
        }
    };
    let legend = html! {
        div.legend {
            @for (place, line) in lines.iter().enumerate() {
                span { span class={ "key key-" (place) } {} " " (line.name) }
            }
        }
    };
    graph.figure(visit, &axis, &drawn, &legend, values(lines, show))
}

fn points(graph: &Graph<'_>, line: &SeriesLine, axis: &Axis) -> String {
    let mut written = String::new();
    for (at, value) in &line.points {
        if let Some(x) = graph.bins.place(*at) {
            written.push_str(&format!("{:.1},{:.1} ", x * 1_000.0, axis.y(*value)));
        }
    }
    written
}

/// One row for every time at which any line has a value.
fn values(lines: &[SeriesLine], show: fn(f64) -> String) -> Values {
    let mut times: Vec<i64> = lines
        .iter()
        .flat_map(|line| line.points.iter().map(|(at, _)| *at))
        .collect();
    times.sort_unstable();
    times.dedup();
    Values {
        columns: lines.iter().map(|line| line.name.clone()).collect(),
        rows: times
            .into_iter()
            .map(|at| {
                let row = lines
                    .iter()
                    .map(|line| {
                        line.points
                            .binary_search_by_key(&at, |(t, _)| *t)
                            .ok()
                            .and_then(|place| line.points.get(place))
                            .map_or_else(|| "–".to_owned(), |(_, value)| show(*value))
                    })
                    .collect();
                (at, row)
            })
            .collect(),
    }
}
