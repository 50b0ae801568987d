//! Latency against percentile, on the axis known from HdrHistogram's plots: the rarer a request,
//! the farther to the right, so that the tail has enough room.

use maud::{Markup, html};

use crate::lang::{Percent, Value};

use super::{Anchor, Axis, Chart, ChartTable, ChartWords, Tick, WIDTH, px, share};

/// A latency distribution as a curve.
#[derive(Clone, Debug)]
pub struct Curve {
    /// The name of the distribution.
    pub name: String,
    /// Quantiles (0 to below 1, growing) with values, as far as the count supports them. Those of
    /// [`NAMED`] are in the table.
    pub points: Vec<(f64, f64)>,
}

/// The quantiles that have names. They are marked below the chart and listed in its table.
pub const NAMED: [f64; 8] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.999_99];

/// A chart of curves, distinguished by dashes as well as by colour.
#[derive(Debug)]
pub struct CurveChart<'a> {
    /// Its name.
    pub title: &'a str,
    /// The result in words.
    pub said: String,
    /// The height of the drawing area in pixels.
    pub height: f64,
    /// The curves; the first lies on top.
    pub curves: Vec<Curve>,
    /// The label of the area between the first two curves, which is shaded.
    pub gap: Option<&'a str>,
    /// The heading of the table's first column.
    pub first: &'a str,
    /// Formats a value.
    pub show: fn(f64) -> String,
    /// Formats a value beside the axis.
    pub show_on_axis: fn(f64) -> String,
    /// The words that every chart has.
    pub words: ChartWords,
}

impl CurveChart<'_> {
    /// The complete figure.
    pub fn figure(&self) -> Markup {
        let values = || self.points().map(|(_, value)| *value);
        let least = values().fold(f64::MAX, f64::min);
        let most = values().fold(0.0, f64::max);
        let axis = Axis::logarithmic(self.height, least, most, self.show_on_axis);
        let rarities = self.points().map(|(q, _)| rarity(*q));
        let last = rarities.fold(0.0, f64::max).max(0.1);
        let chart = Chart {
            title: self.title,
            said: self.said.clone(),
            top: 8.0,
            axis: &axis,
            across: ticks(last),
            words: self.words,
        };
        chart.figure(&self.drawn(&chart, last), &self.legend(), &self.table())
    }

    fn points(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.curves.iter().flat_map(|curve| &curve.points)
    }

    /// The label of the area between the first two curves, and both curves.
    fn shaded(&self) -> Option<(&str, &Curve, &Curve)> {
        match (self.gap, self.curves.as_slice()) {
            (Some(name), [one, other, ..]) => Some((name, one, other)),
            _ => None,
        }
    }

    /// `last` is the rarity at the right edge.
    fn drawn(&self, chart: &Chart<'_>, last: f64) -> Markup {
        let places = |curve: &Curve| -> Vec<String> {
            let place = |(q, value): &(f64, f64)| {
                let x = rarity(*q) / last * WIDTH;
                format!("{},{}", px(x), px(chart.axis.y(*value)))
            };
            curve.points.iter().map(place).collect()
        };
        let around = |one: &Curve, other: &Curve| {
            let back = places(other).into_iter().rev();
            let around: Vec<String> = places(one).into_iter().chain(back).collect();
            around.join(" ")
        };
        html! {
            @for tick in chart.across.iter().filter(|tick| tick.at > 0.0 && tick.at < 1.0) {
                @let x = share(tick.at);
                line.grid x1=(x) x2=(x) y1=(px(chart.top)) y2=(px(chart.top + chart.axis.height())) {}
            }
            (chart.stretched(&html! {
                @if let Some((_, one, other)) = self.shaded() {
                    polygon.gap points=(around(one, other)) {}
                }
                // The first lies on top: where curves coincide, it is visible.
                @for (place, curve) in self.curves.iter().enumerate().rev() {
                    polyline class={ "curve curve-" (place) } points=(places(curve).join(" ")) {}
                }
            }))
        }
    }

    fn legend(&self) -> Markup {
        html! {
            div.legend {
                @for (place, curve) in self.curves.iter().enumerate() {
                    span {
                        svg.sample width="22" height="8" aria-hidden="true" {
                            line class={ "curve curve-" (place) } x1="0" x2="22" y1="4" y2="4" {}
                        }
                        " " (curve.name)
                    }
                }
                @if let Some((name, ..)) = self.shaded() {
                    span {
                        svg.sample width="22" height="10" aria-hidden="true" { rect.gap width="22" height="10" {} }
                        " " (name)
                    }
                }
            }
        }
    }

    fn table(&self) -> ChartTable {
        let value = |curve: &Curve, named: f64| {
            let found = curve.points.iter().find(|(q, _)| *q == named);
            found.map_or_else(|| "–".to_owned(), |(_, value)| (self.show)(*value))
        };
        let row = |named: f64| {
            let values = self.curves.iter().map(|curve| value(curve, named));
            (html! { (percentile_said(named)) }, values.collect())
        };
        let has_point = |named: &f64| self.points().any(|(q, _)| q == named);
        let names = self.curves.iter().map(|curve| curve.name.clone());
        ChartTable {
            columns: std::iter::once(self.first.to_owned())
                .chain(names)
                .collect(),
            rows: NAMED.into_iter().filter(has_point).map(row).collect(),
        }
    }
}

/// How far to the right a quantile lies: the logarithm of 1/(1-q), 0 for q = 0.
fn rarity(quantile: f64) -> f64 {
    -(1.0 - quantile.clamp(0.0, 1.0 - 1e-9)).log10()
}

/// A quantile as a percentile, in the current language: `99.9 %`, in Korean `99.9%`.
pub fn percentile_said(quantile: f64) -> String {
    Value::from(Percent((quantile * 1e6).round() / 1e4)).to_string()
}

/// The share of the axis that a letter takes on a phone.
const LETTER: f64 = 0.022;

fn ticks(last: f64) -> Vec<Tick> {
    let mut ticks: Vec<Tick> = Vec::new();
    for quantile in [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.999_99, 0.999_999] {
        let at = rarity(quantile) / last;
        let text = percentile_said(quantile);
        let room = LETTER * text.len() as f64;
        let near = ticks.last().is_some_and(|tick| at - tick.at < room);
        if at > 1.0 || near {
            continue;
        }
        ticks.push(Tick {
            at,
            text,
            anchor: Anchor::at(at),
        });
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_nine_more_is_as_far_again() {
        for (quantile, place) in [(0.0, 0.0), (0.9, 1.0), (0.99, 2.0), (0.999, 3.0)] {
            assert!((rarity(quantile) - place).abs() < 1e-9, "{quantile}");
        }
        assert!(rarity(1.0).is_finite());
    }

    #[test]
    fn percentiles_keep_the_nines_that_tell_them_apart() {
        assert_eq!(percentile_said(0.5), "50 %");
        assert_eq!(percentile_said(0.999), "99.9 %");
        assert_eq!(percentile_said(0.999_99), "99.999 %");
    }
}
