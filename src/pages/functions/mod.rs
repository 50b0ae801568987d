//! `/functions`: the Serverless View. Functions by service, the resources that invoke them, and
//! what to look at.

mod columns;
mod facets;
mod invoker;
mod row;
mod service;
mod summary;

use maud::{Markup, html};

use super::{
    badge, frame,
    page::{PageContent, PageError},
    visit::Visit,
    words::*,
};
use columns::Column;
use row::FunctionRow;
use service::{Service, by_service};

/// How many functions a page shows.
const MOST_ROWS: usize = 100;

/// Draws the Serverless View.
pub(super) fn list(visit: &Visit) -> Result<PageContent, PageError> {
    let rows = row::rows(visit)?;
    let any = !rows.is_empty();
    let facets = facets::facets(visit, &rows);
    let shown: Vec<FunctionRow> = rows
        .into_iter()
        .filter(|row| facets::matches(visit, row))
        .collect();
    let sub = html! { (visit.text(VIEW_SUB)) };
    let functions = html! {
        (controls(visit))
        @if shown.is_empty() {
            p { (visit.text(NOTHING_MATCHES)) " "
                a href=(visit.link("/functions", &[])) { (visit.text(CLEAR)) } }
        } @else {
            (table(visit, &shown))
        }
    };
    let content = html! {
        (frame::head(visit, None, html! { (visit.text(SERVERLESS_VIEW)) }, Some(sub)))
        @if !any {
            (frame::nothing_in_range(visit))
        } @else {
            (summary::summary(visit, &shown))
            section.section {
                h2.visually-hidden { (visit.text(FUNCTIONS)) }
                (frame::beside(visit, &facets, &functions))
            }
        }
    };
    Ok(PageContent {
        title: visit.text(SERVERLESS_VIEW).to_owned(),
        content,
    })
}

fn controls(visit: &Visit) -> Markup {
    html! {
        div.row.row-apart {
            (frame::search(visit, "/functions", "text_search", SEARCH_FUNCTIONS))
            (columns::chooser(visit))
        }
    }
}

fn table(visit: &Visit, rows: &[FunctionRow]) -> Markup {
    let columns: Vec<&Column> = columns::chosen(visit).collect();
    let services = by_service(rows, visit, &columns);
    let width = columns.len() + 2;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(visit.text(FUNCTIONS)) {
            table.cards {
                thead { tr {
                    th scope="col" { (visit.text(FUNCTION)) }
                    @for column in &columns { (columns::head(visit, column)) }
                    th scope="col" { (visit.text(INSIGHTS)) }
                } }
                @for (service, n) in shared_out(&services) {
                    (group(visit, service, n, &columns, width))
                }
            }
        }
        @if rows.len() > MOST_ROWS {
            p.quiet { (say(LEFT_OUT, visit.lang, &[&(rows.len() - MOST_ROWS).to_string()])) }
        }
    }
}

/// How many rows of each service a page shows.
fn shared_out<'s>(services: &'s [Service<'s>]) -> impl Iterator<Item = (&'s Service<'s>, usize)> {
    let mut room = MOST_ROWS;
    services
        .iter()
        .map(move |service| {
            let n = service.rows.len().min(room);
            room -= n;
            (service, n)
        })
        .filter(|(_, n)| *n > 0)
}

fn group(
    visit: &Visit,
    service: &Service<'_>,
    n: usize,
    columns: &[&Column],
    width: usize,
) -> Markup {
    html! {
        tbody {
            tr.group {
                th scope="rowgroup" colspan=(width) {
                    (service.name) " " small.quiet { (visit.text(SERVICE)) }
                }
            }
            @for row in service.rows.iter().take(n) {
                tr id={ "row-" (row.function.name) } {
                    th scope="row" {
                        a.name href=(visit.link(&row.function.path(), &[])) { (row.function.name) }
                    }
                    @for column in columns { td.number data-label=(column.label(visit)) { (column.cell(row)) } }
                    td { div.badges {
                        @for found in &row.badges { (badge::link(visit, found, false)) }
                    } }
                }
            }
            @for resource in &service.resources {
                tr {
                    td.wide colspan=(width) {
                        (resource.name) " "
                        span.quiet { (resource.kind) ", " (visit.text(INVOKES)) " " (resource.invokes) }
                    }
                }
            }
        }
    }
}
