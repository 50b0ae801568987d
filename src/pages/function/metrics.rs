//! The tab Metrics: cold starts, init duration, timeouts, out of memory, and what is close to them.

use maud::{Markup, html};

use super::page::FunctionPage;
use crate::pages::visit::Visit;

pub(super) fn tab(visit: &Visit, shown: &FunctionPage) -> Markup {
    let keys = [
        "cold_starts",
        "init_duration",
        "timeouts",
        "out_of_memory",
        "memory",
        "cost",
    ];
    html! { (shown.graphs(visit, &keys)) }
}
