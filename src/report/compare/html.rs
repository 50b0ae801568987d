//! A comparison as one page: the verdict, the curves of both sides, the tables. No script, no other
//! file.

use maud::{Markup, PreEscaped, html};

use super::rows::{ChangeRow, ChangeTable, ComparedSides, FINDING};
use crate::{
    ab::{AbPart, AbResult},
    compare::{Comparison, Side},
    lang::{Text, current, texts},
    look::{
        Shape,
        chart::{ChartWords, Curve, CurveChart, part_bar},
    },
    report::{
        html::DocumentFrame,
        rows::ReportRow,
        text::{Look, capital, class_word, said},
        words::{
            CONNECT_TIME, INIT_TIME, INSIGHTS, LIMITS, PERCENTILE, RESPONSE_TIME, SERVICE_TIME,
            VALUES,
        },
    },
    scenario::Metric,
    stats::{Class, Latencies, Measure},
};

/// The place of the band among the cells.
const BAND: usize = 3;
/// The quantiles that are drawn of pairs.
const DRAWN: [f64; 12] = [
    0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99,
];
/// No picture.
pub(super) const NONE: Markup = PreEscaped(String::new());

/// Styles of this page alone.
const STYLE: &str = include_str!("page.css");

/// The page, with pictures before the tables and behind them.
pub(super) fn write(compared: &ComparedSides, (before, behind): (Markup, Markup)) -> String {
    let [a, b] = &compared.sides;
    let body = html! {
        main {
            (head(compared))
            (sentences("limits", LIMITS, &compared.limits))
            (sentences("insights", INSIGHTS, &compared.insights))
            (before)
            @for table in &compared.tables { (section(table)) }
            (behind)
            section.section aria-labelledby="notes" {
                h2 id="notes" { (GROUNDS) }
                ul.notes { @for note in &compared.notes { li { (note) } } }
                p.method { small { (compared.method) } }
            }
        }
    };
    let frame = DocumentFrame {
        lang: current(),
        title: &both(&a.name, &b.name).to_string(),
        class: "comparison",
        style: STYLE,
        made_by: NONE,
    };
    frame.around(&body).into_string() + "\n"
}

fn head(compared: &ComparedSides) -> Markup {
    html! {
        header {
            p.crumb { (compared.command) }
            h1 { (compared.verdict) }
            dl.pairs.sides {
                @for (letter, side) in ["A", "B"].into_iter().zip(&compared.sides) {
                    dt { (letter) }
                    dd {
                        code { (side.name) }
                        br;
                        span.quiet { ([side.facts.as_slice(), &side.further].concat().join(" · ")) }
                    }
                }
            }
        }
    }
}

texts! {
    const;
    both(a: &str, b: &str): "{} and {}", "{0:과} {1}";
    BOTH: "Both sides", "양쪽";
    GROUNDS: "What the figures rest on", "수치의 근거";
    BY_PERCENTILE: "By percentile", "백분위수별";
    LOGARITHMIC: "logarithmic", "로그 눈금";
    NOT_MEASURED: "nothing was measured", "측정값 없음";
    MEANS: "Mean cold start of A and of B, by part", "A와 B의 평균 콜드 스타트(부분별)";
}

/// Rows as a name and an outcome in one sentence, under a heading.
fn sentences(id: &str, heading: Text, rows: &[ReportRow]) -> Markup {
    html! {
        @if !rows.is_empty() {
            section.section aria-labelledby=(id) {
                h2 id=(id) { (heading) }
                ul.said {
                    @for row in rows {
                        li { (Shape::from(row.look).before(&format!("{}: {}", row.name, row.outcome))) }
                    }
                }
            }
        }
    }
}

/// A table under its heading. On a telephone the rows become cards: labels name the cells, and the
/// roles keep it a table for screen readers.
fn section(table: &ChangeTable) -> Markup {
    let capital = |text: &Text| capital(&text.to_string());
    let heads: Vec<String> = table.columns.iter().map(capital).collect();
    html! {
        @if !table.rows.is_empty() {
            section.section aria-labelledby=(table.id) {
                h2 id=(table.id) { (capital(&table.heading)) }
                div.scroll tabindex="0" role="region" aria-label=(capital(&table.heading)) {
                    table.changes role="table" {
                        thead role="rowgroup" { tr role="row" {
                            th role="columnheader" scope="col" { (capital(&table.first)) }
                            @for head in &heads {
                                th.number role="columnheader" scope="col" { (head) }
                            }
                            th role="columnheader" scope="col" { (capital(&FINDING)) }
                        } }
                        tbody role="rowgroup" { @for row in &table.rows { (table_row(row, &heads)) } }
                    }
                }
            }
        }
    }
}

