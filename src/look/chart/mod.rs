//! Charts drawn as SVG, without a script. Widths are shares of the available room; heights are
//! pixels. Every chart also has a sentence that describes it, and a table of its values.

mod axis;
mod bars;
mod curves;
mod parts;

use maud::{Markup, html};

pub use axis::{Axis, log_marks, log_place};
pub use bars::{BarLayer, BarSlot, bars, tallest};
pub use curves::{Curve, CurveChart, NAMED, percentile_said};
pub use parts::part_bar;

/// The frame of a chart.
#[derive(Debug)]
pub struct Chart<'a> {
    /// Its name.
    pub title: &'a str,
    /// The result in words.
    pub said: String,
    /// Room above the drawing area in pixels, for labels of marks.
    pub top: f64,
    /// The height of the drawing area in pixels: that of the vertical axis.
    pub axis: &'a Axis,
    /// The texts below.
    pub across: Vec<Tick>,
    /// The chart's words in the reader's language.
    pub words: ChartWords,
}

/// Room below the drawing area in pixels, for one line of text.
const BELOW: f64 = 22.0;

/// A text below a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The position, from 0 to 1.
    pub at: f64,
    /// The text.
    pub text: String,
    /// Which part of the text is at the position.
    pub anchor: Anchor,
}

/// Which part of a text is at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    /// That of a label at a place from 0 to 1: what stands near an end stays inside of it.
    pub fn at(place: f64) -> Anchor {
        match place {
            ..0.04 => Anchor::Start,
            ..0.94 => Anchor::Middle,
            _ => Anchor::End,
        }
    }

    /// As SVG names it.
    pub fn key(self) -> &'static str {
        match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        }
    }
}

/// The words that every chart has.
#[derive(Clone, Copy, Debug)]
pub struct ChartWords {
    /// Shown if there is nothing to draw.
    pub nothing: &'static str,
    /// The label that opens the table of values.
    pub values: &'static str,
}

/// A table of what a chart shows.
#[derive(Clone, Debug, Default)]
pub struct ChartTable {
    /// Names of the columns; the first names the rows.
    pub columns: Vec<String>,
    /// Rows: what each is, and its values.
    pub rows: Vec<(Markup, Vec<String>)>,
}

impl Chart<'_> {
    /// The complete figure: caption, drawing, legend, table. `drawn` lies in a box of the frame's
    /// width, its drawing area [`Chart::top`] below the upper edge.
    pub fn figure(&self, drawn: &Markup, legend: &Markup, table: &ChartTable) -> Markup {
        let height = self.top + self.axis.height() + BELOW;
        html! {
            figure {
                figcaption {
                    span.title { (self.title) }
                    span.total { (self.said) }
                }
                @if table.rows.is_empty() {
                    div.empty-chart { (self.words.nothing) }
                } @else {
                    div.plot {
                        svg.chart height=(height) aria-hidden="true" {
                            @for (y, label) in self.axis.labels() {
                                text x="100%" dx="-8" y=(px(self.top + y + 4.0)) text-anchor="end" { (label) }
                            }
                        }
                        svg.chart height=(height) role="img" aria-label={ (self.title) ": " (self.said) } {
                            @for (y, _) in self.axis.labels() {
                                line.grid x1="0" x2="100%" y1=(px(self.top + y)) y2=(px(self.top + y)) {}
                            }
                            (drawn)
                            @for tick in &self.across {
                                text x=(share(tick.at)) y=(px(height - 6.0)) text-anchor=(tick.anchor.key()) { (tick.text) }
                            }
                        }
                    }
                    (legend)
                    details.unfold {
                        summary { small { (self.words.values) span.visually-hidden { ": " (self.title) } } }
                        div.scroll tabindex="0" role="region" aria-label={ (self.words.values) ": " (self.title) } {
                            (self.table(table))
                        }
                    }
                }
            }
        }
    }

    /// `drawn` in a box of [`WIDTH`] by the height of the axis, stretched to the available room:
    /// lines and areas.
    pub fn stretched(&self, drawn: &Markup) -> Markup {
        let height = px(self.axis.height());
        html! {
            svg.stretched y=(px(self.top)) width="100%" height=(height) viewBox={ "0 0 1000 " (height) } preserveAspectRatio="none" {
                (drawn)
            }
        }
    }

    fn table(&self, table: &ChartTable) -> Markup {
        html! {
            table {
                caption.visually-hidden { (self.title) }
                thead { tr {
                    @for (place, column) in table.columns.iter().enumerate() {
                        th.number[place > 0] scope="col" { (column) }
                    }
                } }
                tbody {
                    @for (name, row) in &table.rows {
                        tr {
                            th scope="row" { (name) }
                            @for value in row { td.number { (value) } }
                        }
                    }
                }
            }
        }
    }
}

/// The width of the box that [`Chart::stretched`] draws in.
pub const WIDTH: f64 = 1_000.0;

/// A share of the width: `12.5%`.
pub fn share(value: f64) -> String {
    let percent = format!("{:.2}", value.clamp(0.0, 1.0) * 100.0);
    format!("{}%", percent.trim_end_matches('0').trim_end_matches('.'))
}

/// Pixels with at most one digit behind the point.
pub fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_shortly() {
        assert_eq!(share(0.125), "12.5%");
        assert_eq!(share(f64::NAN.max(0.0)), "0%");
        assert_eq!(share(7.0), "100%");
        assert_eq!(px(16.04), "16");
        assert_eq!(px(16.25), "16.2");
    }
}
