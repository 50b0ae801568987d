//! Metric queries by group: one number for each value of a tag.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ApiError, Client, Question, columns::values, words};

/// A number for each value of the tag.
pub type Grouped = BTreeMap<String, f64>;

impl Client {
    /// The answer to each of `questions`, which all group by the same tag, over a time range in
    /// milliseconds since 1970. The group without the tag, Datadog's `N/A`, is left out.
    ///
    /// # Errors
    /// The errors of any request, and answers that cannot be read.
    pub async fn grouped_scalars(
        &self,
        from_ms: i64,
        to_ms: i64,
        questions: &[Question],
    ) -> Result<Vec<Grouped>, ApiError> {
        let columns = self.columns(from_ms, to_ms, questions).await?;
        let Some(groups) = columns.groups() else {
            let nothing = |column: &Value| values(column).is_none_or(<[Value]>::is_empty);
            return match columns.0.iter().all(nothing) {
                true => Ok(vec![Grouped::new(); questions.len()]),
                false => Err(self.unreadable(words::lacks("group"))),
            };
        };
        let groups: Vec<Option<String>> = values(groups)
            .unwrap_or_default()
            .iter()
            .map(group_name)
            .collect();
        let found = columns
            .of_questions(questions.len())
            .ok_or_else(|| self.unreadable(words::UNMATCHED))?;
        let found = found.into_iter().map(|column| {
            let values = values(column.ok_or_else(|| self.unreadable(words::UNMATCHED))?);
            let values = values.unwrap_or_default();
            if values.len() != groups.len() {
                return Err(self.unreadable(words::UNEQUAL));
            }
            let pairs = groups.iter().zip(values);
            Ok(pairs
                .filter_map(|(group, value)| Some((group.clone()?, value.as_f64()?)))
                .collect())
        });
        found.collect()
    }
}

/// The name of a group, which is a list with a value for each tag.
fn group_name(group: &Value) -> Option<String> {
    let name = match group {
        Value::Array(names) => names.first()?.as_str()?,
        other => other.as_str()?,
    };
    (!name.is_empty() && !name.eq_ignore_ascii_case("n/a")).then(|| name.to_owned())
}
