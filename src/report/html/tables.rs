//! What stands below the charts as tables: latencies, the slowest requests, limits, the plan.

use maud::{Markup, html};

use super::{page::ReportPage, points::took_us, show, words::*};
use crate::{
    insight::MonitorDemand,
    lang::{Text, current},
    look::{Shape, heads},
    record::{Run, Verdict},
    report::{
        figure_said,
        functions::{part_headings, part_tables},
        interval::interval,
        limit_said,
        run_rows::{LatencyRow, latencies, why_no_value},
        text::Look,
        words::{MONITORS, MUST_ALERT, MUST_BE_OK},
    },
    sample::Sample,
    stats::{Class, Measure},
};

/// Each named request and each flow, where a run has several.
pub fn parts(page: &ReportPage<'_>) -> Markup {
    html! {
        @for (name, rows) in part_tables(page.run) {
            section.section {
                h2 { (page.text(name)) }
                div.scroll tabindex="0" role="region" aria-label=(page.text(name)) {
                    table.figures {
                        @let numbers = part_headings().into_iter().map(|head| (head, true));
                        (heads([(name.to_string(), false)].into_iter().chain(numbers)))
                        tbody {
                            @for row in rows {
                                tr {
                                    th scope="row" { code { (row.name) } }
                                    @for cell in row.cells { td.number { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The latency table of response and service time.
pub fn latency_section(page: &ReportPage<'_>) -> Markup {
    let measures = [
        (Measure::Response, RESPONSE_TIME, RESPONSE_FROM),
        (Measure::Service, SERVICE_TIME, SERVICE_FROM),
    ];
    let connect = page.run.latency(Measure::Connect, Class::All);
    html! {
        @if measures.iter().any(|(measure, ..)| page.run.latency(*measure, Class::All).n > 0) {
            section.section aria-labelledby="latencies-title" {
                h2 id="latencies-title" { (page.text(LATENCIES)) }
                @for (measure, name, from) in measures {
                    @if page.run.latency(measure, Class::All).n > 0 {
                        (latency_table(page, measure, name, from))
                    }
                }
                p.quiet { small {
                    (page.text(NEEDS)) " " (page.text(INTERVALS))
                    @if connect.n > 0 {
                        " " (connected(connect.n, page.run.requests.sent, show::ms(connect.max))) "."
                    }
                } }
            }
        }
    }
}

fn latency_table(page: &ReportPage<'_>, measure: Measure, name: Text, from: Text) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(page.text(name)) {
            table.figures {
                caption { (page.text(name)) " " span.quiet { (page.text(from)) } }
                @let [n, min, max] = [N, MIN, MAX].map(|head| page.text(head));
                @let numbers = [n, min, "p50", "p90", "p95", "p99", "p99.9", max].map(|head| (head, true));
                (heads([(page.text(CLASS), false)].into_iter().chain(numbers)))
                tbody {
                    @for row in latencies(page.run, measure) {
                        @let LatencyRow { class, summary } = row;
                        tr {
                            th scope="row" { (class_word(class)) }
                            td.number { (show::count(summary.n)) }
                            td.number { (show::ms(summary.min)) }
                            @for percentile in row.percentiles() {
                                td.number {
                                    (show::ms(percentile.ms))
                                    @if let (Some(ms), Some(bounds)) = (percentile.ms, percentile.bounds) {
                                        small.interval { (interval(ms, bounds).0) }
                                    }
                                }
                            }
                            td.number { (show::ms(summary.max)) }
                        }
                    }
                }
            }
        }
    }
}

fn class_word(class: Class) -> Markup {
    match Look::of(class) {
        Some(look) => Shape::from(look).with_word(current()),
        None => html! { (ALL) },
    }
}

/// The slowest requests one by one, folded away.
pub fn slowest(page: &ReportPage<'_>) -> Markup {
    html! {
        @if !page.points.slowest.is_empty() {
            details.unfold {
                summary { small { (page.text(SLOWEST)) } }
                div.scroll tabindex="0" role="region" aria-label=(page.text(SLOWEST)) {
                    table {
                        caption.visually-hidden { (page.text(SLOWEST)) }
                        (heads([DUE, PHASE, TOOK, CLASS, ANSWER, TRACE_ID].map(|head| (head, head == TOOK))))
                        tbody { @for sample in &page.points.slowest { (slow(page, sample)) } }
                    }
                }
            }
        }
    }
}

fn slow(page: &ReportPage<'_>, sample: &Sample) -> Markup {
    let at = sample.planned_us.or(sample.sent_us).unwrap_or(0);
    let shape = Shape::from(Look::from(sample.temperature));
    html! {
        tr {
            th scope="row" { (show::moment(at, true)) }
            td { (page.phase_name(sample.step)) }
            td.number { (took_us(sample).map_or_else(|| "–".to_owned(), show::micros)) }
            td { (shape.with_word(page.lang)) }
            td { @if let Some(status) = sample.status { (status) " " } (page.text(sample.outcome.word())) }
            td { @if let Some(id) = &sample.trace_id { code { (id) } } }
        }
    }
}

/// The outcome of each monitor that the scenario names.
pub fn monitors(page: &ReportPage<'_>) -> Markup {
    html! {
        @if !page.run.monitors.is_empty() {
            section.section aria-labelledby="monitors-title" {
                h2 id="monitors-title" { (page.text(MONITORS)) }
                dl.pairs {
                    @for finding in &page.run.monitors {
                        @let shape = match finding.verdict {
                            Verdict::Seen | Verdict::Absent | Verdict::AlsoSeen => Shape::Met,
                            Verdict::Missing | Verdict::Unexpected => Shape::Error,
                            Verdict::NotSeenYet | Verdict::CannotTell => Shape::Unknown,
                        };
                        @let must = match finding.expected {
                            MonitorDemand::Alert => MUST_ALERT,
                            MonitorDemand::Ok => MUST_BE_OK,
                        };
                        @let (lang, why) = page.kept(&finding.reason);
                        dt { (shape.beside(page.text(must))) }
                        dd { code { (finding.monitor) } br; span.quiet lang=[lang] { (why) } }
                    }
                }
            }
        }
    }
}

/// The outcome of each limit.
pub fn limits(page: &ReportPage<'_>) -> Markup {
    html! {
        @if !page.run.thresholds.is_empty() {
            section.section aria-labelledby="limits-title" {
                h2 id="limits-title" { (page.text(LIMITS)) }
                div.scroll tabindex="0" role="region" aria-labelledby="limits-title" {
                    table {
                        (heads([(FIGURE, false), (LIMIT, true), (WAS, true), (VERDICT, false)]))
                        tbody {
                            @for limit in &page.run.thresholds {
                                @let (shape, word) = match limit.met {
                                    Some(true) => (Shape::Met, KEPT),
                                    Some(false) => (Shape::Error, MISSED),
                                    None => (Shape::Unknown, why_no_value(&limit.metric)),
                                };
                                tr {
                                    th scope="row" { code { (limit.metric) } }
                                    td.number { (limit_said(limit)) }
                                    td.number { (limit.value.map_or_else(|| "–".to_owned(), |value| figure_said(&limit.metric, value))) }
                                    td { (shape.beside(page.text(word))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The phases as planned and as they went, and the scenario's file.
pub fn plan(page: &ReportPage<'_>) -> Markup {
    let Run {
        phases, scenario, ..
    } = page.run;
    let names = [PHASE, WHAT]
        .map(|head| (page.text(head), false))
        .into_iter();
    let numbers = [TIMES, PLANNED, SENT, OK, FAILED]
        .map(|head| page.text(head))
        .into_iter();
    let kinds = [Shape::Cold, Shape::Warm, Shape::Unknown].map(|kind| kind.word(page.lang));
    // A plain server is asked without a plan that its title does not say.
    if phases.is_empty() && scenario.toml.is_none() {
        return html! {};
    }
    html! {
        section.section aria-labelledby="plan-title" {
            h2 id="plan-title" { (page.text(PLAN)) }
            @if !phases.is_empty() {
                div.scroll tabindex="0" role="region" aria-labelledby="plan-title" {
                    table.figures {
                        (heads(names.chain(numbers.chain(kinds).map(|head| (head, true)))))
                        tbody {
                            @for phase in phases {
                                tr {
                                    th scope="row" { span.name { (phase.name) } }
                                    td.wide { (phase.what.to(page.lang)) }
                                    td.number { (phase.times) }
                                    @for count in [phase.planned, phase.sent, phase.ok, phase.failed, phase.cold, phase.warm, phase.unknown] {
                                        td.number { (show::count(count)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if !scenario.changes.is_empty() {
                p { (page.say(CHANGED, &[&scenario.changes.join(", ")])) }
            }
            @if let Some(toml) = &scenario.toml {
                details.unfold {
                    summary { (page.text(SCENARIO_FILE)) }
                    pre.listing tabindex="0" { code { (toml) } }
                }
            }
        }
    }
}
