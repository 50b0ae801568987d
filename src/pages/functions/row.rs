//! The rows of the Serverless View and their order.

use super::{
    columns::Column,
    invoker::{self, Resource},
};
use crate::pages::{
    Refusal,
    badge::{self, Badge},
    data::{self, Function},
    visit::Visit,
};

/// One function with all that its row shows.
pub(super) struct Row {
    /// Its metrics.
    pub(super) function: Function,
    /// The service it belongs to.
    pub(super) service: String,
    /// Its Insights.
    pub(super) badges: Vec<Badge>,
    /// What invokes it.
    pub(super) invokers: Vec<Resource>,
}

/// A service: its functions, and what invokes them.
pub(super) struct Service<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its functions.
    pub(super) rows: Vec<&'a Row>,
    /// What invokes them.
    pub(super) resources: Vec<&'a Resource>,
}

/// The functions of the visit's time range.
pub(super) fn rows(visit: &Visit) -> Result<Vec<Row>, Refusal> {
    let reader = &visit.state.reader;
    data::functions(reader, &visit.range, None)?
        .into_iter()
        .map(|function| {
            let latest = invoker::latest(reader, &function.name, &visit.range)?;
            let service = function
                .tag("service")
                .map(str::to_owned)
                .or_else(|| latest.as_ref().map(|latest| latest.service.clone()))
                .unwrap_or_else(|| "–".to_owned());
            Ok(Row {
                badges: badge::found(&function),
                invokers: latest.map_or_else(Vec::new, |latest| latest.invokers),
                service,
                function,
            })
        })
        .collect()
}

/// The rows by service, sorted within each as the visit asks.
pub(super) fn by_service<'a>(
    rows: &'a [Row],
    visit: &Visit,
    columns: &[&Column],
) -> Vec<Service<'a>> {
    let mut names: Vec<&str> = rows.iter().map(|row| row.service.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let sorted_by = columns
        .iter()
        .find(|column| visit.get("sort") == Some(column.key));
    let up = visit.get("dir") == Some("asc");
    names
        .into_iter()
        .map(|name| {
            let mut rows: Vec<&Row> = rows.iter().filter(|row| row.service == name).collect();
            match sorted_by {
                Some(column) => rows.sort_by(|a, b| {
                    let (a, b) = ((column.value)(a), (column.value)(b));
                    if up { a.total_cmp(&b) } else { b.total_cmp(&a) }
                }),
                // What needs a look first.
                None => rows.sort_by_key(|row| std::cmp::Reverse(row.badges.len())),
            }
            let mut resources: Vec<&Resource> = rows.iter().flat_map(|row| &row.invokers).collect();
            resources.dedup();
            Service {
                name,
                rows,
                resources,
            }
        })
        .collect()
}
