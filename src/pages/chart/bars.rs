//! Counts over time, stacked.

use maud::{Markup, html};

use super::{Graph, HEIGHT, TOP};
use crate::{
    look::{
        Shape,
        chart::{self, Axis, BarLayer, BarSlot, px, tallest},
    },
    pages::{data::AgainstLimit, show, visit::Visit, words::TIME},
};

/// A graph of counts, the first layer at the bottom; `show` says a value.
pub(in crate::pages) fn bars(
    visit: &Visit,
    graph: &Graph<'_>,
    layers: &[BarLayer],
    show: fn(f64) -> String,
) -> Markup {
    let axis = Axis::linear(HEIGHT, tallest(layers), show);
    drawn(visit, graph, layers, &axis, show, &graph.marks(visit))
}

/// A graph of values beside the limit that they are compared with.
pub(in crate::pages) fn limited(
    visit: &Visit,
    graph: &Graph<'_>,
    shape: Option<Shape>,
    against: &AgainstLimit,
) -> Markup {
    let layers = [BarLayer {
        shape,
        name: graph.title.to_owned(),
        counts: against.values.clone(),
    }];
    // The limit has its place on the axis even where no value reaches it.
    let highest = tallest(&layers).max(against.limit * 1.2);
    let axis = Axis::linear(HEIGHT, highest, against.show);
    let y = px(TOP + axis.y(against.limit));
    let over = html! {
        (graph.marks(visit))
        line.limit x1="0" x2="100%" y1=(y) y2=(y) { title { (graph.total) } }
    };
    drawn(visit, graph, &layers, &axis, against.show, &over)
}

fn drawn(
    visit: &Visit,
    graph: &Graph<'_>,
    layers: &[BarLayer],
    axis: &Axis,
    show: fn(f64) -> String,
    over: &Markup,
) -> Markup {
    let slots: Vec<BarSlot> = (0..graph.bins.n)
        .map(|bin| {
            let (x, width) = graph.slot(bin);
            let start = graph.bins.start_ms(bin);
            BarSlot {
                x,
                width,
                name: show::clock(start),
                heading: show::time(start),
            }
        })
        .collect();
    let chart = graph.chart(visit, axis);
    chart::bars(&chart, &slots, layers, visit.text(TIME), show, over)
}
