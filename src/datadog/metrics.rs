//! Metric queries: `POST /api/v2/query/scalar`.

use serde_json::{Value, json};

use super::{ApiError, Client};
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
        let name = |place: usize| format!("q{place}");
        let body = scalar_request(from_ms, to_ms, questions);
        let answer = self.post("/api/v2/query/scalar", &body).await?;
        let columns = answer
            .pointer("/data/attributes/columns")
            .and_then(Value::as_array)
            .ok_or_else(|| self.unreadable("a scalar answer without columns"))?;
        let numbers: Vec<&Value> = columns
            .iter()
            .filter(|column| column.get("type").and_then(Value::as_str) != Some("group"))
            .collect();
        let named = |place: usize| {
            let wanted = name(place);
            numbers
                .iter()
                .find(|column| column.get("name").and_then(Value::as_str) == Some(&wanted))
        };
        let any_named = (0..questions.len()).any(|place| named(place).is_some());
        if !any_named && !numbers.is_empty() && numbers.len() != questions.len() {
            return Err(self.unreadable("a scalar answer whose columns match no query"));
        }
        Ok((0..questions.len())
            .map(|place| {
                let column = if any_named {
                    named(place)
                } else {
                    numbers.get(place)
                };
                value(column?)
            })
            .collect())
    }
}

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
    column.get("values")?.as_array()?.first()?.as_f64()
}
