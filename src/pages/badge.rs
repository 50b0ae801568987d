//! Badges of Insights that explain themselves: condition, measured value, what to do, link.

use maud::{Markup, html};

use super::{data, visit::Visit, words::*};
use crate::{
    insight::{Evaluation, Id, Insight, Met},
    look::Shape,
};

/// An Insight whose condition is met on a function.
pub(super) struct Badge {
    /// Which one.
    pub(super) insight: &'static Insight,
    /// On what grounds.
    pub(super) reading: Evaluation,
    /// On which function.
    pub(super) function: String,
}

/// The Insights that the catalogue finds on a function over the visit's time range.
pub(super) fn found(function: &data::FunctionMetrics) -> Vec<Badge> {
    let seen = data::observation(function);
    Id::ALL
        .into_iter()
        .map(Id::insight)
        .map(|insight| Badge {
            insight,
            reading: insight.evaluate(&seen),
            function: function.name.clone(),
        })
        .filter(|badge| badge.reading.met == Met::Yes)
        .collect()
}

/// The shape that belongs to an Insight, where one of the six does.
pub(super) fn shape(id: Id) -> Option<Shape> {
    match id {
        Id::ColdStarts => Some(Shape::Cold),
        Id::Errors | Id::HighErrors | Id::OutOfMemory | Id::Timeouts => Some(Shape::Error),
        Id::Throttles => Some(Shape::Throttled),
        Id::HighDuration
        | Id::HighMemory
        | Id::HighIteratorAge
        | Id::OverProvisioned
        | Id::ProvisionedConcurrency
        | Id::ThreatsDetected => None,
    }
}

/// The badge as a button that opens its explanation. `place` tells badges of one page apart.
pub(super) fn button(visit: &Visit, badge: &Badge, place: &str) -> Markup {
    let insight = badge.insight;
    let shape = shape(insight.id);
    let id = format!("told-{place}-{}-{}", badge.function, insight.id);
    let tone = shape.map_or("plain", Shape::key);
    html! {
        button class={ "badge badge-" (tone) } type="button" popovertarget=(id) {
            @if let Some(shape) = shape { (shape.drawn()) }
            (visit.text(insight.name))
        }
        div.told id=(id) popover role="dialog" aria-label=(visit.text(insight.name)) {
            strong { (visit.text(insight.name)) }
            " " span.quiet { (badge.function) }
            dl {
                dt { (visit.text(CONDITION)) } dd { (visit.text(insight.when)) }
                dt { (visit.text(MEASURED)) } dd { (measured(&badge.reading, visit.lang)) }
                dt { (visit.text(WHAT_TO_DO)) } dd { (visit.text(insight.advice)) }
            }
            p { a href=(insight.link()) rel="noreferrer" { (visit.text(MORE_IN_DOCS)) } }
            p { small { (visit.text(BADGE_CAVEAT)) } }
        }
    }
}
