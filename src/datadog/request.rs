//! The bodies of metric queries and searches.

use serde_json::{Value, json};

/// A metric query of `kind`. The queries are named `q0`, `q1` and so on, each with a formula.
pub(super) fn metric_request(kind: &str, mut attributes: Value, queries: Vec<Value>) -> Value {
    let name = |place: usize| format!("q{place}");
    let formulas = (0..queries.len()).map(|place| json!({ "formula": name(place) }));
    attributes["formulas"] = formulas.collect();
    let queries = queries.into_iter().enumerate().map(|(place, mut query)| {
        query["data_source"] = json!("metrics");
        query["name"] = json!(name(place));
        query
    });
    attributes["queries"] = queries.collect();
    json!({ "data": { "type": kind, "attributes": attributes } })
}

/// The attributes of a search: a page of events, oldest first, within a time range in milliseconds
/// since 1970.
pub(super) fn search_page(
    query: &str,
    (from_ms, to_ms): (i64, i64),
    limit: usize,
    cursor: Option<&str>,
) -> Value {
    let mut page = json!({ "limit": limit });
    if let Some(cursor) = cursor {
        page["cursor"] = json!(cursor);
    }
    json!({
        "filter": { "query": query, "from": from_ms.to_string(), "to": to_ms.to_string() },
        "page": page,
        "sort": "timestamp",
    })
}

/// The events of a page, and the cursor of the next page.
pub(super) fn page(mut answer: Value) -> Option<(Vec<Value>, Option<String>)> {
    let next = answer.pointer("/meta/page/after").and_then(Value::as_str);
    let next = next.map(str::to_owned);
    match answer.get_mut("data").map(Value::take) {
        Some(Value::Array(events)) => Some((events, next)),
        _ => None,
    }
}
