//! A paired comparison as one page: the verdict, one picture of both, the tables. No script, no other
//! file.

use maud::{Markup, html};

use super::rows::{self, AbRow};
use crate::{
    ab::{AbPart, AbResult},
    lang::{Text, current, texts},
    look::{
        Shape,
        chart::{ChartWords, Curve, CurveChart, part_bar},
    },
    report::{
        html::DocumentFrame,
        text::{capital, class_word, said},
        words::{INIT_TIME, LIMITS, RESPONSE_TIME},
    },
    stats::{Class, Latencies, Measure},
};

/// Styles of this page and of a comparison of two runs.
const STYLE: &str = include_str!("../compare/page.css");
/// The quantiles that are drawn.
const DRAWN: [f64; 12] = [
    0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99,
];

texts! {
    const;
    BOTH: "Both sides", "양쪽";
    FIGURES: "Figures", "지표";
    GROUNDS: "What the figures rest on", "수치의 근거";
    LOGARITHMIC: "logarithmic", "로그 눈금";
    PERCENTILE: "Percentile", "백분위수";
    NOT_MEASURED: "nothing was measured", "측정값 없음";
    VALUES: "Values", "값";
    MEANS: "Mean cold start of A and of B, by part", "A와 B의 평균 콜드 스타트(부분별)";
}

/// The page.
pub fn write(result: &AbResult, latencies: [&Latencies; 2]) -> String {
    let body = html! {
        main {
            header {
                p.crumb { "loadgen ab" }
                h1 { (rows::sentence(result)) }
                dl.pairs.sides {
                    @for (name, side) in [("A", &result.a), ("B", &result.b)] {
                        @let (target, run, rests_on) = rows::side(side);
                        dt { (name) }
                        dd { code { (target) } br; span.quiet { (rests_on) " · " (run) } }
                    }
                }
            }
            section.section aria-labelledby="both" {
                h2 id="both" { (BOTH) }
                (curves(result, latencies))
                (side_by_side(&result.parts))
            }
            (table("figures", FIGURES, rows::figures(result)))
            (table("parts", rows::PART, rows::parts(&result.parts)))
            (table("imports", rows::IMPORTS, rows::parts(&result.imports)))
            @let limits = rows::limits(result);
            @if !limits.is_empty() {
                section.section aria-labelledby="limits" {
                    h2 id="limits" { (LIMITS) }
                    ul.said { @for row in limits {
                        li { (Shape::from(row.look).drawn()) " " (row.name) ": " (row.outcome) }
                    } }
                }
            }
            section.section aria-labelledby="notes" {
                h2 id="notes" { (GROUNDS) }
                ul.notes { @for note in &result.notes { li { (note) } } }
                p.method { small { (result.method) } }
            }
        }
    };
    let title = format!("{} – {}", result.a.name, result.b.name);
    let frame = DocumentFrame {
        lang: current(),
        title: &title,
        class: "comparison",
        style: STYLE,
        made_by: html! {},
    };
    frame.around(&body).into_string() + "\n"
}

/// Both distributions of what decides.
fn curves(result: &AbResult, latencies: [&Latencies; 2]) -> Markup {
    let (measure, name) = match result.deciding.starts_with("init") {
        true => (Measure::Init, INIT_TIME),
        false => (Measure::Response, RESPONSE_TIME),
    };
    let class = match result.deciding.contains(".warm.") {
        true => Class::Warm,
        false => Class::Cold,
    };
    let curve = |(name, latencies): (&str, &Latencies)| {
        let histogram = latencies.get(measure, class)?;
        let point = |q: f64| (q, histogram.value_at_quantile(q) as f64 / 1e3);
        Some(Curve {
            name: name.to_owned(),
            points: DRAWN.map(point).to_vec(),
        })
    };
    let sides = ["A", "B"].into_iter().zip(latencies);
    let chart = CurveChart {
        title: &format!("{name}, {}", class_word(class)),
        said: LOGARITHMIC.to_string(),
        height: 220.0,
        curves: sides.filter_map(curve).collect(),
        gap: None,
        first: PERCENTILE.to(current()),
        show: |ms| said(Some(ms)),
        show_on_axis: |ms| said(Some(ms)),
        words: ChartWords {
            nothing: NOT_MEASURED.to(current()),
            values: VALUES.to(current()),
        },
    };
    html! { @if !chart.curves.is_empty() { (chart.figure()) } }
}

/// The mean parts of A and of B, on one scale.
fn side_by_side(parts: &[AbPart]) -> Markup {
    let most = parts.iter().map(|part| part.a_ms.max(part.b_ms));
    let most = most.fold(f64::MIN_POSITIVE, f64::max);
    html! {
        @if !parts.is_empty() {
            table.figures {
                caption { (MEANS) }
                tbody { @for part in parts { @for (name, ms) in [("A", part.a_ms), ("B", part.b_ms)] { tr {
                    th scope="row" { @if name == "A" { (part.part.word()) } }
                    td { (name) }
                    td { (part_bar(part.part, 0.0, ms / most)) }
                    td.number { (said(Some(ms))) }
                } } } }
            }
        }
    }
}

fn table(id: &str, heading: Text, rows: Vec<AbRow>) -> Markup {
    let heads = [rows::CHANGE, rows::BAND].map(|head| capital(&head.to_string()));
    let heads = ["A".to_owned(), "B".to_owned()].into_iter().chain(heads);
    let heads: Vec<String> = heads.collect();
    html! {
        @if !rows.is_empty() {
            section.section aria-labelledby=(id) {
                h2 id=(id) { (capital(&heading.to_string())) }
                div.scroll tabindex="0" role="region" aria-label=(heading) {
                    table.changes role="table" {
                        thead role="rowgroup" { tr role="row" {
                            th role="columnheader" scope="col" { }
                            @for head in &heads { th.number role="columnheader" scope="col" { (head) } }
                            th role="columnheader" scope="col" { (capital(&rows::FINDING.to_string())) }
                        } }
                        tbody role="rowgroup" { @for row in &rows { tr role="row" {
                            th role="rowheader" scope="row" { (row.name) }
                            @for (head, cell) in heads.iter().zip(&row.cells) {
                                td.number role="cell" data-label=(head) { (cell) }
                            }
                            td.finding role="cell" { (Shape::from(row.look).drawn()) " " (row.cells[4]) }
                        } } }
                    }
                }
            }
        }
    }
}
