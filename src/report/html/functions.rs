//! Each function of a run that invoked several: one row each, worst first.

use maud::{Markup, html};

use super::page::ReportPage;
use crate::{
    look::{Shape, heads},
    report::{
        functions::{FUNCTIONS, headings, rows},
        text::capital,
        words::{FUNCTION, INSIGHTS},
    },
};

/// The functions' table; nothing where a run has one function.
pub fn section(page: &ReportPage<'_>) -> Markup {
    let rows = rows(page.run);
    html! {
        @if !rows.is_empty() {
            section.section aria-labelledby="functions-title" {
                h2 id="functions-title" { (FUNCTIONS) }
                div.scroll tabindex="0" role="region" aria-label=(FUNCTIONS) {
                    table.figures {
                        @let numbers = headings().into_iter().map(|head| (capital(&head), true));
                        @let [first, last] = [FUNCTION, INSIGHTS].map(|head| (capital(&head.to_string()), false));
                        (heads([first].into_iter().chain(numbers).chain([last])))
                        tbody { @for row in &rows { tr {
                            th scope="row" { (Shape::from(row.look).before(&row.name)) }
                            @for cell in &row.cells { td.number { (cell) } }
                            td { (row.insights.join("; ")) }
                        } } }
                    }
                }
            }
        }
    }
}
