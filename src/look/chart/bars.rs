//! Counts side by side, stacked by kind.

use maud::{Markup, html};

use super::{Axis, Chart, ChartTable, px, share};
use crate::look::Shape;

/// One kind of the counted things.
#[derive(Clone, Debug)]
pub struct BarLayer {
    /// Its shape and colour; None for a plain count.
    pub shape: Option<Shape>,
    /// Its name.
    pub name: String,
    /// How many in every slot.
    pub counts: Vec<f64>,
}

/// Where a bar stands.
#[derive(Clone, Debug)]
pub struct BarSlot {
    /// Its left edge, from 0 to 1.
    pub x: f64,
    /// Its width, from 0 to 1.
    pub width: f64,
    /// What it counts: a time, a range.
    pub name: String,
    /// The same as it stands in the table.
    pub heading: Markup,
}

/// A chart of counts, the first layer at the bottom; `show` says a value, `first` names the
/// table's rows.
pub fn bars(
    chart: &Chart<'_>,
    slots: &[BarSlot],
    layers: &[BarLayer],
    first: &str,
    show: fn(f64) -> String,
    over: &Markup,
) -> Markup {
    let filled: Vec<(usize, &BarSlot)> = slots
        .iter()
        .enumerate()
        .filter(|(slot, _)| layers.iter().any(|layer| layer.count(*slot) != 0.0))
        .collect();
    let drawn = html! {
        @for (place, slot) in &filled {
            g {
                title {
                    (slot.name) ": "
                    @for (n, layer) in layers.iter().enumerate() {
                        @if n > 0 { ", " }
                        (layer.name) " " (show(layer.count(*place)))
                    }
                }
                @for (top, height, class) in stacked(layers, *place, chart.axis) {
                    rect class=(class) x=(share(slot.x)) width=(share(slot.width)) y=(px(chart.top + top)) height=(px(height)) {}
                }
            }
        }
        (over)
    };
    let row = |(place, slot): &(usize, &BarSlot)| {
        let counts = layers.iter().map(|layer| show(layer.count(*place)));
        (slot.heading.clone(), counts.collect())
    };
    let names = layers.iter().map(|layer| layer.name.clone());
    let table = ChartTable {
        columns: std::iter::once(first.to_owned()).chain(names).collect(),
        rows: filled.iter().map(row).collect(),
    };
    chart.figure(&drawn, &legend(layers), &table)
}

impl BarLayer {
    fn count(&self, slot: usize) -> f64 {
        self.counts.get(slot).copied().unwrap_or(0.0)
    }
}

/// The names of the layers, where there are several.
fn legend(layers: &[BarLayer]) -> Markup {
    html! {
        @if layers.len() > 1 {
            div.legend {
                @for layer in layers {
                    @match layer.shape {
                        Some(shape) => (shape.beside(&layer.name)),
                        None => span.quiet { (layer.name) },
                    }
                }
            }
        }
    }
}

/// The most that any slot holds, over all layers.
pub fn tallest(layers: &[BarLayer]) -> f64 {
    let slots = layers.iter().map(|layer| layer.counts.len()).max();
    (0..slots.unwrap_or(0))
        .map(|slot| {
            layers
                .iter()
                .filter_map(|layer| layer.counts.get(slot))
                .sum()
        })
        .fold(0.0, f64::max)
}

/// A slot's bars from the bottom: top, height and class of each. A bar that is not empty is always
/// visible.
fn stacked(layers: &[BarLayer], slot: usize, axis: &Axis) -> Vec<(f64, f64, &'static str)> {
    let mut below = 0.0;
    let mut floor = axis.height();
    let mut bars = Vec::new();
    for layer in layers {
        let count = layer.count(slot);
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
