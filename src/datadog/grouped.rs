//! Metric queries by group: one number for each value of a tag.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ApiError, Client, Question, metrics::scalar_request};

/// A number for each value of the tag that was grouped by.
pub type Grouped = BTreeMap<String, f64>;

impl Client {
    /// The answers to `questions`, each of which groups by the same one tag, over a time range in
    /// milliseconds since 1970, in their order. What has no such tag, `N/A` to Datadog, is left
    /// out.
    ///
    /// # Errors
    /// Whatever keeps the API from answering, and answers that cannot be read.
    pub async fn grouped_scalars(
        &self,
        from_ms: i64,
        to_ms: i64,
        questions: &[Question],
    ) -> Result<Vec<Grouped>, ApiError> {
        let body = scalar_request(from_ms, to_ms, questions);
        let answer = self.post("/api/v2/query/scalar", &body).await?;
        let columns = answer
            .pointer("/data/attributes/columns")
            .and_then(Value::as_array)
            .ok_or_else(|| self.unreadable("a scalar answer without columns"))?;
        let is_group =
            |column: &&Value| column.get("type").and_then(Value::as_str) == Some("group");
        let Some(groups) = columns.iter().find(is_group) else {
            // Nothing was found to be grouped.
            let nothing = |column: &Value| values(column).is_none_or(<[Value]>::is_empty);
            return match columns.iter().all(nothing) {
                true => Ok(vec![Grouped::new(); questions.len()]),
                false => Err(self.unreadable("a grouped scalar answer without groups")),
            };
        };
        let groups: Vec<Option<String>> = values(groups)
            .unwrap_or_default()
            .iter()
            .map(group_name)
            .collect();
        let numbers: Vec<&Value> = columns.iter().filter(|column| !is_group(column)).collect();
        (0..questions.len())
            .map(|place| {
                let wanted = format!("q{place}");
                let named =
                    |column: &&Value| column.get("name").and_then(Value::as_str) == Some(&wanted);
                let column = numbers.iter().copied().find(named);
                let column = column
                    .or_else(|| numbers.get(place).copied())
                    .ok_or_else(|| {
                        self.unreadable("a scalar answer whose columns match no query")
                    })?;
                let values = values(column).unwrap_or_default();
                if values.len() != groups.len() {
                    return Err(self.unreadable("a scalar answer whose columns differ in length"));
                }
                let pairs = groups.iter().zip(values);
                Ok(pairs
                    .filter_map(|(group, value)| Some((group.clone()?, value.as_f64()?)))
                    .collect())
            })
            .collect()
    }
}

fn values(column: &Value) -> Option<&[Value]> {
    Some(column.get("values")?.as_array()?)
}

/// A group is a list with one name for each tag that was grouped by.
fn group_name(group: &Value) -> Option<String> {
    let name = match group {
        Value::Array(names) => names.first()?.as_str()?,
        other => other.as_str()?,
    };
    (!name.is_empty() && !name.eq_ignore_ascii_case("n/a")).then(|| name.to_owned())
}
