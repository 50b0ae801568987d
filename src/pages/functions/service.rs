//! The rows of the Serverless View by service, and their order.

use std::collections::BTreeMap;

use super::{columns::Column, invoker::Invoker, row::FunctionRow};
use crate::pages::visit::Visit;

/// How many resources are listed below the functions of a service.
const MOST_RESOURCES: usize = 20;

/// A service: its functions, and what invokes them.
pub(super) struct Service<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its functions.
    pub(super) rows: Vec<&'a FunctionRow>,
    /// What invokes them.
    pub(super) resources: Vec<&'a Invoker>,
}

/// The rows by service, sorted within each as the visit asks.
pub(super) fn by_service<'a>(
    rows: &'a [FunctionRow],
    visit: &Visit,
    columns: &[&Column],
) -> Vec<Service<'a>> {
    let mut services: BTreeMap<&str, Vec<&FunctionRow>> = BTreeMap::new();
    for row in rows {
        services.entry(&row.service).or_default().push(row);
    }
    let sorted_by = columns
        .iter()
        .find(|column| visit.get("sort") == Some(column.key));
    let up = visit.get("dir") == Some("asc");
    services
        .into_iter()
        .map(|(name, mut rows)| {
            match sorted_by {
                Some(column) => rows.sort_by(|a, b| {
                    let (a, b) = (column.order(a), column.order(b));
                    if up { a.total_cmp(&b) } else { b.total_cmp(&a) }
                }),
                // What needs a look first.
                None => rows.sort_by_key(|row| std::cmp::Reverse(row.badges.len())),
            }
            let mut resources: Vec<&Invoker> = rows.iter().flat_map(|row| &row.invokers).collect();
            resources.dedup();
            resources.truncate(MOST_RESOURCES);
            Service {
                name,
                rows,
                resources,
            }
        })
        .collect()
}
