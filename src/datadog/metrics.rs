//! Metric queries: `POST /api/v2/query/scalar`.

use serde_json::{Value, json};

use super::{ApiError, Client, columns::values};
use crate::insight::Aggregator;

/// One metric query, to become one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// How the values over the time range become one.
    pub aggregator: Aggregator,
    /// The query: `sum:aws.lambda.enhanced.errors{functionname:f}.as_count()`.
    pub query: String,
}

impl Client {
    /// The answers to `questions` over a time range in milliseconds since 1970, in their order;
    /// None where there is no data.
    ///
    /// # Errors
    /// Whatever keeps the API from answering, and answers that cannot be read.
    pub async fn scalars(
        &self,
        from_ms: i64,
        to_ms: i64,
        questions: &[Question],
    ) -> Result<Vec<Option<f64>>, ApiError> {
        let columns = self.columns(from_ms, to_ms, questions).await?;
        let found = columns
            .of_questions(questions.len())
            .ok_or_else(|| self.unreadable(UNMATCHED))?;
        Ok(found.into_iter().map(|column| value(column?)).collect())
    }
}

/// What is wrong with an answer whose columns cannot be told apart.
pub(super) const UNMATCHED: &str = "a scalar answer whose columns match no query";

/// The body that asks for `questions`, which are named `q0`, `q1` and so on.
pub(super) fn scalar_request(from_ms: i64, to_ms: i64, questions: &[Question]) -> Value {
    let name = |place: usize| format!("q{place}");
    let queries: Vec<Value> = questions
        .iter()
        .enumerate()
        .map(|(place, question)| {
            json!({
                "data_source": "metrics",
                "name": name(place),
                "aggregator": question.aggregator,
                "query": question.query,
            })
        })
        .collect();
    let formulas: Vec<Value> = (0..questions.len())
        .map(|place| json!({"formula": name(place)}))
        .collect();
    json!({"data": {"type": "scalar_request", "attributes": {
        "from": from_ms, "to": to_ms, "queries": queries, "formulas": formulas,
    }}})
}

/// The one value of a column without groups.
fn value(column: &Value) -> Option<f64> {
    values(column)?.first()?.as_f64()
}
