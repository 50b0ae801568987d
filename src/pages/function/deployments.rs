//! The tab Deployments: changes of the function, as they are marked on the graphs above.

use maud::{Markup, html};

use super::page::{FunctionPage, MOST_MARKS};
use crate::{
    look::heads,
    pages::{show, visit::Visit, words::*},
};

pub(super) fn tab(visit: &Visit, shown: &FunctionPage) -> Markup {
    let marked = shown.deployments.len().saturating_sub(MOST_MARKS);
    html! {
        @if shown.deployments.is_empty() {
            p { (visit.text(NO_DEPLOYMENTS)) }
        } @else {
            p.quiet { (visit.text(DEPLOYMENTS_SAID)) }
            div.scroll tabindex="0" role="region" aria-label="Deployments" { table.cards {
                (heads(["#", visit.text(TIME), visit.text(CHANGE), visit.text(WHAT_CHANGED)].map(|name| (name, false))))
                tbody {
                    @for (place, deployment) in shown.deployments.iter().enumerate().skip(marked) {
                        tr {
                            td { (place + 1 - marked) }
                            td data-label=(visit.text(TIME)) { (show::time(deployment.at_ms)) }
                            td data-label=(visit.text(CHANGE)) { code { (show::cut(&deployment.event, 100)) } }
                            td.wide data-label=(visit.text(WHAT_CHANGED)) { (show::cut(&deployment.detail, 1_000)) }
                        }
                    }
                }
            } }
            @if marked > 0 { p.quiet { (say(EARLIER_LEFT_OUT, visit.lang, &[&marked.to_string()])) } }
        }
    }
}
