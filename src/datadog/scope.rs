//! What an application key may be allowed to read, and which key is to blame for a refusal.

use std::fmt;

use super::{ApiError, Client, Question};
use crate::insight::Aggregator;

/// A permission that an application key needs. Keys made with scopes have only those; keys
/// without have all permissions of the user who made them. (Datadog's API reference names the
/// permission at each endpoint.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Metric queries: every Insight rests on them.
    Metrics,
    /// Span search: evidence for cold and warm, and the local view.
    Spans,
    /// Log search: REPORT lines.
    Logs,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Scope; 3] = [Scope::Metrics, Scope::Spans, Scope::Logs];

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

impl Client {
    /// Whether the application key opens `scope`: the smallest call that needs it, over a time
    /// range in milliseconds since 1970.
    ///
    /// # Errors
    /// [`ApiError::Keys`] where it does not, and whatever keeps the API from answering.
    pub async fn try_scope(&self, scope: Scope, from_ms: i64, to_ms: i64) -> Result<(), ApiError> {
        match scope {
            Scope::Metrics => {
                let question = Question {
                    aggregator: Aggregator::Sum,
                    query: "sum:aws.lambda.enhanced.invocations{*}.as_count()".to_owned(),
                };
                self.scalars(from_ms, to_ms, &[question]).await.map(drop)
            }
            Scope::Spans => {
                let found = self.search_spans("*", from_ms, to_ms, 1).await;
                found.map(drop)
            }
            Scope::Logs => self.try_log_search(from_ms, to_ms).await,
        }
    }

    /// The same error, but where keys were refused it says which: the API key, which is asked
    /// about alone, or else the application key for `scope`.
    pub async fn explain(&self, error: ApiError, scope: Scope) -> ApiError {
        let ApiError::Keys {
            host,
            status,
            message,
        } = error
        else {
            return error;
        };
        match self.validate().await {
            Ok(()) => ApiError::AppKey {
                host,
                scope,
                status,
                message,
            },
            Err(ApiError::Keys {
                host,
                status,
                message,
            }) => ApiError::ApiKey {
                host,
                status,
                message,
            },
            Err(_) => ApiError::Keys {
                host,
                status,
                message,
            },
        }
    }
}
