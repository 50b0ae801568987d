//! Counts over time, stacked.

use maud::Markup;

use super::{Graph, HEIGHT};
use crate::{
    look::chart::{self, Axis, BarLayer, BarSlot, tallest},
    pages::{show, visit::Visit, words::TIME},
};

/// A graph of counts, the first layer at the bottom; `show` says a value.
pub(in crate::pages) fn bars(
    visit: &Visit,
    graph: &Graph<'_>,
    layers: &[BarLayer],
    show: fn(f64) -> String,
) -> Markup {
    let axis = Axis::linear(HEIGHT, tallest(layers), show);
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
