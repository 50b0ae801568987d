//! The JSON Schema of a scenario file, made from the types that read it.

use std::sync::LazyLock;

use schemars::{
    Schema,
    generate::SchemaSettings,
    transform::{RecursiveTransform, Transform},
};
use serde_json::Value;

use super::file::ScenarioFile;

/// The JSON Schema (draft 2020-12) of a scenario file, for editors and for
/// `loadgen scenarios --schema`. The reader checks files against it, so the two cannot differ.
pub fn json_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let without_korean = |schema: &mut Schema| drop(schema.remove(KOREAN));
        made(RecursiveTransform(without_korean))
    });
    &SCHEMA
}

/// The same with what is said of each key in Korean, beside its `description`.
pub(super) fn schema_in_both_languages() -> &'static Value {
    static SCHEMA: LazyLock<Value> =
        LazyLock::new(|| made(RecursiveTransform(|_: &mut Schema| {})));
    &SCHEMA
}

/// The key of a description in Korean.
pub(super) const KOREAN: &str = "x-ko";

fn made(last: impl Transform + Clone + Send + 'static) -> Value {
    SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(WithoutNull))
        .with_transform(last)
        .into_generator()
        .into_root_schema_for::<ScenarioFile>()
        .to_value()
}

/// TOML has no null: what is optional is left out.
#[derive(Clone, Debug)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [kind] = types.as_slice() {
                let kind = kind.clone();
                object.insert("type".to_owned(), kind);
            }
        }
        let Some(Value::Array(branches)) = object.get_mut("anyOf") else {
            return;
        };
        branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}
