//! Latency against percentile, on the axis that HdrHistogram's plots made customary: as far to
//! the right as one request in so many is rare, so that the tail has the room it needs.

use maud::{Markup, html};

use super::{Anchor, Chart, ChartTable, Tick, WIDTH, px};

/// A latency distribution as a curve.
#[derive(Clone, Debug)]
pub struct Curve {
    /// What it is the distribution of.
    pub name: String,
    /// Quantiles (0 to below 1, growing) with values, as far as the count supports them; those of
    /// [`NAMED`] stand in the table.
    pub points: Vec<(f64, f64)>,
}

/// The quantiles that have names: they are marked below the chart and stand in its table.
pub const NAMED: [f64; 8] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.999_99];

/// A chart of curves, told apart by dashes as well as by colour. `gap` names the room between the
/// first two and shades it; `first` names the table's rows.
pub fn curves(
    mut chart: Chart<'_>,
    curves: &[Curve],
    gap: Option<&str>,
    first: &str,
    show: fn(f64) -> String,
) -> Markup {
    let quantiles = || curves.iter().flat_map(|curve| &curve.points);
    let last = quantiles()
        .map(|(q, _)| rarity(*q))
        .fold(0.0, f64::max)
        .max(0.1);
    chart.across = ticks(last);
    let path = |curve: &Curve, back: bool| {
        let mut points: Vec<String> = curve
            .points
            .iter()
            .map(|(q, value)| {
                let x = rarity(*q) / last * WIDTH;
                format!("{},{}", px(x), px(chart.axis.y(*value)))
            })
            .collect();
        if back {
            points.reverse();
        }
        points.join(" ")
    };
    let shaded = match (gap, curves) {
        (Some(name), [one, other, ..]) => Some((name, one, other)),
        _ => None,
    };
    let drawn = html! {
        @for tick in chart.across.iter().filter(|tick| tick.at > 0.0 && tick.at < 1.0) {
            @let x = super::share(tick.at);
            line.grid x1=(x) x2=(x) y1=(px(chart.top)) y2=(px(chart.top + chart.axis.height())) {}
        }
        (chart.stretched(&html! {
            @if let Some((_, one, other)) = shaded {
                polygon.gap points={ (path(one, false)) " " (path(other, true)) } {}
            }
            // The first lies on top: where both agree it is the one that is seen.
            @for (place, curve) in curves.iter().enumerate().rev() {
                polyline class={ "curve curve-" (place) } points=(path(curve, false)) {}
            }
        }))
    };
    let legend = html! {
        div.legend {
            @for (place, curve) in curves.iter().enumerate() {
                span {
                    svg.sample width="22" height="8" aria-hidden="true" {
                        line class={ "curve curve-" (place) } x1="0" x2="22" y1="4" y2="4" {}
                    }
                    " " (curve.name)
                }
            }
            @if let Some((name, ..)) = shaded {
                span {
                    svg.sample width="22" height="10" aria-hidden="true" { rect.gap width="22" height="10" {} }
                    " " (name)
                }
            }
        }
    };
    let table = ChartTable {
        columns: std::iter::once(first.to_owned())
            .chain(curves.iter().map(|curve| curve.name.clone()))
            .collect(),
        rows: NAMED
            .into_iter()
            .filter(|named| quantiles().any(|(q, _)| q == named))
            .map(|named| {
                let values = curves
                    .iter()
                    .map(|curve| {
                        let found = curve.points.iter().find(|(q, _)| *q == named);
                        found.map_or_else(|| "–".to_owned(), |(_, value)| show(*value))
                    })
                    .collect();
                (html! { (percentile_said(named)) }, values)
            })
            .collect(),
    };
    chart.figure(&drawn, &legend, &table)
}

/// How far to the right a quantile lies: the logarithm of 1/(1-q), 0 for q = 0.
fn rarity(quantile: f64) -> f64 {
    -(1.0 - quantile.clamp(0.0, 1.0 - 1e-9)).log10()
}

/// A quantile as a percentile: `99.9 %`.
pub fn percentile_said(quantile: f64) -> String {
    let percent = format!("{:.4}", quantile * 100.0);
    format!("{} %", percent.trim_end_matches('0').trim_end_matches('.'))
}

/// The share of the axis that a letter takes on a telephone.
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
            anchor: match at {
                at if at < 0.04 => Anchor::Start,
                at if at > 0.93 => Anchor::End,
                _ => Anchor::Middle,
            },
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
