//! Request and response payloads as span tags, flattened by dots.
//!
//! What the library does with `DD_CAPTURE_LAMBDA_PAYLOAD=true`, which the sample app sets: text
//! that is JSON is flattened too, ten levels deep, other text is cut after 5,000 characters, and
//! what is called a password or a token is redacted (datadog-lambda 8.130.0, tag_object.py).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::control::FAULT_KEY_HEADER;

/// `DD_CAPTURE_LAMBDA_PAYLOAD_MAX_DEPTH`.
const DEEPEST: usize = 10;
/// Where the library cuts text.
const LONGEST: usize = 5_000;
/// At most this many tags are made of one payload. The library has no limit, but a sandbox that
/// accepts 10 MB of JSON from anyone needs one.
const MOST: usize = 1_000;
/// The library's own list of names whose values it hides, and three that are hidden here because
/// the telemetry of a run is a file in its folder, where no key may be.
const REDACTED: [&str; 7] = [
    "authorization",
    "x-authorization",
    "password",
    "token",
    "x-api-key",
    "cookie",
    FAULT_KEY_HEADER,
];

/// Adds `payload` to `tags` under `key`.
pub(super) fn tag(tags: &mut BTreeMap<String, String>, key: &str, payload: &Value) {
    let most = tags.len() + MOST;
    flatten(tags, most, key, payload, 0);
}

fn flatten(
    tags: &mut BTreeMap<String, String>,
    most: usize,
    key: &str,
    value: &Value,
    depth: usize,
) {
    if tags.len() >= most {
        return;
    }
    let mut add = |text: String| {
        tags.insert(key.to_owned(), text);
    };
    match value {
        Value::Null => add("None".to_owned()),
        _ if depth >= DEEPEST => add(shown(key, &value.to_string())),
        Value::Bool(true) => add("True".to_owned()),
        Value::Bool(false) => add("False".to_owned()),
        Value::Number(number) => add(number.to_string()),
        Value::String(text) => match serde_json::from_str(text) {
            // A number in a text is written as it was: it would come back in another notation.
            Ok(Value::Number(_)) | Err(_) => add(shown(key, text)),
            Ok(parsed) => flatten(tags, most, key, &parsed, depth + 1),
        },
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                flatten(tags, most, &format!("{key}.{place}"), item, depth + 1);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                flatten(tags, most, &format!("{key}.{name}"), item, depth + 1);
            }
        }
    }
}

fn shown(key: &str, text: &str) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    if REDACTED
        .iter()
        .any(|hidden| name.eq_ignore_ascii_case(hidden))
    {
        return "redacted".to_owned();
    }
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn tagged(value: &Value) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        tag(&mut tags, "p", value);
        tags
    }

    #[test]
    fn payloads_are_flattened_as_python_writes_them() {
        let tags = tagged(&json!({
            "none": null, "yes": true, "n": 2, "text": "hello",
            "list": ["a", {"b": 1}], "body": "{\"x\": [false]}", "empty": {},
            "headers": {"Authorization": "Basic 1", "X-Token": "t"},
        }));
        let expected = [
            ("p.body.x.0", "False"),
            ("p.headers.Authorization", "redacted"),
            ("p.headers.X-Token", "t"),
            ("p.list.0", "a"),
            ("p.list.1.b", "1"),
            ("p.n", "2"),
            ("p.none", "None"),
            ("p.text", "hello"),
            ("p.yes", "True"),
        ];
        let expected: BTreeMap<String, String> = expected
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        assert_eq!(tags, expected);
    }

    #[test]
    fn a_payload_is_bounded_in_number_depth_and_length() {
        let many = tagged(&json!(vec![1; 5_000]));
        assert_eq!(many.len(), MOST);
        let long = tagged(&json!({ "text": "é".repeat(9_000) }));
        assert_eq!(long["p.text"].chars().count(), LONGEST);
        let mut deep = json!("bottom");
        for _ in 0..40 {
            deep = json!({ "d": deep });
        }
        let tags = tagged(&deep);
        let key = tags.keys().next().expect("one tag");
        assert_eq!(key.matches(".d").count(), DEEPEST);
    }

    proptest! {
        #[test]
        fn any_text_becomes_at_most_the_allowed_tags(text in "\\PC*") {
            let tags = tagged(&json!({ "body": text }));
            prop_assert!(tags.len() <= MOST);
        }
    }
}