fn table_row(row: &ChangeRow, heads: &[String]) -> Markup {
    let class = row.class.and_then(Look::of).map(Shape::from);
    html! {
        tr role="row" {
            th role="rowheader" scope="row" {
                @match class { Some(class) => (class.before(&row.name)), None => (row.name) }
            }
            @for (place, (head, cell)) in heads.iter().zip(&row.cells).enumerate() {
                td.number.band[place == BAND] role="cell" data-label=(head) { (cell) }
            }
            td.finding.differs[row.differs] role="cell" {
                (Shape::from(row.look).before(&row.finding.to_string()))
            }
        }
    }
}

/// Both runs' percentile curves, a chart for each class that is compared.
pub(super) fn curves(compared: &Comparison, a: &Side, b: &Side) -> Markup {
    let mut classes: Vec<(Measure, Class)> = Vec::new();
    for row in &compared.rows {
        if let Ok(Metric::Latency(measure, class, _)) = row.metric.parse()
            && !classes.contains(&(measure, class))
        {
            classes.push((measure, class));
        }
    }
    let chart = |of: (Measure, Class)| chart(of, 180.0, [a, b].map(|side| side.curve(of.0, of.1)));
    let charts: Vec<Markup> = classes.into_iter().filter_map(chart).collect();
    html! {
        @if !charts.is_empty() {
            section.section aria-labelledby="percentiles" {
                h2 id="percentiles" { (BY_PERCENTILE) }
                div.curves { @for chart in charts { (chart) } }
            }
        }
    }
}

/// Both distributions of what decides, and the mean parts.
pub(super) fn picture(result: &AbResult, latencies: [&Latencies; 2]) -> Markup {
    let (measure, class) = match result.deciding.parse() {
        Ok(Metric::Latency(measure, class, _)) => (measure, class),
        _ => (Measure::Response, Class::Cold),
    };
    let points = |latencies: &Latencies| match latencies.get(measure, class) {
        Some(histogram) => DRAWN
            .map(|q| (q, histogram.value_at_quantile(q) as f64 / 1e3))
            .to_vec(),
        None => Vec::new(),
    };
    let chart = chart((measure, class), 220.0, latencies.map(points));
    html! {
        section.section aria-labelledby="both" {
            h2 id="both" { (BOTH) }
            @if let Some(chart) = chart { (chart) }
            (side_by_side(&result.parts))
        }
    }
}

/// The curves of A and of B; None where neither has one.
fn chart(
    (measure, class): (Measure, Class),
    height: f64,
    points: [Vec<(f64, f64)>; 2],
) -> Option<Markup> {
    let name = match measure {
        Measure::Response => RESPONSE_TIME,
        Measure::Service => SERVICE_TIME,
        Measure::Connect => CONNECT_TIME,
        Measure::Init => INIT_TIME,
    };
    let curves = ["A", "B"].into_iter().zip(points);
    let curves = curves.filter(|(_, points)| !points.is_empty());
    let curve = |(name, points): (&str, Vec<(f64, f64)>)| Curve {
        name: name.to_owned(),
        points,
    };
    let chart = CurveChart {
        title: &format!("{name}, {}", class_word(class)),
        said: LOGARITHMIC.to_string(),
        height,
        curves: curves.map(curve).collect(),
        gap: None,
        first: PERCENTILE.to(current()),
        show: |ms| said(Some(ms)),
        show_on_axis: |ms| said(Some(ms)),
        words: ChartWords {
            nothing: NOT_MEASURED.to(current()),
            values: VALUES.to(current()),
        },
    };
    (!chart.curves.is_empty()).then(|| chart.figure())
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
                    @if name == "A" { th scope="row" rowspan="2" { (part.part.word()) } }
                    td { (name) }
                    td { (part_bar(part.part, 0.0, ms / most)) }
                    td.number { (said(Some(ms))) }
                } } } }
            }
        }
    }
}
