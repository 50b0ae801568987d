//! The spans of a trace as a table: the flame graph in words.

use maud::{Markup, html};

use super::{flame, tree::SpanTree};
use crate::{
    look::{Shape, heads},
    pages::{show, visit::Visit, words::*},
};

/// How many spans a page lists.
const A_PAGE: usize = 200;

/// Draws the list.
pub(super) fn list(visit: &Visit, tree: &SpanTree) -> Markup {
    let from: usize = visit
        .get("from")
        .and_then(|from| from.parse().ok())
        .unwrap_or(0)
        .min(tree.spans.len());
    let next = from.saturating_add(A_PAGE);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Span List" { table.cards {
            (heads([
                (SPAN, false), (SERVICE, false), (BEGINS_AT, true), (DURATION, true), (OWN_TIME, true), (STATUS, false),
            ]))
            tbody {
                @for (span, own) in tree.spans.iter().zip(&tree.own_ns).skip(from).take(A_PAGE) {
                    tr {
                        th.wide scope="row" {
                            a href=(flame::link(visit, span.span_id)) data-fold {
                                (span.name) " " (span.resource)
                            }
                            @if flame::is_cold(span) { " " (Shape::Cold.with_word(visit.lang)) }
                        }
                        td data-label=(visit.text(SERVICE)) { (span.service) }
                        td.number data-label=(visit.text(BEGINS_AT)) { (show::nanos(span.start_ns.saturating_sub(tree.from_ns))) }
                        td.number data-label=(visit.text(DURATION)) { (show::nanos(span.duration_ns)) }
                        td.number data-label=(visit.text(OWN_TIME)) { (show::nanos(*own)) }
                        td { ((if span.error { Shape::Error } else { Shape::Met }).with_word(visit.lang)) }
                    }
                }
            }
        } }
        @if from > 0 || next < tree.spans.len() {
            nav.pages aria-label=(visit.text(PAGING)) {
                @if from > 0 { a href=(visit.with(&[("from", None)])) { (visit.text(BEGINNING)) } }
                @if next < tree.spans.len() {
                    a href=(visit.with(&[("from", Some(&next.to_string()))])) { (visit.text(MORE_SPANS)) }
                }
            }
        }
    }
}
