//! A comparison as one page: the verdict, the curves of both runs, the table. No script, no other
//! file.

use maud::{Markup, html};

use super::rows::{self, COLUMNS, FigureRow, requests};
use crate::{
    compare::{Comparison, Side},
    lang::{Text, current, texts},
    look::{
        Shape,
        chart::{ChartWords, Curve, CurveChart},
    },
    record::{Run, TargetKind},
    report::{
        html::{DocumentFrame, clock},
        rows::ReportRow,
        text::{Look, capital, class_word, said},
        words::{CONNECT_TIME, INIT_TIME, INSIGHTS, LIMITS, RESPONSE_TIME, SERVICE_TIME},
    },
    scenario::Metric,
    stats::{Class, Measure},
};

/// The place of the band among [`COLUMNS`].
const BAND: usize = 3;

/// Styles of this page alone.
const STYLE: &str = include_str!("page.css");

/// The page.
pub fn write(compared: &Comparison, a: &Side, b: &Side) -> String {
    let body = html! {
        main {
            (head(compared, a, b))
            (sentences("limits", LIMITS, &rows::limits(compared)))
            (sentences("insights", INSIGHTS, &rows::insights(compared)))
            section.section aria-labelledby="figures" {
                h2 id="figures" { (FIGURES) }
                (table(&rows::figures(compared)))
            }
            (percentiles(compared, a, b))
            section.section aria-labelledby="notes" {
                h2 id="notes" { (GROUNDS) }
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
        lang: current(),
        title: &both(&compared.a, &compared.b).to_string(),
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
fn place(run: &Run) -> String {
    match (run.simulated, run.target.kind) {
        (true, _) => MODEL.to_string(),
        (false, TargetKind::Sandbox) => SANDBOX.to_string(),
        (false, _) => run.target.url.clone(),
    }
}

texts! {
    const;
    both(a: &str, b: &str): "{} and {}", "{0:과} {1}";
    FIGURES: "Figures", "지표";
    FIGURE: "Figure", "지표";
    FINDING: "Finding", "판정";
    GROUNDS: "What the figures rest on", "수치의 근거";
    MODEL: "the model in virtual time (simulated)", "가상 시간의 모델(시뮬레이션)";
    SANDBOX: "a loadgen sandbox (simulated Lambda)", "loadgen 샌드박스(시뮬레이션된 Lambda)";
    BOTH_RUNS: "The figures of both runs", "두 실행의 지표";
    BY_PERCENTILE: "By percentile", "백분위수별";
    PERCENTILE: "Percentile", "백분위수";
    LOGARITHMIC: "logarithmic", "로그 눈금";
    NOT_MEASURED: "nothing was measured", "측정값 없음";
    VALUES: "Values", "값";
}

/// Rows as a name and an outcome in one sentence, under a heading.
fn sentences(id: &str, heading: Text, rows: &[ReportRow]) -> Markup {
    html! {
        @if !rows.is_empty() {
            section.section aria-labelledby=(id) {
                h2 id=(id) { (heading) }
                ul.said {
                    @for row in rows {
                        li { (Shape::from(row.look).drawn()) " " (row.name) ": " (row.outcome) }
                    }
                }
            }
        }
    }
}

/// The figures. On a telephone the rows become cards: labels name the cells, and the roles keep it a
/// table for screen readers.
fn table(rows: &[FigureRow]) -> Markup {
    let heads = COLUMNS.map(|name| capital(&name.to_string()));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(BOTH_RUNS) {
            table.changes role="table" {
                thead role="rowgroup" { tr role="row" {
                    th role="columnheader" scope="col" { (FIGURE) }
                    @for head in &heads {
                        th.number role="columnheader" scope="col" { (head) }
                    }
                    th role="columnheader" scope="col" { (FINDING) }
                } }
                tbody role="rowgroup" {
                    @for row in rows {
                        tr role="row" {
                            th role="rowheader" scope="row" { (class_shape(row)) (row.metric) }
                            @for (place, (head, cell)) in heads.iter().zip(&row.cells).enumerate() {
                                td.number.band[place == BAND] role="cell" data-label=(head) { (cell) }
                            }
                            td.finding.differs[row.differs] role="cell" {
                                (Shape::from(row.look).drawn()) " " (row.finding)
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
    html! { @if let Some(look) = look { (Shape::from(look).drawn()) " " } }
}

fn percentiles(compared: &Comparison, a: &Side, b: &Side) -> Markup {
    let charts = charts(compared, a, b);
    html! {
        @if !charts.is_empty() {
            section.section aria-labelledby="percentiles" {
                h2 id="percentiles" { (BY_PERCENTILE) }
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
            title: &format!("{}, {}", measure_word(measure), class_word(class)),
            said: LOGARITHMIC.to_string(),
            height: 180.0,
            curves,
            gap: None,
            first: PERCENTILE.to(current()),
            show: ms,
            show_on_axis: ms,
            words: ChartWords {
                nothing: NOT_MEASURED.to(current()),
                values: VALUES.to(current()),
            },
        };
        (!chart.curves.is_empty()).then(|| chart.figure())
    };
    classes.into_iter().filter_map(chart).collect()
}

fn measure_word(measure: Measure) -> Text {
    match measure {
        Measure::Response => RESPONSE_TIME,
        Measure::Service => SERVICE_TIME,
        Measure::Connect => CONNECT_TIME,
        Measure::Init => INIT_TIME,
    }
}

fn ms(value: f64) -> String {
    said(Some(value))
}
