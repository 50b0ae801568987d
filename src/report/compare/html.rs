//! A comparison as one page: the verdict, the curves of both runs, the table. No script, no other
//! file.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::rows::{self, FigureRow, requests};
use crate::{
    compare::{Comparison, Side},
    look::{
        STYLESHEET, Shape,
        chart::{Axis, Chart, ChartWords, Curve, curves},
    },
    record::{Run, TargetKind},
    report::{
        html::{clock, icon, policy},
        text::{Look, said},
    },
    scenario::Metric,
    stats::{Class, Measure},
};

/// Styles of this page alone.
const STYLE: &str = include_str!("page.css");

/// The page.
pub fn write(compared: &Comparison, a: &Side, b: &Side) -> String {
    let style = format!("{STYLESHEET}\n{STYLE}");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(&style));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (compared.a) " and " (compared.b) " · loadgen" }
                link rel="icon" type="image/svg+xml" href=(icon());
                style { (PreEscaped(&style)) }
            }
            body.comparison {
                main {
                    (head(compared, a, b))
                    (limits(compared))
                    (insights(compared))
                    section.section aria-labelledby="figures" {
                        h2 id="figures" { "Figures" }
                        (table(&rows::figures(compared)))
                    }
                    (percentiles(compared, a, b))
                    section.section aria-labelledby="notes" {
                        h2 id="notes" { "What the figures rest on" }
                        ul.notes {
                            @for note in rows::notes(compared) {
                                li { (note) }
                            }
                        }
                        p.method { small { (compared.method) } }
                    }
                }
            }
        }
    };
    page.into_string() + "\n"
}

fn head(compared: &Comparison, a: &Side, b: &Side) -> Markup {
    html! {
        header {
            p.crumb { "loadgen compare" }
            h1 { (compared.verdict) }
            dl.pairs.sides {
                @for (name, side) in [("A", a), ("B", b)] {
                    dt { (name) }
                    dd {
                        code { (side.run.run_id) }
                        br;
                        span.quiet {
                            (requests(&side.run)) " · " (place(&side.run)) " · "
                            (clock(side.run.started_at))
                        }
                    }
                }
            }
        }
    }
}

/// Where a run's requests went.
fn place(run: &Run) -> &str {
    match (run.simulated, run.target.kind) {
        (true, _) => "the model in virtual time (simulated)",
        (false, TargetKind::Sandbox) => "a loadgen sandbox (simulated Lambda)",
        (false, _) => &run.target.url,
    }
}

fn limits(compared: &Comparison) -> Markup {
    html! {
        @if !compared.limits.is_empty() {
            section.section aria-labelledby="limits" {
                h2 id="limits" { "Limits" }
                ul.said {
                    @for limit in rows::limits(compared) {
                        li { (mark(limit.look)) " " (limit.name) ": " (limit.outcome) }
                    }
                }
            }
        }
    }
}

fn insights(compared: &Comparison) -> Markup {
    html! {
        @if !compared.insights.is_empty() {
            section.section aria-labelledby="insights" {
                h2 id="insights" { "Insights" }
                ul.said {
                    @for insight in rows::insights(compared) {
                        li { (mark(insight.look)) " " strong { (insight.name) } ", " (insight.outcome) }
                    }
                }
            }
        }
    }
}

fn mark(look: Look) -> Markup {
    let shape = match look {
        Look::Good => Shape::Met,
        Look::Bad => Shape::Error,
        Look::Caution => Shape::Throttled,
        _ => Shape::Unknown,
    };
    shape.drawn()
}

/// The figures. On a telephone the rows become cards: labels name the cells, and the roles keep it a
/// table for screen readers.
fn table(rows: &[FigureRow]) -> Markup {
    let heads = ["A", "B", "Change", "95 % band", "Shows from"];
    html! {
        div.scroll tabindex="0" role="region" aria-label="The figures of both runs" {
            table.changes role="table" {
                thead role="rowgroup" { tr role="row" {
                    th role="columnheader" scope="col" { "Figure" }
                    @for head in heads {
                        th.number role="columnheader" scope="col" { (head) }
                    }
                    th role="columnheader" scope="col" { "Finding" }
                } }
                tbody role="rowgroup" {
                    @for row in rows {
                        tr role="row" {
                            th role="rowheader" scope="row" { (shape(row)) (row.metric) }
                            @for (head, cell) in heads.into_iter().zip(&row.cells) {
                                td.number.band[head == "95 % band"] role="cell" data-label=(head) { (cell) }
                            }
                            td.finding.differs[row.differs] role="cell" {
                                (mark(row.look)) " " (row.finding)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The shape of the class that a figure is about.
fn shape(row: &FigureRow) -> Markup {
    let shape = match row.class {
        Some(Class::Cold) => Shape::Cold,
        Some(Class::Warm) => Shape::Warm,
        Some(Class::Unknown) => Shape::Unknown,
        _ => return html! {},
    };
    html! { (shape.drawn()) " " }
}

fn percentiles(compared: &Comparison, a: &Side, b: &Side) -> Markup {
    let charts = charts(compared, a, b);
    html! {
        @if !charts.is_empty() {
            section.section aria-labelledby="percentiles" {
                h2 id="percentiles" { "By percentile" }
                div.curves { @for chart in charts { (chart) } }
            }
        }
    }
}

/// Both runs' percentile curves, a chart for each class that is compared.
fn charts(compared: &Comparison, a: &Side, b: &Side) -> Vec<Markup> {
    let mut classes: Vec<(Measure, Class)> = Vec::new();
    for row in &compared.rows {
        if let Ok(Metric::Latency(measure, class, _)) = row.metric.parse()
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
        let measure = match measure {
            Measure::Response => "Response",
            Measure::Service => "Service",
            Measure::Connect => "Connect",
            Measure::Init => "Init",
        };
        let title = format!("{measure} time, {}", class.key());
        let chart = Chart {
            title: &title,
            link: None,
            said: "logarithmic".to_owned(),
            top: 8.0,
            axis: &axis,
            across: Vec::new(),
            words: ChartWords {
                nothing: "nothing was measured",
                values: "Values",
            },
        };
        Some(curves(chart, &drawn, None, "Percentile", ms))
    };
    classes.into_iter().filter_map(chart).collect()
}

fn ms(value: f64) -> String {
    said(Some(value))
}
