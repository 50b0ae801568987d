//! Metric queries: `POST /api/v2/query/scalar`.

use serde_json::{Value, json};

use super::{
    ApiError, Client,
    columns::{Columns, values},
    request::metric_request,
    words,
};
use crate::insight::Aggregator;

/// A metric query whose answer is a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// How the values over the time range are combined.
    pub aggregator: Aggregator,
    /// The query: `sum:aws.lambda.enhanced.errors{functionname:f}.as_count()`.
    pub query: String,
}

impl Client {
    /// The columns of the answers to `questions`.
    pub(super) async fn columns(
        &self,
        from_ms: i64,
        to_ms: i64,
        questions: &[Question],
    ) -> Result<Columns, ApiError> {
        let queries = questions
            .iter()
            .map(|question| json!({ "aggregator": question.aggregator, "query": question.query }));
        let range = json!({ "from": from_ms, "to": to_ms });
        let body = metric_request("scalar_request", range, queries.collect());
        let mut answer = self.post("/api/v2/query/scalar", &body).await?;
        match answer.pointer_mut("/data/attributes/columns") {
            Some(Value::Array(columns)) => Ok(Columns(std::mem::take(columns))),
            _ => Err(self.unreadable(words::lacks("columns"))),
        }
    }

    /// The answer to each of `questions` over a time range in milliseconds since 1970; None if there
    /// is no data.
    ///
    /// # Errors
    /// The errors of any request, and answers that cannot be read.
    pub async fn scalars(
        &self,
        from_ms: i64,
        to_ms: i64,
        questions: &[Question],
    ) -> Result<Vec<Option<f64>>, ApiError> {
        let columns = self.columns(from_ms, to_ms, questions).await?;
        let found = columns
            .of_questions(questions.len())
            .ok_or_else(|| self.unreadable(words::UNMATCHED))?;
        Ok(found.into_iter().map(|column| value(column?)).collect())
    }
}

/// The value of a column without groups.
fn value(column: &Value) -> Option<f64> {
    values(column)?.first()?.as_f64()
}
