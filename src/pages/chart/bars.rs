//! Counts over time, stacked.

use maud::Markup;

use super::{Graph, HEIGHT};
use crate::{
    look::chart::{self, Axis, Layer, Slot, tallest},
    pages::{show, visit::Visit, words::TIME},
};

/// A graph of counts, the first layer at the bottom; `show` says a value.
pub(in crate::pages) fn bars(
    visit: &Visit,
    graph: &Graph<'_>,
    layers: &[Layer],
    show: fn(f64) -> String,
) -> Markup {
    let axis = Axis::linear(HEIGHT, tallest(layers), show);
    let slots: Vec<Slot> = (0..graph.bins.n)
        .map(|bin| {
            let (x, width) = graph.slot(bin);
            let start = graph.bins.start_ms(bin);
            Slot {
                x,
                width,
                name: show::clock(start),
                heading: show::time(start),
            }
        })
        .collect();
    let chart = graph.chart(visit, &axis);
    chart::bars(
        &chart,
        &slots,
        layers,
        visit.text(TIME),
        show,
        &graph.marks(),
    )
}
