//! The columns of a scalar answer, matched with the queries.

use serde_json::Value;

/// The columns of an answer to `POST /api/v2/query/scalar`.
pub(super) struct Columns(pub(super) Vec<Value>);

impl Columns {
    /// The column of the groups, if the answer has groups.
    pub fn groups(&self) -> Option<&Value> {
        self.0.iter().find(|column| is_group(column))
    }

    /// The column of each of `count` queries: by the query's name, or by its position if no column
    /// has a query's name. None if the columns cannot be matched.
    pub fn of_questions(&self, count: usize) -> Option<Vec<Option<&Value>>> {
        let numbers: Vec<&Value> = self.0.iter().filter(|column| !is_group(column)).collect();
        let named = |place: usize| {
            let wanted = format!("q{place}");
            numbers
                .iter()
                .copied()
                .find(|column| column["name"] == *wanted)
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
    column["type"] == "group"
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
    fn columns_match_questions_by_name_in_any_order() {
        let columns = Columns(vec![column("q2", 2), column("q0", 0)]);
        assert_eq!(found(&columns, 3), Some(vec![Some(0), None, Some(2)]));
    }

    #[test]
    fn columns_of_other_names_match_by_position_if_there_is_one_for_each_question() {
        let columns = Columns(vec![column("a", 1), column("b", 2)]);
        assert_eq!(found(&columns, 2), Some(vec![Some(1), Some(2)]));
        assert_eq!(found(&columns, 3), None);
        assert_eq!(found(&Columns(Vec::new()), 2), Some(vec![None, None]));
    }
}
