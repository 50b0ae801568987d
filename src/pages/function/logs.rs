//! The tab Logs: the function's latest lines, and the way to the Log Explorer.

use maud::{Markup, html};

use super::page::FunctionPage;
use crate::pages::{log_lines, page::PageError, paging, visit::Visit, words::*};

pub(super) fn tab(visit: &Visit, shown: &FunctionPage) -> Result<Markup, PageError> {
    let errors = visit.get("status") == Some("error");
    let name = &shown.function.name;
    let mut query = log_lines::term("functionname", name);
    if errors {
        query.push_str(" status:error");
    }
    let page = log_lines::find(visit, &query, paging::after(visit))?;
    Ok(html! {
        div.row.row-apart {
            p.quiet { (visit.text(NEWEST_FIRST)) }
            div.row {
                a.button href=(visit.with(&[("status", (!errors).then_some("error"))]))
                    aria-current=[errors.then_some("true")] { (visit.text(ERRORS_ONLY)) }
                a.button href=(visit.link("/logs", &[("query", &query)])) { "View in Log Explorer" }
            }
        }
        (log_lines::list(visit, &page))
    })
}
