//! What a cold start was made of, as far as its trace says: a bar for each part.

use maud::{Markup, html};

use super::{
    flame,
    tree::{SpanTree, end_ns},
};
use crate::{
    anatomy::{Anatomy, AnatomySpan, ColdPart, MeasuredTimes},
    lang::texts,
    look::chart::part_bar,
    pages::{show, visit::Visit},
};

texts! {
    const;
    MADE_OF: "What this cold start was made of", "이 콜드 스타트의 구성";
}

/// The parts of the trace's first function; nothing of a trace that was not cold.
pub(super) fn anatomy(visit: &Visit, tree: &SpanTree) -> Markup {
    let function = tree.spans.iter().find(|span| span.name == "aws.lambda");
    let front = tree.spans.iter().find(|span| span.name == "aws.apigateway");
    let Some(function) = function.filter(|span| flame::is_cold(span)) else {
        return html! {};
    };
    // Without the gateway's span the time begins with the first of initialisation.
    let began = front.map_or(tree.from_ns, |front| front.start_ns);
    let ended = end_ns(function).max(front.map_or(i64::MIN, end_ns));
    let response_us = u64::try_from(ended.saturating_sub(began)).unwrap_or(0) / 1_000;
    let spans: Vec<AnatomySpan<'_>> = (tree.spans.iter())
        .map(|span| AnatomySpan {
            name: &span.name,
            resource: &span.resource,
            start_ns: span.start_ns,
            duration_ns: span.duration_ns,
        })
        .collect();
    let measured = MeasuredTimes {
        response_us,
        ..MeasuredTimes::default()
    };
    let anatomy = Anatomy::of(&measured, &spans);
    let mut from = 0.0;
    let parts: Vec<(ColdPart, u64, f64, f64)> = (anatomy.parts.iter())
        .filter(|(part, _)| !part.is_after())
        .map(|(part, us)| {
            let share = *us as f64 / response_us.max(1) as f64;
            from += share;
            (*part, *us, from - share, share)
        })
        .collect();
    html! {
        section.section aria-labelledby="anatomy" {
            h2 id="anatomy" { (visit.text(MADE_OF)) }
            table.figures { tbody {
                @for (part, us, from, share) in parts { tr {
                    th scope="row" { (visit.text(part.word())) }
                    td { (part_bar(part, from, share)) }
                    td.number { (show::nanos(i64::try_from(us).unwrap_or(i64::MAX).saturating_mul(1_000))) }
                    td.number { (show::percent(share)) }
                } }
            } }
        }
    }
}
