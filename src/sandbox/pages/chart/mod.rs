//! Graphs over time, drawn as SVG. Widths are shares of whatever room there is; heights are
//! pixels. Every graph also says itself in a sentence and holds its values as a table.

mod axis;
mod bars;
mod lines;
mod spreads;

use maud::{Markup, html};

pub(super) use bars::{Layer, bars};
pub(super) use lines::{Line, MOST_LINES, lines};
pub(super) use spreads::spreads;

use super::{data::Bins, show, visit::Visit, words::*};
use crate::sandbox::store::Deployment;
use axis::Axis;

/// The height of the drawing area, and the room above it for the marks of events.
const HEIGHT: f64 = 112.0;
const TOP: f64 = 16.0;
const BELOW: f64 = 22.0;
/// How much of the width the number of an event needs.
const LABEL_ROOM: f64 = 0.05;

/// What every graph has.
pub(super) struct Graph<'a> {
    /// Its name.
    pub(super) title: &'a str,
    /// Where the name leads, if it leads anywhere.
    pub(super) link: Option<String>,
    /// What it comes to, in words.
    pub(super) total: String,
    /// The time axis.
    pub(super) bins: &'a Bins,
    /// Changes of functions, marked by their number in the list.
    pub(super) events: &'a [Deployment],
}

/// A table of what a graph shows: names of columns, then rows of time and values.
struct Values {
    columns: Vec<String>,
    rows: Vec<(i64, Vec<String>)>,
}

impl Graph<'_> {
    fn figure(
        &self,
        visit: &Visit,
        axis: &Axis,
        drawn: Markup,
        legend: Markup,
        values: &Values,
    ) -> Markup {
        let height = TOP + HEIGHT + BELOW;
        html! {
            figure {
                figcaption {
                    span.title {
                        @match &self.link {
                            Some(link) => a href=(link) { (self.title) },
                            None => (self.title),
                        }
                    }
                    span.total { (self.total) }
                }
                @if values.rows.is_empty() {
                    div.empty-chart { (visit.text(NOTHING_HERE)) }
                } @else {
                    div.plot {
                        svg.chart height=(height) aria-hidden="true" {
                            @for (y, label) in axis.labels() {
                                text x="100%" dx="-8" y=(px(TOP + y + 4.0)) text-anchor="end" { (label) }
                            }
                        }
                        svg.chart height=(height) role="img" aria-label={ (self.title) ": " (self.total) } {
                            @for (y, _) in axis.labels() {
                                line.grid x1="0" x2="100%" y1=(px(TOP + y)) y2=(px(TOP + y)) {}
                            }
                            (drawn)
                            (self.marks())
                            (self.times())
                        }
                    }
                    (legend)
                    details.unfold {
                        summary { small { (visit.text(VALUES)) span.visually-hidden { ": " (self.title) } } }
                        div.scroll { (table(visit, self.title, values)) }
                    }
                }
            }
        }
    }

    /// Where functions were changed. Numbers that would stand on each other stand together.
    fn marks(&self) -> Markup {
        let mut labels: Vec<(f64, usize, usize)> = Vec::new();
        let mut places = Vec::new();
        for (at, event) in self.events.iter().enumerate() {
            let Some(place) = self.bins.place(event.at_ms) else {
                continue;
            };
            places.push((place, event));
            match labels.last_mut() {
                Some((first, _, last)) if place - *first < LABEL_ROOM => *last = at + 1,
                _ => labels.push((place, at + 1, at + 1)),
            }
        }
        html! {
            @for (place, event) in places {
                line.event x1=(share(place)) x2=(share(place)) y1=(px(TOP - 4.0)) y2=(px(TOP + HEIGHT)) {
                    title { (event.event) ": " (event.detail) }
                }
            }
            @for (place, first, last) in labels {
                text.event-name x=(share(place)) y="9" text-anchor=(if place > 0.9 { "end" } else { "middle" }) {
                    @if first == last { (first) } @else { (first) "–" (last) }
                }
            }
        }
    }

    fn times(&self) -> Markup {
        let length = self.bins.length_ms();
        html! {
            @for (step, anchor) in [(0, "start"), (1, "middle"), (2, "middle"), (3, "end")] {
                @let at = self.bins.from_ms.saturating_add(length / 3 * step);
                text x=(share(step as f64 / 3.0)) y=(px(TOP + HEIGHT + 16.0)) text-anchor=(anchor) {
                    (show::on_axis(at, length))
                }
            }
        }
    }

    /// Where a bin's bar stands and how wide it is, leaving a little air.
    fn slot(&self, bin: usize) -> (f64, f64) {
        let width = 1.0 / self.bins.n.max(1) as f64;
        ((bin as f64 + 0.1) * width, width * 0.8)
    }
}

fn table(visit: &Visit, title: &str, values: &Values) -> Markup {
    html! {
        table {
            caption.visually-hidden { (title) }
            thead { tr {
                th scope="col" { (visit.text(TIME)) }
                @for column in &values.columns { th.number scope="col" { (column) } }
            } }
            tbody {
                @for (at, row) in &values.rows {
                    tr {
                        th scope="row" { (show::time(*at)) }
                        @for value in row { td.number { (value) } }
                    }
                }
            }
        }
    }
}

/// A share of the width: `12.5%`.
fn share(value: f64) -> String {
    format!("{:.3}%", value.clamp(0.0, 1.0) * 100.0)
}

/// Pixels with one digit.
fn px(value: f64) -> String {
    format!("{value:.1}")
}
