//! Graphs over time: the charts of the look, with the time range and the changes of functions.

mod bars;
mod spreads;

use maud::{Markup, html};

pub(super) use crate::look::chart::BarLayer;
pub(super) use bars::{bars, limited};
pub(super) use spreads::spreads;

use super::{data::Bins, show, visit::Visit, words::*};
use crate::{
    look::chart::{Anchor, Axis, Chart, ChartTable, ChartWords, Tick, px, share},
    telemetry::store::DeploymentEvent,
};

/// The height of the drawing area, and the room above it for the marks of events.
const HEIGHT: f64 = 112.0;
const TOP: f64 = 16.0;
/// The steps of a time axis in milliseconds: those of a clock's face, then days and weeks.
const STEPS: [i64; 17] = [
    1_000,
    5_000,
    10_000,
    15_000,
    30_000,
    60_000,
    2 * 60_000,
    5 * 60_000,
    10 * 60_000,
    15 * 60_000,
    30 * 60_000,
    3_600_000,
    3 * 3_600_000,
    6 * 3_600_000,
    12 * 3_600_000,
    24 * 3_600_000,
    7 * 24 * 3_600_000,
];
/// How much of the width the number of an event needs.
const LABEL_ROOM: f64 = 0.05;

/// What every graph has.
pub(super) struct Graph<'a> {
    /// Its name.
    pub(super) title: &'a str,
    /// What it comes to, in words.
    pub(super) total: String,
    /// The time axis.
    pub(super) bins: &'a Bins,
    /// Changes of functions, marked by their number in the list.
    pub(super) events: &'a [DeploymentEvent],
}

/// A table of what a graph shows: names of columns, then rows of time and values.
struct Values {
    columns: Vec<String>,
    rows: Vec<(i64, Vec<String>)>,
}

/// Graphs over one time axis: the script draws a line at the pointer through all of them, and what
/// is dragged over becomes the page's time range. `events` are the changes that they mark.
pub(super) fn together(
    visit: &Visit,
    bins: &Bins,
    events: &[DeploymentEvent],
    graphs: &Markup,
) -> Markup {
    let within = |at_ms: i64| bins.place(at_ms).is_some();
    let runs = visit.runs.iter().any(|run| within(run.began_ms));
    let changes = events.iter().any(|event| within(event.at_ms));
    html! {
        div.charts data-from=(bins.from_ms) data-length=(bins.length_ms()) { (graphs) }
        @if runs || changes {
            p.legend.quiet {
                @if runs { span { "▸ " (visit.text(RUN_MARK)) } }
                @if changes { span { "1, 2 … " (visit.text(CHANGE_MARK)) } }
            }
        }
    }
}

impl Graph<'_> {
    fn chart<'c>(&'c self, visit: &Visit, axis: &'c Axis) -> Chart<'c> {
        Chart {
            title: self.title,
            said: self.total.clone(),
            top: TOP,
            axis,
            across: self.times(),
            words: ChartWords {
                nothing: visit.text(NOTHING_HERE),
                values: visit.text(VALUES),
            },
        }
    }

    fn figure(
        &self,
        visit: &Visit,
        axis: &Axis,
        drawn: &Markup,
        legend: &Markup,
        values: Values,
    ) -> Markup {
        let table = ChartTable {
            columns: std::iter::once(visit.text(TIME).to_owned())
                .chain(values.columns)
                .collect(),
            rows: values
                .rows
                .into_iter()
                .map(|(at, row)| (show::time(at), row))
                .collect(),
        };
        let drawn = html! { (drawn) (self.marks(visit)) };
        self.chart(visit, axis).figure(&drawn, legend, &table)
    }

    /// Marks where functions were changed and where runs began. Numbers that would overlap are
    /// joined.
    fn marks(&self, visit: &Visit) -> Markup {
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
            @for run in &visit.runs {
                @if let Some(place) = self.bins.place(run.began_ms) {
                    line.run x1=(share(place)) x2=(share(place)) y1=(px(TOP - 4.0)) y2=(px(TOP + HEIGHT)) {
                        title { (say(RUN_BEGAN, visit.lang, &[show::cut(&run.id, 100)])) }
                    }
                    text.event-name x=(share(place)) y="9" { "▸" }
                }
            }
            @for (place, event) in places {
                line.event x1=(share(place)) x2=(share(place)) y1=(px(TOP - 4.0)) y2=(px(TOP + HEIGHT)) {
                    title { (show::cut(&event.event, 100)) ": " (show::cut(&event.detail, 300)) }
                }
            }
            @for (place, first, last) in labels {
                text.event-name x=(share(place)) y="9" text-anchor=(if place > 0.9 { "end" } else { "middle" }) {
                    @if first == last { (first) } @else { (first) "–" (last) }
                }
            }
        }
    }

    /// At most five round times.
    fn times(&self) -> Vec<Tick> {
        let (from, length) = (self.bins.from_ms, self.bins.length_ms());
        let step = STEPS
            .into_iter()
            .find(|step| length / step <= 5)
            .unwrap_or(length / 5 + 1);
        let first = from.saturating_add(step - 1).div_euclid(step);
        (0..=5)
            .map(|place| first.saturating_add(place).saturating_mul(step))
            .filter_map(|at| Some((at, self.bins.place(at)?)))
            .map(|(at, place)| Tick {
                at: place,
                text: show::on_axis(at, length),
                anchor: Anchor::at(place),
            })
            .collect()
    }

    /// Where a bin's bar stands and how wide it is, leaving a little air.
    fn slot(&self, bin: usize) -> (f64, f64) {
        let width = 1.0 / self.bins.n.max(1) as f64;
        ((bin as f64 + 0.1) * width, width * 0.8)
    }
}
