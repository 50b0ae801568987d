//! One function with what its page shows, and its graphs.

use maud::Markup;

use crate::{
    pages::{
        data::{Bins, FunctionMetrics},
        graphs,
        visit::Visit,
    },
    telemetry::store::DeploymentEvent,
};

/// How many deployments are marked on graphs.
pub(super) const MOST_MARKS: usize = 30;

/// One function with what its page shows.
pub(super) struct FunctionPage {
    pub(super) function: FunctionMetrics,
    pub(super) bins: Bins,
    pub(super) deployments: Vec<DeploymentEvent>,
}

impl FunctionPage {
    /// The changes that graphs mark: the latest, numbered as their table numbers them.
    pub(super) fn marked(&self) -> &[DeploymentEvent] {
        let from = self.deployments.len().saturating_sub(MOST_MARKS);
        self.deployments.get(from..).unwrap_or_default()
    }

    /// The graphs of these names.
    pub(super) fn graphs(&self, visit: &Visit, keys: &[&str]) -> Markup {
        let of = graphs::GraphSource {
            functions: std::slice::from_ref(&self.function),
            bins: &self.bins,
            events: self.marked(),
        };
        of.drawn(visit, keys.iter().copied())
    }
}
