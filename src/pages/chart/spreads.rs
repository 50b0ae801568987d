//! The spread of values over time: from the smallest to the largest, the median marked.

use maud::{Markup, html};

use super::{Graph, HEIGHT, TOP, Values};
use crate::{
    look::chart::{Axis, px, share},
    pages::{data::ValueSpread, show, visit::Visit, words::*},
};

/// A graph of spreads. `logarithmic`: as latencies need it, and then it says so.
pub(in crate::pages) fn spreads(
    visit: &Visit,
    graph: &Graph<'_>,
    spreads: &[Option<ValueSpread>],
    show: fn(f64) -> String,
    logarithmic: bool,
) -> Markup {
    let filled: Vec<(usize, ValueSpread)> = spreads
        .iter()
        .enumerate()
        .filter_map(|(bin, spread)| spread.map(|spread| (bin, spread)))
        .collect();
    let smallest = filled.iter().map(|(_, s)| s.min).fold(f64::MAX, f64::min);
    let largest = filled.iter().map(|(_, s)| s.max).fold(0.0, f64::max);
    let axis = if logarithmic {
        Axis::logarithmic(HEIGHT, smallest, largest, show)
    } else {
        Axis::linear(HEIGHT, largest, show)
    };
    let drawn = reaches(visit, graph, &filled, &axis, show);
    let legend = html! {
        div.legend.quiet {
            span { (visit.text(SPREAD_LEGEND)) }
            @if logarithmic { span { (visit.text(LOG_AXIS)) } }
        }
    };
    let columns = [SMALLEST, MEDIAN, LARGEST];
    let values = Values {
        columns: columns
            .iter()
            .map(|text| visit.text(*text).to_owned())
            .collect(),
        rows: filled
            .iter()
            .map(|(bin, spread)| {
                let row = [spread.min, spread.median, spread.max].map(show);
                (graph.bins.start_ms(*bin), row.to_vec())
            })
            .collect(),
    };
    graph.figure(visit, &axis, &drawn, &legend, values)
}

/// A line from the smallest to the largest value of each bin, with a mark at the median.
fn reaches(
    visit: &Visit,
    graph: &Graph<'_>,
    filled: &[(usize, ValueSpread)],
    axis: &Axis,
    show: fn(f64) -> String,
) -> Markup {
    html! {
        @for (bin, spread) in filled {
            @let (x, width) = graph.slot(*bin);
            @let middle = share(x + width / 2.0);
            g {
                title {
                    (show::clock(graph.bins.start_ms(*bin))) ": "
                    (show(spread.min)) " – " (show(spread.max)) ", " (visit.text(MEDIAN)) " " (show(spread.median))
                }
                line.reach x1=(middle) x2=(middle) y1=(px(TOP + axis.y(spread.min))) y2=(px(TOP + axis.y(spread.max))) {}
                circle.middle cx=(middle) cy=(px(TOP + axis.y(spread.median))) r="2.6" {}
            }
        }
    }
}
