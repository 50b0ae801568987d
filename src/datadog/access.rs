//! Which scopes the application key has, and which key was refused.

use super::{ApiError, Client, Question, Scope};
use crate::insight::Aggregator;

impl Client {
    /// Checks that the application key has `scope`, by the smallest call that needs it, over a time
    /// range in milliseconds since 1970.
    ///
    /// # Errors
    /// [`ApiError::Keys`] if it lacks the scope, and the errors of any request.
    pub async fn try_scope(&self, scope: Scope, from_ms: i64, to_ms: i64) -> Result<(), ApiError> {
        match scope {
            Scope::Metrics => {
                let question = Question {
                    aggregator: Aggregator::Sum,
                    query: "sum:aws.lambda.enhanced.invocations{*}.as_count()".to_owned(),
                };
                self.scalars(from_ms, to_ms, &[question]).await.map(drop)
            }
            Scope::Spans => self.search_spans("*", from_ms, to_ms, 1).await.map(drop),
            Scope::Logs => self.search_logs("*", from_ms, to_ms, 1).await.map(drop),
        }
    }

    /// Says which key an [`ApiError::Keys`] refused: the API key, if it is not valid alone, or else the
    /// application key, which lacks `scope`.
    pub async fn explain(&self, error: ApiError, scope: Scope) -> ApiError {
        let ApiError::Keys(refusal) = error else {
            return error;
        };
        match self.validate().await {
            Ok(()) => ApiError::AppKey(refusal, scope),
            Err(ApiError::Keys(refusal)) => ApiError::ApiKey(refusal),
            Err(_) => ApiError::Keys(refusal),
        }
    }
}
