//! Request and response payloads, put together again from the tags that Datadog's libraries
//! flatten them into (`function.request.headers.Accept`), and shown as JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// How deep a payload is put together again: the libraries flatten ten levels.
const DEEPEST: usize = 12;

/// The payload that lies in the tags under `prefix`, as indented JSON; None where there is none.
pub(super) fn payload(tags: &BTreeMap<String, String>, prefix: &str) -> Option<String> {
    if let Some(whole) = tags.get(prefix) {
        return Some(indented(&parsed(whole)));
    }
    let start = format!("{prefix}.");
    let mut root = Map::new();
    for (key, value) in tags.range(start.clone()..) {
        let Some(path) = key.strip_prefix(&start) else {
            break;
        };
        let path: Vec<&str> = path.splitn(DEEPEST, '.').collect();
        put(&mut root, &path, value);
    }
    (!root.is_empty()).then(|| indented(&listed(Value::Object(root))))
}

/// Text that is itself JSON is shown as such.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn put(map: &mut Map<String, Value>, path: &[&str], value: &str) {
    let Some((key, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        map.insert((*key).to_owned(), Value::String(value.to_owned()));
        return;
    }
    let inner = map.entry(*key).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        // A value that also has parts: the value stays, without a name.
        let value = std::mem::take(inner);
        *inner = Value::Object(Map::from_iter([(String::new(), value)]));
    }
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// Objects whose keys are 0, 1, 2 ... were lists.
fn listed(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut numbered: Vec<(usize, Value)> = Vec::new();
            let all = fields.len();
            let keys: Vec<Option<usize>> = fields.keys().map(|key| key.parse().ok()).collect();
            if all > 0 && keys.iter().flatten().filter(|n| **n < all).count() == all {
                numbered.extend(
                    keys.into_iter()
                        .flatten()
                        .zip(fields.into_iter().map(|(_, value)| listed(value))),
                );
                numbered.sort_by_key(|(n, _)| *n);
                Value::Array(numbered.into_iter().map(|(_, value)| value).collect())
            } else {
                Value::Object(fields.into_iter().map(|(k, v)| (k, listed(v))).collect())
            }
        }
        other => other,
    }
}

fn indented(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => format!("{value:#}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn a_flattened_payload_is_put_together_again() {
        let tags = tags(&[
            ("function.request.Records.0.body", "hello"),
            ("function.request.Records.1.body", "again"),
            ("function.request.headers.Accept", "*/*"),
            ("function.requested", "not this"),
            ("function.response", "None"),
        ]);
        let request = payload(&tags, "function.request").expect("there is one");
        let read: Value = serde_json::from_str(&request).expect("it is JSON");
        assert_eq!(
            read,
            serde_json::json!({
                "Records": [{"body": "hello"}, {"body": "again"}],
                "headers": {"Accept": "*/*"}
            })
        );
        assert_eq!(payload(&tags, "function.response").as_deref(), Some("None"));
        assert_eq!(payload(&tags, "function.other"), None);
    }

    #[test]
    fn hostile_keys_do_no_harm() {
        let deep = format!("p.{}", "a.".repeat(50_000));
        let tags = tags(&[(&deep, "x"), ("p.a", "y"), ("p.a.a", "z"), ("p..", "")]);
        assert!(payload(&tags, "p").is_some());
    }
}
