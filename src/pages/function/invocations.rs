//! The tab Invocations: the latest ones, each with the way to its trace.

use maud::{Markup, html};

use super::page::FunctionPage;
use crate::{
    lambda::ReportLine,
    look::Shape,
    pages::{
        data::{self, InvocationFilter, InvocationSpan},
        page::PageError,
        paging, show,
        visit::Visit,
        words::*,
    },
};

/// How many invocations a page lists.
const A_PAGE: usize = 50;

pub(super) fn tab(visit: &Visit, shown: &FunctionPage) -> Result<Markup, PageError> {
    let wanted = InvocationFilter {
        failed: visit.get("status") == Some("error"),
        cold: visit.get("start_kind") == Some("cold"),
    };
    let times = (visit.range.from_ms, visit.range.to_ms);
    let reader = &visit.state.reader;
    let page = data::invocations(
        reader,
        &shown.function.name,
        times,
        wanted,
        paging::after(visit),
        A_PAGE,
    )?;
    let listed: Vec<&InvocationSpan> = page.items.iter().map(|stored| &stored.value).collect();
    let reports = data::reports(reader, &listed)?;
    let total = shown.function.sum(data::INVOCATIONS);
    Ok(html! {
        div.row.row-apart {
            p.quiet { (say(INVOCATIONS_SAID, visit.lang, &[&show::count(total)])) }
            (filters(visit, wanted))
        }
        @if listed.is_empty() {
            p { (visit.text(NO_INVOCATIONS)) }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Invocations" { table {
                thead { tr {
                    th scope="col" { (visit.text(TIME)) }
                    th scope="col" { (visit.text(STATUS)) }
                    th.number scope="col" { (visit.text(DURATION)) }
                    th scope="col" { (visit.text(START)) }
                    th.number scope="col" { (visit.text(INIT_DURATION_WORD)) }
                    th.number scope="col" { (visit.text(MEMORY_USED_WORD)) }
                    th scope="col" { (visit.text(TRACE)) }
                } }
                tbody { @for one in &listed {
                    (row(visit, one, one.request_id.as_ref().and_then(|id| reports.get(id))))
                } }
            } }
            (paging::older(visit, page.next))
        }
    })
}

fn filters(visit: &Visit, wanted: InvocationFilter) -> Markup {
    let toggle = |on: bool, key: &'static str, value: &'static str, name: &str| {
        html! {
            a.button href=(visit.with(&[(key, (!on).then_some(value))]))
                aria-current=[on.then_some("true")] { (name) }
        }
    };
    html! {
        div.row {
            (toggle(wanted.failed, "status", "error", visit.text(ERRORS_ONLY)))
            (toggle(wanted.cold, "start_kind", "cold", visit.text(COLD_ONLY)))
        }
    }
}

fn row(visit: &Visit, one: &InvocationSpan, report: Option<&ReportLine>) -> Markup {
    let trace = format!("/apm/trace/{:032x}", one.trace_id);
    let link = visit.link(&trace, &[("spanID", &one.span_id.to_string())]);
    let init = report.and_then(|report| report.init_ms.or(report.restore_ms));
    let memory = report.and_then(|report| report.memory_used_mb);
    html! {
        tr {
            td { time title=(show::clock(one.at_ms)) { (show::fine_clock(one.at_ms)) } }
            td { @match &one.error {
                Some(kind) => (Shape::Error.beside(kind)),
                None => (Shape::Met.with_word(visit.lang)),
            } }
            td.number { (show::nanos(one.duration_ns)) }
            td { ((match one.cold {
                Some(true) => Shape::Cold,
                Some(false) => Shape::Warm,
                None => Shape::Unknown,
            }).with_word(visit.lang)) }
            td.number { @match init { Some(ms) => (show::seconds(ms / 1e3)), None => (show::none()) } }
            td.number { @match memory { Some(mb) => (show::memory(mb as f64)), None => (show::none()) } }
            td { a href=(link) { "Open Trace" } }
        }
    }
}
