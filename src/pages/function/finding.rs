//! One Insight explained: its condition, what was measured over time beside the limit, and which
//! invocations are behind it.

use maud::{Markup, html};

use super::page::FunctionPage;
use crate::{
    insight::{Condition, Id, Insight, MOST_ERRORS_PER_FAILURE},
    look::Shape,
    pages::{
        chart::{self, Graph},
        data::{self, InvocationFilter},
        page::PageError,
        show,
        visit::Visit,
        words::*,
    },
};

/// How many invocations are found by their memory, which only their REPORT lines say.
const MOST_REQUESTS: usize = 50;

/// The Insight that the visit asks to explain.
pub(super) fn asked(visit: &Visit) -> Option<&'static Insight> {
    let id: Id = visit.get("insight")?.parse().ok()?;
    Some(id.insight())
}

/// Draws the explanation. `behind`: how many invocations are listed below, in words.
pub(super) fn finding(
    visit: &Visit,
    shown: &FunctionPage,
    insight: &Insight,
    behind: Option<String>,
) -> Markup {
    let reading = insight.evaluate(&data::observation(&shown.function));
    html! {
        section.finding aria-labelledby="finding" data-from=(shown.bins.from_ms) data-length=(shown.bins.length_ms()) {
            div {
                h2 id="finding" {
                    @if let Some(shape) = Shape::of_insight(insight.id) { (shape.drawn()) " " }
                    (visit.text(insight.name))
                }
                dl.pairs {
                    dt { (visit.text(CONDITION)) } dd { (visit.text(insight.when)) }
                    dt { (visit.text(MEASURED)) } dd { (measured(&reading, visit.lang)) }
                    dt { (visit.text(WHAT_TO_DO)) } dd { (visit.text(insight.advice)) }
                }
                p { a.button href="#tab" {
                    @match &behind {
                        Some(behind) => (say(N_BEHIND_IT, visit.lang, &[behind])),
                        None => (visit.text(BEHIND_IT)),
                    }
                } }
                p { a href=(insight.link()) rel="noreferrer" { (visit.text(MORE_IN_DOCS)) } }
                p { small { (visit.text(BADGE_CAVEAT)) } }
            }
            @if let Some(graph) = graph(visit, shown, insight) { (graph) }
        }
    }
}

/// What the condition looks at, over time, with the limit drawn in.
fn graph(visit: &Visit, shown: &FunctionPage, insight: &Insight) -> Option<Markup> {
    let against = data::against_limit(&shown.function, insight.condition, &shown.bins)?;
    let graph = Graph {
        title: visit.text(MEASURED_OVER_TIME),
        total: say(LIMIT_SAID, visit.lang, &[&(against.show)(against.limit)]),
        bins: &shown.bins,
        events: shown.marked(),
    };
    let shape = Shape::of_insight(insight.id);
    Some(chart::limited(visit, &graph, shape, &against))
}

/// The invocations behind an Insight, as far as spans and REPORT lines tell them apart.
pub(super) fn behind(
    visit: &Visit,
    shown: &FunctionPage,
    insight: &Insight,
) -> Result<InvocationFilter, PageError> {
    let function = &shown.function;
    let mut wanted = InvocationFilter::default();
    match insight.id {
        Id::Errors | Id::HighErrors => wanted.failed = true,
        Id::ColdStarts => wanted.cold = true,
        Id::HighDuration | Id::Timeouts => {
            wanted.failed = insight.id == Id::Timeouts;
            let high = Id::HighDuration.insight().condition;
            let limit = data::against_limit(function, high, &shown.bins);
            wanted.longer_ns = limit.map(|against| against.limit * 1e9);
        }
        Id::HighMemory | Id::OutOfMemory => {
            let Condition::PeakAbove(of) = Id::HighMemory.insight().condition else {
                return Ok(wanted);
            };
            let times = (visit.range.from_ms, visit.range.to_ms);
            let reader = &visit.state.reader;
            let ids = data::memory_above(reader, &function.name, times, of.percent, MOST_REQUESTS)?;
            wanted.requests = Some(ids);
        }
        Id::Throttles
        | Id::HighIteratorAge
        | Id::OverProvisioned
        | Id::ProvisionedConcurrency
        | Id::ThreatsDetected => {}
    }
    Ok(wanted)
}

/// What must be known to read the list below; `found` invocations were counted.
pub(super) fn note(
    visit: &Visit,
    shown: &FunctionPage,
    insight: &Insight,
    found: usize,
) -> Option<String> {
    match insight.id {
        Id::Errors | Id::HighErrors => {
            let errors = shown.function.sum(data::ERRORS);
            let [failed, errors, most] =
                [found as f64, errors, MOST_ERRORS_PER_FAILURE as f64].map(show::count);
            (failed != errors)
                .then(|| say(ERRORS_EXPLAINED, visit.lang, &[&errors, &failed, &most]))
        }
        Id::Throttles => Some(visit.text(THROTTLES_EXPLAINED).to_owned()),
        Id::HighIteratorAge
        | Id::OverProvisioned
        | Id::ProvisionedConcurrency
        | Id::ThreatsDetected => Some(visit.text(WHOLE_FUNCTION).to_owned()),
        Id::HighMemory | Id::OutOfMemory => Some(visit.text(MEMORY_EXPLAINED).to_owned()),
        Id::ColdStarts | Id::HighDuration | Id::Timeouts => None,
    }
}
