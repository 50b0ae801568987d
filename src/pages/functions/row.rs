//! The rows of the Serverless View.

use super::invoker::{self, Invoker};
use crate::pages::{
    badge::{self, Badge},
    data::{self, FunctionMetrics},
    page::PageError,
    visit::Visit,
};
use crate::telemetry::store::ROLLED_MS;

/// One function with all that its row shows.
pub(super) struct FunctionRow {
    /// Its metrics.
    pub(super) function: FunctionMetrics,
    /// The service it belongs to.
    pub(super) service: String,
    /// Its Insights.
    pub(super) badges: Vec<Badge>,
    /// What invokes it.
    pub(super) invokers: Vec<Invoker>,
}

/// Of how many functions their latest trace is read: it says what invokes them.
const MOST_TRACES: usize = 40;

/// The functions of the visit's time range, those with the most Insights first.
pub(super) fn rows(visit: &Visit) -> Result<Vec<FunctionRow>, PageError> {
    let reader = &visit.state.reader;
    let mut found: Vec<(Vec<Badge>, FunctionMetrics)> =
        data::functions(reader, &visit.range, ROLLED_MS, None)?
            .into_iter()
            .map(|function| (badge::found(&function), function))
            .collect();
    found.sort_by_key(|(badges, _)| std::cmp::Reverse(badges.len()));
    found
        .into_iter()
        .enumerate()
        .map(|(place, (badges, function))| {
            let latest = match place < MOST_TRACES {
                true => invoker::latest(reader, &function.name, &visit.range)?,
                false => None,
            };
            let service = function
                .tag("service")
                .map(str::to_owned)
                .or_else(|| latest.as_ref().map(|latest| latest.service.clone()))
                .unwrap_or_else(|| "–".to_owned());
            Ok(FunctionRow {
                badges,
                invokers: latest.map_or_else(Vec::new, |latest| latest.invokers),
                service,
                function,
            })
        })
        .collect()
}
