//! Counts over time, stacked.

use maud::{Markup, html};

use super::{Graph, HEIGHT, TOP, Values, axis::Axis, px, share};
use crate::{
    look::Shape,
    sandbox::pages::{show, visit::Visit},
};

/// One kind of what is counted.
pub(in crate::sandbox::pages) struct Layer {
    /// Its shape and colour; None for a plain count.
    pub(in crate::sandbox::pages) shape: Option<Shape>,
    /// Its name.
    pub(in crate::sandbox::pages) name: String,
    /// How many in every bin.
    pub(in crate::sandbox::pages) counts: Vec<f64>,
}

/// A graph of counts, the first layer at the bottom; `show` says a value.
pub(in crate::sandbox::pages) fn bars(
    visit: &Visit,
    graph: &Graph<'_>,
    layers: &[Layer],
    show: fn(f64) -> String,
) -> Markup {
    let at = |layer: &Layer, bin: usize| layer.counts.get(bin).copied().unwrap_or(0.0);
    let stacked = |bin: usize| -> f64 { layers.iter().map(|layer| at(layer, bin)).sum() };
    let filled: Vec<usize> = (0..graph.bins.n)
        .filter(|bin| stacked(*bin) != 0.0)
        .collect();
    let largest = filled.iter().map(|bin| stacked(*bin)).fold(0.0, f64::max);
    let axis = Axis::linear(largest, show);
    let drawn = html! {
        @for bin in &filled {
            @let (x, width) = graph.slot(*bin);
            g {
                title {
                    (show::clock(graph.bins.start_ms(*bin))) ": "
                    @for (place, layer) in layers.iter().enumerate() {
                        @if place > 0 { ", " }
                        (show(at(layer, *bin))) " " (layer.name)
                    }
                }
                @for (top, height, class) in stack(layers, *bin, &axis) {
                    rect class=(class) x=(share(x)) width=(share(width)) y=(px(TOP + top)) height=(px(height)) {}
                }
            }
        }
    };
    let legend = html! {
        @if layers.len() > 1 {
            div.legend {
                @for layer in layers {
                    @match layer.shape {
                        Some(shape) => (show::marked(shape, &layer.name)),
                        None => span.quiet { (layer.name) },
                    }
                }
            }
        }
    };
    let values = Values {
        columns: layers.iter().map(|layer| layer.name.clone()).collect(),
        rows: filled
            .iter()
            .map(|bin| {
                let row = layers.iter().map(|layer| show(at(layer, *bin))).collect();
                (graph.bins.start_ms(*bin), row)
            })
            .collect(),
    };
    graph.figure(visit, &axis, drawn, legend, &values)
}

/// A bin's bars from the bottom: top, height and class of each. What is there is never thinner
/// than can be seen.
fn stack(layers: &[Layer], bin: usize, axis: &Axis) -> Vec<(f64, f64, &'static str)> {
    let mut below = 0.0;
    let mut floor = HEIGHT;
    let mut bars = Vec::new();
    for layer in layers {
        let count = layer.counts.get(bin).copied().unwrap_or(0.0);
        if count <= 0.0 {
            continue;
        }
        below += count;
        let top = axis.y(below).min(floor - 1.5).max(0.0);
        bars.push((top, floor - top, layer.shape.map_or("plain", Shape::key)));
        floor = top;
    }
    bars
}
