//! The scopes of an application key.

use std::fmt;

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
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scope::Metrics => "metrics",
            Scope::Spans => "spans",
            Scope::Logs => "logs",
        })
    }
}
