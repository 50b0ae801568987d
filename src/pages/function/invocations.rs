//! The tab Invocations: the latest ones, each with the way to its trace.

use std::collections::HashMap;

use maud::{Markup, html};

use super::{finding, page::FunctionPage};
use crate::{
    lambda::ReportLine,
    look::{Shape, heads},
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
/// Up to how many are counted.
const MOST_COUNTED: usize = 1_000;

/// Draws the tab, and says how many invocations it lists where they were counted.
pub(super) fn tab(
    visit: &Visit,
    shown: &FunctionPage,
) -> Result<(Markup, Option<String>), PageError> {
    let asked = finding::asked(visit);
    let mut wanted = match asked {
        Some(insight) => finding::behind(visit, shown, insight)?,
        None => InvocationFilter::default(),
    };
    wanted.failed |= visit.get("status") == Some("error");
    wanted.cold |= visit.get("start_kind") == Some("cold");
    let times = (visit.range.from_ms, visit.range.to_ms);
    let reader = &visit.state.reader;
    let name = &shown.function.name;
    let find = |after, limit| data::invocations(reader, name, times, &wanted, after, limit);
    let page = find(paging::after(visit), A_PAGE)?;
    let listed: Vec<&InvocationSpan> = page.items.iter().map(|stored| &stored.value).collect();
    let reports = data::reports(reader, &listed)?;
    let (said, note, behind) = if wanted == InvocationFilter::default() {
        let total = show::count(shown.function.sum(data::INVOCATIONS));
        let note = asked.and_then(|insight| finding::note(visit, shown, insight, 0));
        (say(INVOCATIONS_SAID, visit.lang, &[&total]), note, None)
    } else {
        let (found, more) = match (visit.get("after"), page.next) {
            (None, None) => (listed.len(), false),
            _ => {
                let counted = find(None, MOST_COUNTED)?;
                (counted.items.len(), counted.next.is_some())
            }
        };
        let count = counted(ONE_INVOCATION, N_INVOCATIONS, visit.lang, found);
        let text = if more {
            MORE_THAN_FOUND
        } else {
            INVOCATIONS_FOUND
        };
        let note = asked.filter(|_| !more);
        let note = note.and_then(|insight| finding::note(visit, shown, insight, found));
        let said = say(text, visit.lang, &[&count]);
        (said, note, Some(count).filter(|_| !more))
    };
    let drawn = html! {
        div.row.row-apart {
            p.quiet { (said) }
            (filters(visit, &wanted))
        }
        @if let Some(note) = note { p { (note) } }
        @if listed.is_empty() {
            p { (visit.text(NO_INVOCATIONS)) }
        } @else {
            (table(visit, &listed, &reports))
            (paging::older(visit, page.next))
        }
    };
    Ok((drawn, behind))
}

fn filters(visit: &Visit, wanted: &InvocationFilter) -> Markup {
    let toggle = |on: bool, key: &'static str, value: &'static str, name: &str| {
        let changed = [(key, (!on).then_some(value)), ("insight", None)];
        html! {
            a.button href=(visit.with(&changed)) aria-current=[on.then_some("true")] { (name) }
        }
    };
    html! {
        div.row {
            (toggle(wanted.failed, "status", "error", visit.text(ERRORS_ONLY)))
            (toggle(wanted.cold, "start_kind", "cold", visit.text(COLD_ONLY)))
            @if visit.get("insight").is_some() {
                a.button href=(visit.with(&[("insight", None)])) { (visit.text(ALL_INVOCATIONS)) }
            }
        }
    }
}

fn table(
    visit: &Visit,
    listed: &[&InvocationSpan],
    reports: &HashMap<String, ReportLine>,
) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Invocations" { table.cards {
            (heads([
                (TIME, false), (STATUS, false), (DURATION, true), (START, false),
                (INIT_DURATION_WORD, true), (MEMORY_USED_WORD, true), (TRACE, false),
            ]))
            tbody { @for one in listed {
                (row(visit, one, one.request_id.as_ref().and_then(|id| reports.get(id))))
            } }
        } }
    }
}

fn row(visit: &Visit, one: &InvocationSpan, report: Option<&ReportLine>) -> Markup {
    let init = report.and_then(|report| report.init_ms.or(report.restore_ms));
    let memory = report.and_then(|report| report.memory_used_mb);
    html! {
        tr {
            td { time title=(show::clock(one.at_ms)) { (show::fine_clock(one.at_ms)) } }
            td { @match &one.error {
                Some(kind) => (Shape::Error.beside(show::cut(kind, 120))),
                None => (Shape::Met.with_word(visit.lang)),
            } }
            td.number data-label=(visit.text(DURATION)) { (show::nanos(one.duration_ns)) }
            td data-label=(visit.text(START)) { ((match one.cold {
                Some(true) => Shape::Cold,
                Some(false) => Shape::Warm,
                None => Shape::Unknown,
            }).with_word(visit.lang)) }
            td.number data-label=(visit.text(INIT_DURATION_WORD)) { @match init { Some(ms) => (show::seconds(ms / 1e3)), None => (show::none()) } }
            td.number data-label=(visit.text(MEMORY_USED_WORD)) { @match memory { Some(mb) => (show::memory(mb as f64)), None => (show::none()) } }
            td { a href=(one.link(visit)) { "Open Trace" } }
        }
    }
}
