//! A comparison as one page: the verdict, the curves of both runs, the table. No script, no other
//! file.

use maud::{Markup, html};

use super::rows::{self, FigureRow, requests};
use crate::{
    compare::{Comparison, Side},
    lang::Lang,
    look::chart::{ChartWords, Curve, CurveChart},
    record::{Run, TargetKind},
    report::{
        html::{DocumentFrame, clock, shape},
        rows::ReportRow,
        text::{Look, capital, said},
    },
    scenario::Metric,
    stats::{Class, Measure},
};

/// Styles of this page alone.
const STYLE: &str = include_str!("page.css");

/// The page.
pub fn write(compared: &Comparison, a: &Side, b: &Side) -> String {
    let body = html! {
        main {
            (head(compared, a, b))
            (sentences("limits", "Limits", &rows::limits(compared)))
            (sentences("insights", "Insights", &rows::insights(compared)))
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
    };
    let frame = DocumentFrame {
        lang: Lang::En,
        title: &format!("{} and {}", compared.a, compared.b),
        class: "comparison",
        style: STYLE,
        made_by: html! {},
    };
    frame.around(&body).into_string() + "\n"
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

/// Rows as a name and an outcome in one sentence, under a heading.
fn sentences(id: &str, heading: &str, rows: &[ReportRow]) -> Markup {
    html! {
        @if !rows.is_empty() {
            section.section aria-labelledby=(id) {
                h2 id=(id) { (heading) }
                ul.said {
                    @for row in rows {
                        li { (shape(row.look).drawn()) " " (row.name) ": " (row.outcome) }
                    }
                }
            }
        }
    }
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
                            th role="rowheader" scope="row" { (class_shape(row)) (row.metric) }
                            @for (head, cell) in heads.into_iter().zip(&row.cells) {
                                td.number.band[head == "95 % band"] role="cell" data-label=(head) { (cell) }
                            }
                            td.finding.differs[row.differs] role="cell" {
                                (shape(row.look).drawn()) " " (row.finding)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The shape of the class that a figure is about.
fn class_shape(row: &FigureRow) -> Markup {
    let look = row.class.and_then(Look::of);
    html! { @if let Some(look) = look { (shape(look).drawn()) " " } }
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
        let curves: Vec<Curve> = [("A", a), ("B", b)]
            .into_iter()
            .map(|(name, side)| Curve {
                name: name.to_owned(),
                points: side.curve(measure, class),
            })
            .filter(|curve| !curve.points.is_empty())
            .collect();
        let chart = CurveChart {
            title: &format!("{} time, {}", capital(measure.key()), class.key()),
            said: "logarithmic".to_owned(),
            height: 180.0,
            curves,
            gap: None,
            first: "Percentile",
            show: ms,
            show_on_axis: ms,
            words: ChartWords {
                nothing: "nothing was measured",
                values: "Values",
            },
        };
        (!chart.curves.is_empty()).then(|| chart.figure())
    };
    classes.into_iter().filter_map(chart).collect()
}

fn ms(value: f64) -> String {
    said(Some(value))
}
