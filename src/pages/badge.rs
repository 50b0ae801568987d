//! Badges of Insights: each leads to the invocations behind it.

use maud::{Markup, html};

use super::{data, visit::Visit, words::*};
use crate::{
    insight::{Evaluation, Id, Insight, MOST_ERRORS_PER_FAILURE, Met},
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
    /// The path of the function's page.
    path: String,
}

/// The Insights that the catalogue finds on a function over the visit's time range.
pub(super) fn found(function: &data::FunctionMetrics) -> Vec<Badge> {
    let seen = data::observation(function);
    Id::ALL
        .iter()
        .copied()
        .map(Id::insight)
        .map(|insight| Badge {
            insight,
            reading: insight.evaluate(&seen),
            function: function.name.clone(),
            path: function.path(),
        })
        .filter(|badge| badge.reading.met == Met::Yes)
        .collect()
}

/// Why there are more errors than failed requests, where any of the badges counts errors.
pub(super) fn errors_note<'a>(
    visit: &Visit,
    badges: impl IntoIterator<Item = &'a Badge>,
) -> Markup {
    let counts_errors = |badge: &Badge| matches!(badge.insight.id, Id::Errors | Id::HighErrors);
    let most = MOST_ERRORS_PER_FAILURE.to_string();
    html! {
        @if badges.into_iter().any(counts_errors) {
            p.quiet.errors-note { (say(ERRORS_NOTE, visit.lang, &[&most])) }
        }
    }
}

/// The badge as a link to what explains it. `current`: the page is about it already.
pub(super) fn link(visit: &Visit, badge: &Badge, current: bool) -> Markup {
    let insight = badge.insight;
    let shape = Shape::of_insight(insight.id);
    let to = visit.link(&badge.path, &[("insight", insight.id.key())]);
    html! {
        a class={ "badge badge-" (shape.map_or("plain", Shape::key)) } href=(to)
            aria-current=[current.then_some("true")] title=(measured(&badge.reading, visit.lang)) {
            @if let Some(shape) = shape { (shape.drawn()) }
            (visit.text(insight.name))
        }
    }
}
