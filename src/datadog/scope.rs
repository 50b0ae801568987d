//! The scopes of an application key.

use super::words;
use crate::lang::Text;

/// A permission of an application key. A key made without scopes has all permissions of its user.
/// (Datadog's API reference names the permission of each endpoint.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Metric queries: every Insight needs them.
    Metrics,
    /// Span search: evidence of cold starts, and the local view.
    Spans,
    /// Log search: REPORT lines.
    Logs,
}

impl Scope {
    /// Datadog's name for it: `timeseries_query`.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Metrics => "timeseries_query",
            Scope::Spans => "apm_read",
            Scope::Logs => "logs_read_data",
        }
    }

    /// What it opens.
    pub fn text(self) -> Text {
        match self {
            Scope::Metrics => words::METRICS,
            Scope::Spans => words::SPANS,
            Scope::Logs => words::LOGS,
        }
    }
}
