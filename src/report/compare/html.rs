//! A comparison as one page: the verdict, the curves of both runs, the table. No script, no other
//! file.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{band, broken, change, class, could_show, figure, look, requests, untold};
use crate::{
    compare::{Comparison, Row, Side},
    look::{
        STYLESHEET, Shape,
        chart::{Axis, Chart, Curve, Words, curves},
    },
    report::text::{Look, said},
    scenario::Metric,
    stats::{Class, Measure},
};

/// What a page of ours may load: its own style, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The page.
pub fn write(compared: &Comparison, a: &Side, b: &Side) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { "loadgen: " (compared.a) " and " (compared.b) }
                style { (PreEscaped(STYLESHEET)) (PreEscaped(STYLE)) }
            }
            body {
                main.compare {
                    h1 { (compared.verdict) }
                    dl.sides {
                        @for (name, side) in [("A", a), ("B", b)] {
                            dt { (name) }
                            dd { (side.run.run_id) ", " (requests(&side.run)) }
                        }
                    }
                    @for limit in &compared.limits {
                        @let (look, text) = broken(limit);
                        p { (mark(look)) " " (text) }
                    }
                    @for gained in &compared.insights {
                        p {
                            (mark(if gained.gained { Look::Bad } else { Look::Good })) " Insight "
                            @if gained.gained { "gained: " } @else { "lost: " }
                            (gained.id) " of " (gained.function)
                        }
                    }
                    @for chart in charts(compared, a, b) { (chart) }
                    (table(&compared.rows))
                    ul {
                        @for note in untold(&compared.rows).iter().chain(&compared.notes) {
                            li { (note) }
                        }
                    }
                    p { small { (compared.method) } }
                }
            }
        }
    };
    page.into_string()
}

/// What the shared stylesheet does not have.
const STYLE: &str = "main.compare{max-width:60rem;margin:0 auto;padding:1.5rem 1rem}\
    .sides{display:grid;grid-template-columns:auto 1fr;gap:.25rem .75rem}.sides dd{margin:0}\
    .compare table{width:100%}.compare th,.compare td{padding:.25rem .5rem}\
    .compare .scroll{overflow-x:auto}";

fn mark(look: Look) -> Markup {
    let shape = match look {
        Look::Good => Shape::Met,
        Look::Bad => Shape::Error,
        Look::Caution => Shape::Throttled,
        _ => Shape::Unknown,
    };
    shape.drawn()
}

fn table(rows: &[Row]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="The figures of both runs" {
            table {
                thead { tr {
                    th scope="col" { "figure" }
                    @for head in ["A", "B", "change", "95 % band", "shows from", ""] {
                        th.number scope="col" { (head) }
                    }
                } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.metric) }
                            td.number { (figure(row, row.a)) }
                            td.number { (figure(row, row.b)) }
                            td.number { (change(row, row.change)) }
                            td.number { (band(row)) }
                            td.number { (could_show(row)) }
                            td { (mark(look(row))) " " (said_of(row)) }
                        }
                    }
                }
            }
        }
    }
}

fn said_of(row: &Row) -> &'static str {
    match look(row) {
        Look::Good => "less, beyond noise",
        Look::Bad => "more, beyond noise",
        Look::Caution => "differs by itself, not among all",
        _ if row.chance.is_none() => "cannot tell",
        _ => "no difference shown",
    }
}

/// Both runs' percentile curves, a chart for each class that is compared.
fn charts(compared: &Comparison, a: &Side, b: &Side) -> Vec<Markup> {
    let mut classes: Vec<(Measure, Class)> = Vec::new();
    for row in &compared.rows {
        if let (Ok(Metric::Latency(measure, class, _)), Some(_)) = (row.metric.parse(), class(row))
            && !classes.contains(&(measure, class))
        {
            classes.push((measure, class));
        }
    }
    let chart = |(measure, class): (Measure, Class)| {
        let drawn: Vec<Curve> = [("A", a), ("B", b)]
            .into_iter()
            .map(|(name, side)| Curve {
                name: name.to_owned(),
                points: side.curve(measure, class),
            })
            .filter(|curve| !curve.points.is_empty())
            .collect();
        let values = || {
            drawn
                .iter()
                .flat_map(|curve| &curve.points)
                .map(|(_, ms)| *ms)
        };
        let least = values().fold(f64::INFINITY, f64::min);
        let most = values().fold(0.0, f64::max);
        if !least.is_finite() || most <= 0.0 {
            return None;
        }
        let axis = Axis::logarithmic(180.0, least.max(1e-3), most, ms);
        let title = format!("{} time, {}, by percentile", measure.key(), class.key());
        let chart = Chart {
            title: &title,
            link: None,
            said: "logarithmic".to_owned(),
            top: 8.0,
            axis: &axis,
            across: Vec::new(),
            words: Words {
                nothing: "nothing was measured",
                values: "Values",
            },
        };
        Some(curves(chart, &drawn, None, "percentile", ms))
    };
    classes.into_iter().filter_map(chart).collect()
}

fn ms(value: f64) -> String {
    said(Some(value))
}
