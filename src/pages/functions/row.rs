//! The rows of the Serverless View.

use super::invoker::{self, Invoker};
use crate::pages::{
    badge::{self, Badge},
    data::{self, FunctionMetrics},
    page::PageError,
    visit::Visit,
};

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

/// The functions of the visit's time range.
pub(super) fn rows(visit: &Visit) -> Result<Vec<FunctionRow>, PageError> {
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
            Ok(FunctionRow {
                badges: badge::found(&function),
                invokers: latest.map_or_else(Vec::new, |latest| latest.invokers),
                service,
                function,
            })
        })
        .collect()
}
