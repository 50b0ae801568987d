//! The tab Logs: the function's latest lines, and the way to the Log Explorer.

use maud::{Markup, html};

use super::page::FunctionPage;
use crate::pages::{log_lines, page::PageError, visit::Visit, words::*};

pub(super) fn tab(visit: &Visit, shown: &FunctionPage) -> Result<Markup, PageError> {
    let errors = visit.get("status") == Some("error");
    let mut query = log_lines::term("functionname", &shown.function.name);
    if errors {
        query.push_str(" status:error");
    }
    let found = log_lines::found(visit, &log_lines::query(&query)?)?;
    Ok(html! {
        div.row.row-apart {
            p.quiet { (visit.text(NEWEST_FIRST)) }
            div.row {
                a.button href=(visit.with(&[("status", (!errors).then_some("error")), ("event", None)]))
                    aria-current=[errors.then_some("true")] { (visit.text(ERRORS_ONLY)) }
                a.button href=(visit.link("/logs", &[("query", &query)])) { "View in Log Explorer" }
            }
        }
        (found)
    })
}
