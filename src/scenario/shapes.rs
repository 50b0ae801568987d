//! Shapes that the keys of a scenario file share, each value with its place.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData, ops::Range};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use toml::Spanned;

/// A value and its place in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Located<T>(Spanned<T>);

impl<T> Located<T> {
    /// The value.
    pub fn get(&self) -> &T {
        self.0.get_ref()
    }

    /// The bytes of the file that it takes up.
    pub fn span(&self) -> Range<usize> {
        self.0.span()
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Names and values, each with its place.
pub type LocatedMap = BTreeMap<Spanned<String>, Located<String>>;

/// One table, or a list of them: `[request]`, or `[[request]]` again and again. Read by its first
/// sign, since an untagged enum would forget where things stand.
#[derive(Debug)]
pub enum OneOrMany<T, M = T> {
    /// `[request]`
    One(T),
    /// `[[request]]`
    Many(Vec<M>),
}

impl<'de, T: Deserialize<'de>, M: Deserialize<'de>> Deserialize<'de> for OneOrMany<T, M> {
    /// By its kind: serde's own way to try each would lose where everything stands.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OneOrMany<T, M>, D::Error> {
        struct TableOrList<T, M>(PhantomData<(T, M)>);
        impl<'de, T: Deserialize<'de>, M: Deserialize<'de>> Visitor<'de> for TableOrList<T, M> {
            type Value = OneOrMany<T, M>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table or a list of tables")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany::Many)
            }
        }
        deserializer.deserialize_any(TableOrList(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] })
    }
}

/// A JSON value as it is written in TOML; each text keeps its place and may be a template.
#[derive(Clone, Debug)]
pub enum JsonFile {
    /// A text.
    Text(String),
    /// A number, true or false.
    Plain(serde_json::Value),
    /// A list.
    List(Vec<Located<JsonFile>>),
    /// A table.
    Object(Vec<(String, Located<JsonFile>)>),
}

impl<'de> Deserialize<'de> for JsonFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonFile, D::Error> {
        struct AnyValue;
        impl<'de> Visitor<'de> for AnyValue {
            type Value = JsonFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_bool<E>(self, value: bool) -> Result<JsonFile, E> {
                Ok(JsonFile::Plain(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<JsonFile, E> {
                Ok(JsonFile::Plain(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<JsonFile, E> {
                Ok(JsonFile::Plain(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<JsonFile, E> {
                Ok(JsonFile::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<JsonFile, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(JsonFile::List)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonFile, A::Error> {
                let mut object = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    // How the toml crate hands on a date, which is a text in JSON.
                    if key.starts_with("$__toml_private_datetime") {
                        return map.next_value().map(JsonFile::Text);
                    }
                    object.push((key, map.next_value()?));
                }
                Ok(JsonFile::Object(object))
            }
        }
        deserializer.deserialize_any(AnyValue)
    }
}

impl JsonSchema for JsonFile {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }
}
