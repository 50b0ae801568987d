//! The values in a log line's attributes.

use serde_json::Value;

use super::Span;

/// The path of Lambda's request id.
pub(super) const REQUEST_ID: &str = "lambda.request_id";

/// The tag of a span that names its request.
pub(super) const SPAN_REQUEST: &str = "request_id";

/// The number of the request that a span belongs to; 0: of none.
pub(super) fn span_request(span: &Span) -> i64 {
    let number = |value: &f64| request_number(&value.to_string());
    match span.meta.get(SPAN_REQUEST) {
        Some(id) => request_number(id),
        None => span.metrics.get(SPAN_REQUEST).map_or(0, number),
    }
}

/// The number of the request that a line belongs to; 0: of none.
pub(super) fn request_of(attributes: &Value) -> i64 {
    let mut number = 0;
    at_path(attributes, REQUEST_ID, &mut |id| {
        number = request_number(id);
        true
    });
    number
}

/// A request id as a number, which others may share. Never 0.
pub(super) fn request_number(id: &str) -> i64 {
    (fnv(id.bytes()) | 1) as i64
}

/// FNV-1a, 64 bits.
pub fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Whether a value at the dotted `path` passes. Keys may hold dots themselves, and of an array
/// every element counts.
pub(super) fn at_path(value: &Value, path: &str, test: &mut dyn FnMut(&str) -> bool) -> bool {
    match value {
        Value::Object(fields) => {
            if let Some(inner) = fields.get(path)
                && leaf(inner, test)
            {
                return true;
            }
            path.match_indices('.').any(|(dot, _)| {
                fields
                    .get(&path[..dot])
                    .is_some_and(|inner| at_path(inner, &path[dot + 1..], test))
            })
        }
        Value::Array(elements) => elements.iter().any(|element| at_path(element, path, test)),
        _ => false,
    }
}

fn leaf(value: &Value, test: &mut dyn FnMut(&str) -> bool) -> bool {
    match value {
        Value::String(text) => test(text),
        Value::Number(number) => test(&number.to_string()),
        Value::Bool(value) => test(if *value { "true" } else { "false" }),
        Value::Array(elements) => elements.iter().any(|element| leaf(element, test)),
        Value::Null | Value::Object(_) => false,
    }
}
