//! `/screen/integration/aws_lambda_enhanced_metrics`: the enhanced Lambda metrics of all
//! functions together, or of one.

use maud::{Markup, html};

use super::{
    badge,
    data::{self, Bins, FunctionMetrics},
    frame, graphs,
    page::{PageContent, PageError},
    show,
    visit::Visit,
    words::*,
};
use crate::{look::heads, telemetry::store::DeploymentEvent};

/// How many deployments are marked.
const MOST_MARKS: usize = 20;
/// How many functions are listed.
const MOST_FUNCTIONS: usize = 50;

/// Draws the dashboard.
pub(super) fn dashboard(visit: &Visit) -> Result<PageContent, PageError> {
    let reader = &visit.state.reader;
    let only = visit.get("functionname");
    let bins = data::bins(reader, &visit.range)?;
    let functions = data::functions(reader, &visit.range, bins.width_ms, only)?;
    let all = data::names(reader)?;
    let sub = html! { (visit.text(DASHBOARD_SUB)) };
    let content = html! {
        (frame::head(visit, None, html! { (visit.text(DASHBOARD)) }, Some(sub)))
        (chooser(visit, only, &all))
        @if functions.is_empty() {
            (frame::nothing_in_range(visit))
        } @else {
            (body(visit, &functions, &bins)?)
        }
    };
    Ok(PageContent {
        title: visit.text(DASHBOARD).to_owned(),
        content,
    })
}

fn chooser(visit: &Visit, only: Option<&str>, all: &[String]) -> Markup {
    html! {
        nav.row aria-label=(visit.text(FUNCTIONS)) {
            a.button href=(visit.with(&[("functionname", None)])) aria-current=[only.is_none().then_some("true")] {
                (visit.text(ALL_FUNCTIONS))
            }
            @for name in all.iter().take(12) {
                a.button href=(visit.with(&[("functionname", Some(name))]))
                    aria-current=[(only == Some(name)).then_some("true")] { (name) }
            }
        }
    }
}

fn body(visit: &Visit, functions: &[FunctionMetrics], bins: &Bins) -> Result<Markup, PageError> {
    let deployments: Vec<DeploymentEvent> = visit
        .state
        .reader
        .deployments(visit.range.from_ms, visit.range.to_ms)?
        .into_iter()
        .filter(|one| {
            functions
                .iter()
                .any(|function| function.name.eq_ignore_ascii_case(&one.function))
        })
        .collect();
    let marked = deployments.len().saturating_sub(MOST_MARKS);
    let of = graphs::GraphSource {
        functions,
        bins,
        events: deployments.get(marked..).unwrap_or_default(),
    };
    Ok(html! {
        section.section aria-label=(visit.text(GRAPHS_WORD)) {
            (of.drawn(visit, graphs::KINDS.iter().map(|kind| kind.key)))
        }
        section.section {
            h2 { (visit.text(BY_FUNCTION)) }
            (table(visit, functions))
        }
    })
}

fn table(visit: &Visit, functions: &[FunctionMetrics]) -> Markup {
    let numbers = [
        INVOCATIONS,
        ERROR_SHARE,
        COLD_SHARE,
        DURATION_AVG,
        DURATION_MAX,
        COST,
    ];
    let numbers = numbers.map(|head| (head, true));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(visit.text(BY_FUNCTION)) { table.cards {
            (heads([(FUNCTION, false)].into_iter().chain(numbers).chain([(INSIGHTS, false)])))
            tbody {
                @for function in functions.iter().take(MOST_FUNCTIONS) {
                    @let n = function.sum(data::INVOCATIONS);
                    @let share = |part: f64| if n > 0.0 { show::percent(part / n) } else { "–".to_owned() };
                    tr {
                        th scope="row" { a.name href=(visit.link(&function.path(), &[])) { (function.name) } }
                        td.number data-label=(visit.text(INVOCATIONS)) { (show::count(n)) }
                        td.number data-label=(visit.text(ERROR_SHARE)) { (share(function.sum(data::ERRORS))) }
                        td.number data-label=(visit.text(COLD_SHARE)) { (share(function.cold())) }
                        td.number data-label=(visit.text(DURATION_AVG)) { (function.mean(data::DURATION).map_or("–".to_owned(), show::seconds)) }
                        td.number data-label=(visit.text(DURATION_MAX)) { (function.max(data::DURATION).map_or("–".to_owned(), show::seconds)) }
                        td.number data-label=(visit.text(COST)) { (show::dollars(function.sum(data::COST))) }
                        td { div.badges { @for found in badge::found(function) { (badge::link(visit, &found, false)) } } }
                    }
                }
            }
        } }
    }
}
