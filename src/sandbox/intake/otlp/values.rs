//! Reading OTLP's JSON: attributes, times, numbers that may be written as texts.

use serde_json::{Map, Value};

/// A list in a message; none is an empty one.
pub(super) fn list<'a>(message: &'a Value, name: &str) -> &'a [Value] {
    message[name].as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn text<'a>(message: &'a Value, name: &str) -> &'a str {
    message[name].as_str().unwrap_or_default()
}

/// An integer: JSON writes those of 64 bits as texts.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::String(digits) => digits.parse().ok(),
        Value::Bool(yes) => Some(i64::from(*yes)),
        other => other.as_i64(),
    }
}

/// A number of a data point, which may be an integer.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(digits) => digits.parse().ok(),
        other => other.as_f64(),
    }
}

/// Every message `inner` of every message `outer` of an OTLP body, with its resource.
pub(super) fn each<'a>(
    whole: &'a Value,
    [outer, scope, inner]: [&'static str; 3],
) -> impl Iterator<Item = (&'a Value, &'a Value)> {
    list(whole, outer).iter().flat_map(move |of_resource| {
        let scopes = list(of_resource, scope).iter();
        let inners = scopes.flat_map(move |of_scope| list(of_scope, inner));
        inners.map(|one| (&of_resource["resource"], one))
    })
}

/// The attributes of a message by key, each as the JSON that it means.
pub(super) fn attributes(message: &Value) -> Map<String, Value> {
    let pairs = list(message, "attributes").iter();
    let pair = |pair: &Value| (text(pair, "key").to_owned(), meaning(&pair["value"]));
    pairs.map(pair).collect()
}

/// What an `AnyValue` means.
pub(super) fn meaning(value: &Value) -> Value {
    let Some((kind, written)) = value.as_object().and_then(|one| one.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "intValue" => integer(written).map_or(Value::Null, Value::from),
        "boolValue" => integer(written).map_or(Value::Null, |bit| Value::Bool(bit != 0)),
        "arrayValue" => list(written, "values").iter().map(meaning).collect(),
        "kvlistValue" => {
            let pairs = list(written, "values").iter();
            let pair = |pair: &Value| (text(pair, "key").to_owned(), meaning(&pair["value"]));
            Value::Object(pairs.map(pair).collect())
        }
        _ => written.clone(),
    }
}

/// A text as it is, anything else as JSON.
pub(super) fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The tags `service`, `env`, `version` and `host` of a resource, by the attributes that
/// OpenTelemetry's conventions have for them (Datadog, "OpenTelemetry Semantic Conventions and
/// Datadog Conventions").
pub(super) fn unified(resource: &Map<String, Value>) -> Vec<(&'static str, String)> {
    [
        ("service", ["service.name", ""]),
        (
            "env",
            ["deployment.environment.name", "deployment.environment"],
        ),
        ("version", ["service.version", ""]),
        ("host", ["host.name", ""]),
    ]
    .into_iter()
    .filter_map(|(tag, keys)| {
        let found = keys.iter().find_map(|key| resource.get(*key))?;
        Some((tag, said(found)))
    })
    .collect()
}
