//! The columns of a scalar answer: which is whose.

use serde_json::Value;

use super::{ApiError, Client, Question, metrics::scalar_request};

/// What `POST /api/v2/query/scalar` answered.
pub(super) struct Columns(Vec<Value>);

impl Client {
    /// Asks `questions` over a time range in milliseconds since 1970.
    pub(super) async fn columns(
        &self,
        from_ms: i64,
        to_ms: i64,
        questions: &[Question],
    ) -> Result<Columns, ApiError> {
        let body = scalar_request(from_ms, to_ms, questions);
        let mut answer = self.post("/api/v2/query/scalar", &body).await?;
        match answer.pointer_mut("/data/attributes/columns") {
            Some(Value::Array(columns)) => Ok(Columns(std::mem::take(columns))),
            _ => Err(self.unreadable("a scalar answer without columns")),
        }
    }
}

impl Columns {
    /// All of them.
    pub fn all(&self) -> &[Value] {
        &self.0
    }

    /// The one with the groups, if the answer has groups.
    pub fn groups(&self) -> Option<&Value> {
        self.0.iter().find(|column| is_group(column))
    }

    /// The column of each of `count` questions: by the name it was asked under, and by its place
    /// where no column has such a name. None where they cannot be told apart.
    pub fn of_questions(&self, count: usize) -> Option<Vec<Option<&Value>>> {
        let numbers: Vec<&Value> = self.0.iter().filter(|column| !is_group(column)).collect();
        let named = |place: usize| {
            let wanted = format!("q{place}");
            let name = |column: &&Value| Some(column.get("name")?.as_str()? == wanted);
            numbers
                .iter()
                .copied()
                .find(|column| name(column) == Some(true))
        };
        let by_name: Vec<Option<&Value>> = (0..count).map(named).collect();
        if numbers.is_empty() || by_name.iter().any(Option::is_some) {
            return Some(by_name);
        }
        (numbers.len() == count).then(|| numbers.into_iter().map(Some).collect())
    }
}

/// The values of a column.
pub(super) fn values(column: &Value) -> Option<&[Value]> {
    Some(column.get("values")?.as_array()?)
}

fn is_group(column: &Value) -> bool {
    column.get("type").and_then(Value::as_str) == Some("group")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn column(name: &str, value: u64) -> Value {
        json!({"name": name, "type": "number", "values": [value]})
    }

    fn found(columns: &Columns, count: usize) -> Option<Vec<Option<u64>>> {
        let of_questions = columns.of_questions(count)?;
        let first = |column: &Value| values(column)?.first()?.as_u64();
        Some(
            of_questions
                .into_iter()
                .map(|column| first(column?))
                .collect(),
        )
    }

    #[test]
    fn a_column_is_its_questions_by_name_in_any_order_and_one_that_lacks_is_nobodys() {
        let columns = Columns(vec![column("q2", 2), column("q0", 0)]);
        assert_eq!(found(&columns, 3), Some(vec![Some(0), None, Some(2)]));
    }

    #[test]
    fn columns_of_other_names_count_by_their_place_only_if_there_is_one_for_each_question() {
        let columns = Columns(vec![column("a", 1), column("b", 2)]);
        assert_eq!(found(&columns, 2), Some(vec![Some(1), Some(2)]));
        assert_eq!(found(&columns, 3), None);
        assert_eq!(found(&Columns(Vec::new()), 2), Some(vec![None, None]));
    }
}
