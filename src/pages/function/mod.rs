//! `/functions/NAME:REGION:ACCOUNT:aws`: one function. Three graphs, then tabs: Invocations,
//! Logs, Metrics, Deployments.

mod deployments;
mod finding;
mod invocations;
mod logs;
mod metrics;
mod page;

use maud::{Markup, html};

use super::{
    badge,
    data::{self, Bins, FunctionMetrics},
    frame, graphs,
    page::{PageContent, PageError},
    show,
    visit::{Visit, segment},
    words::*,
};
use crate::telemetry::store::DeploymentEvent;
use page::FunctionPage;

/// The tabs. Datadog leaves their names in English.
const TABS: [(&str, &str); 4] = [
    ("invocations", "Invocations"),
    ("logs", "Logs"),
    ("metrics", "Metrics"),
    ("deployments", "Deployments"),
];

/// The graphs shown where none are asked for, as in Datadog.
const GRAPHS: [&str; 3] = ["invocations", "errors", "duration"];

/// Draws a function's page.
pub(super) fn details(visit: &Visit) -> Result<PageContent, PageError> {
    let entity = visit.tail("/functions/");
    let name = named(&entity);
    let reader = &visit.state.reader;
    let known = data::names(reader)?;
    if !known.iter().any(|one| *one == name.to_lowercase()) {
        return Err(unknown(visit, name, &known));
    }
    let bins = data::bins(reader, &visit.range)?;
    let mut found = data::functions(reader, &visit.range, bins.width_ms, Some(name))?;
    let function = found.pop().unwrap_or_default();
    let crumb = html! { a href=(visit.link("/functions", &[])) { (visit.text(SERVERLESS_VIEW)) } };
    let titled = |content| PageContent {
        title: name.to_owned(),
        content,
    };
    let head = |sub| frame::head(visit, Some(crumb), html! { (name) }, sub);
    if function.name.is_empty() {
        let nothing = frame::nothing_in_range(visit);
        return Ok(titled(html! { (head(None)) (nothing) }));
    }
    let shown = page(visit, name, function, bins)?;
    let tab = visit.get("tab").unwrap_or("invocations");
    let (inside, behind) = match tab {
        "logs" => (logs::tab(visit, &shown)?, None),
        "metrics" => (metrics::tab(visit, &shown), None),
        "deployments" => (deployments::tab(visit, &shown), None),
        _ => invocations::tab(visit, &shown)?,
    };
    let graphs = html! {
        section.section aria-label=(visit.text(GRAPHS_WORD)) {
            div.row.row-apart.above { h2.visually-hidden { (visit.text(GRAPHS_WORD)) } (chooser(visit)) }
            (shown.graphs(visit, &chosen(visit)))
        }
    };
    let asked = finding::asked(visit);
    let content = html! {
        (head(Some(facts(&shown.function))))
        (insights(visit, &shown.function))
        // Who comes from an Insight wants what is behind it first.
        @match asked {
            Some(insight) => (finding::finding(visit, &shown, insight, behind)),
            None => (graphs),
        }
        (tabs(visit, tab))
        section id="tab" { (inside) }
        @if asked.is_some() { (graphs) }
    };
    Ok(titled(content))
}

fn page(
    visit: &Visit,
    name: &str,
    function: FunctionMetrics,
    bins: Bins,
) -> Result<FunctionPage, PageError> {
    let (from_ms, to_ms) = (visit.range.from_ms, visit.range.to_ms);
    let all = visit.state.reader.deployments(from_ms, to_ms)?;
    let own = |deployment: &DeploymentEvent| deployment.function.eq_ignore_ascii_case(name);
    Ok(FunctionPage {
        bins,
        function,
        deployments: all.into_iter().filter(own).collect(),
    })
}

/// The function's name in `NAME:REGION:ACCOUNT:aws`, or alone.
fn named(entity: &str) -> &str {
    entity.rsplitn(4, ':').nth(3).unwrap_or(entity)
}

fn unknown(visit: &Visit, name: &str, known: &[String]) -> PageError {
    let ways = known
        .iter()
        .take(20)
        .map(|one| {
            let path = format!("/functions/{}", segment(one));
            (one.clone(), visit.link(&path, &[]))
        })
        .collect();
    PageError::NotFound {
        said: say(
            NO_FUNCTION,
            visit.lang,
            &[show::cut(name, show::LONGEST_NAME)],
        ),
        ways,
    }
}

/// What it is: runtime, memory size, region, account.
fn facts(function: &FunctionMetrics) -> Markup {
    let memory = function.max(data::MEMORY_SIZE).map(show::memory);
    let facts = [
        function.tag("service"),
        function.tag("runtime"),
        memory.as_deref(),
        function.tag("region"),
        function.account(),
    ];
    html! { (facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")) }
}

fn insights(visit: &Visit, function: &FunctionMetrics) -> Markup {
    let badges = badge::found(function);
    html! {
        section aria-label=(visit.text(INSIGHTS)) {
            @if badges.is_empty() {
                p.lead { (visit.text(NO_INSIGHTS)) }
            } @else {
                div.findings {
                    @for badge in &badges {
                        div { (badge::link(visit, badge, visit.get("insight") == Some(badge.insight.id.key()))) }
                        div.quiet { (measured(&badge.reading, visit.lang)) }
                    }
                }
                (badge::errors_note(visit, &badges))
            }
        }
    }
}

/// The graphs that are asked for.
fn chosen(visit: &Visit) -> Vec<&str> {
    let asked: Vec<&str> = visit
        .all("graph")
        .filter(|key| graphs::KINDS.iter().any(|kind| kind.key == *key))
        .take(graphs::KINDS.len())
        .collect();
    if asked.is_empty() {
        GRAPHS.to_vec()
    } else {
        asked
    }
}

fn chooser(visit: &Visit) -> Markup {
    let chosen = chosen(visit);
    let choices = graphs::KINDS.iter();
    let choices = choices.map(|it| (it.key, it.name, chosen.contains(&it.key)));
    frame::chooser(visit, ("graph", GRAPHS_WORD), choices)
}

fn tabs(visit: &Visit, here: &str) -> Markup {
    let known = TABS.iter().any(|(key, _)| *key == here);
    html! {
        nav.tabs aria-label=(visit.text(TABS_WORD)) {
            @for (key, name) in TABS {
                @let current = key == here || (!known && key == "invocations");
                a href=(visit.with(&[("tab", Some(key)), ("status", None), ("start_kind", None), ("insight", None)]))
                    aria-current=[current.then_some("true")] { (name) }
            }
        }
    }
}
