//! Is a file shaped as the JSON Schema says? Reports unknown and missing keys, wrong types, numbers
//! out of range and unknown words, all at once and each with its place.
//!
//! It supports the part of JSON Schema that `schema` produces, and nothing else.

use std::{fmt::Display, ops::Range};

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    diagnostics::Diagnostics,
    mistake::{Mistake, quoted},
    near::nearest,
    schema::{KOREAN, schema_in_both_languages},
    words,
};
use crate::lang::{Lang, Phrase, PlainNumber, Reason, Text, speaking};

/// Checks a complete file. Returns its valid part, so that the rest can still be read and its
/// meaning checked: a wrong key is left out completely, a list loses only its wrong entries.
pub fn check<'i>(table: DeTable<'i>) -> (DeTable<'i>, Vec<Mistake>) {
    let root = schema_in_both_languages();
    let mut check = SchemaCheck::default();
    check.keys(&table, root, &(0..0), &words::A_SCENARIO.into());
    let mut sound = DeTable::default();
    for (key, value) in table {
        if let Some(schema) = property(root, key.get_ref())
            && let Some(value) = check.left(value, schema, key.get_ref())
        {
            sound.insert(key, value);
        }
    }
    (sound, check.found.mistakes)
}

#[derive(Default)]
struct SchemaCheck {
    found: Diagnostics,
}

impl SchemaCheck {
    fn mistake(
        &mut self,
        span: &Range<usize>,
        message: Phrase,
        label: impl Into<Phrase>,
        help: Option<Phrase>,
    ) {
        self.found.mistakes.push(Mistake {
            message,
            label: label.into(),
            help,
            span: span.clone(),
        });
    }

    /// A value without its mistakes.
    fn left<'i>(
        &mut self,
        value: Spanned<DeValue<'i>>,
        schema: &'static Value,
        name: &str,
    ) -> Option<Spanned<DeValue<'i>>> {
        let span = value.span();
        match (value.into_inner(), schema.get("items")) {
            (DeValue::Array(items), Some(each)) => {
                self.length(items.len(), schema, &span, name);
                let left = items
                    .into_iter()
                    .filter(|item| self.sound(item, each, name));
                Some(Spanned::new(span, DeValue::Array(left.collect())))
            }
            (value, _) => {
                let value = Spanned::new(span, value);
                self.sound(&value, schema, name).then_some(value)
            }
        }
    }

    /// Whether a value has no mistakes.
    fn sound(&mut self, value: &Spanned<DeValue<'_>>, schema: &'static Value, name: &str) -> bool {
        let before = self.found.mistakes.len();
        self.value(value, schema, schema, name);
        self.found.mistakes.len() == before
    }

    /// Checks a value. `about` describes it: its own schema, or that of the map that holds it.
    fn value(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        schema: &'static Value,
        about: &Value,
        name: &str,
    ) {
        let span = value.span();
        let branches = branches(schema);
        let kind = kind(value.get_ref());
        let takes = |branch: &&&'static Value| takes(branch, kind);
        let fitting: Vec<&'static Value> = branches.iter().filter(takes).copied().collect();
        let Some(first) = fitting.first() else {
            let wanted: Vec<Text> = branches.iter().filter_map(|it| wanted(it)).collect();
            let wanted = listed(&wanted, words::OR);
            let message = words::other_kind(name, said(kind), wanted);
            return self.mistake(&span, message, said(kind), help(about));
        };
        match value.get_ref() {
            DeValue::String(text) => self.word(text, &fitting, &span, name),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => self.number(number as f64, first, &span, name, about),
                    Err(_) => {
                        let message = words::huge(name);
                        self.mistake(&span, message, words::TOO_LARGE, help(about));
                    }
                }
            }
            DeValue::Float(number) => {
                let number = number.as_str().parse().unwrap_or(f64::NAN);
                self.number(number, first, &span, name, about);
            }
            DeValue::Array(items) => {
                if let Some(each) = first.get("items") {
                    for item in items.iter() {
                        self.value(item, each, each, name);
                    }
                }
                self.length(items.len(), first, &span, name);
            }
            DeValue::Table(table) => self.table(table, first, about, &span, name),
            DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn table(
        &mut self,
        table: &DeTable<'_>,
        branch: &'static Value,
        about: &Value,
        span: &Range<usize>,
        name: &str,
    ) {
        self.keys(table, branch, span, &words::code(name));
        for (key, value) in table.iter() {
            if let Some(schema) = property(branch, key.get_ref()) {
                let about = if help(schema).is_some() {
                    schema
                } else {
                    about
                };
                self.value(value, schema, about, key.get_ref());
            }
        }
    }

    /// Unknown keys and missing ones.
    fn keys(&mut self, table: &DeTable<'_>, schema: &Value, span: &Range<usize>, place: &Phrase) {
        let Some(Value::Object(properties)) = schema.get("properties") else {
            return;
        };
        let known = || properties.keys().map(String::as_str);
        for key in table
            .keys()
            .filter(|key| !properties.contains_key(key.get_ref().as_ref()))
        {
            let message = words::no_key(&quoted(key.get_ref()), place.clone());
            let help = match nearest(key.get_ref(), known()) {
                Some(word) => words::did_you_mean(&format!("`{word}`")),
                None => words::keys_are(place.clone(), list_code(known(), words::AND)),
            };
            self.mistake(&key.span(), message, words::UNKNOWN_KEY, Some(help));
        }
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            if !table.contains_key(key) {
                let help = properties.get(key).and_then(help);
                let message = words::lacks(place.clone(), key);
                self.mistake(span, message, words::missing_here(key), help);
            }
        }
    }

    /// A text that may have to be one of some words.
    fn word(&mut self, text: &str, branches: &[&Value], span: &Range<usize>, name: &str) {
        let known: Option<Vec<Vec<&str>>> = branches.iter().map(|it| words_of(it)).collect();
        let known = known.map(|known| known.concat());
        let Some(known) = known.filter(|known| !known.contains(&text)) else {
            return;
        };
        let message = words::not_a_word(&quoted(text), name);
        let help = match nearest(text, known.iter().copied()) {
            Some(word) => words::did_you_mean(&format!("\"{word}\"")),
            None => words::can_be(list_code(known.iter().copied(), words::OR)),
        };
        self.mistake(span, message, words::NOT_KNOWN, Some(help));
    }

    fn number(
        &mut self,
        number: f64,
        branch: &Value,
        span: &Range<usize>,
        name: &str,
        about: &Value,
    ) {
        let bound = |key| branch.get(key).and_then(Value::as_f64);
        let (least, most) = (bound("minimum"), bound("maximum"));
        let wrong = if !number.is_finite() {
            words::NOT_FINITE.into()
        } else if let Some(above) = bound("exclusiveMinimum").filter(|above| number <= *above) {
            words::not_above(PlainNumber(above))
        } else if let Some(least) = least.filter(|least| number < *least) {
            words::below(PlainNumber(least))
        } else if let Some(most) = most.filter(|most| number > *most) {
            words::above(PlainNumber(most))
        } else {
            return;
        };
        let message = words::out_of_range(name, PlainNumber(number), wrong.clone());
        self.mistake(span, message, wrong, help(about));
    }

    fn length(&mut self, length: usize, branch: &Value, span: &Range<usize>, name: &str) {
        let bound = |key| branch.get(key).and_then(Value::as_u64);
        let length = length as u64;
        if let Some(most) = bound("maxItems").filter(|most| length > *most) {
            let message = words::many_entries(name, length, most);
            self.mistake(span, message, words::TOO_MANY, None);
        } else if let Some(least) = bound("minItems").filter(|least| length < *least) {
            let message = words::few_entries(name, length, least);
            self.mistake(span, message, words::TOO_FEW, None);
        }
    }
}

/// The schema of a key's value.
fn property<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    let named = schema.get("properties").and_then(|all| all.get(key));
    // The schema that an open map has for all its values.
    let any = schema
        .get("additionalProperties")
        .filter(|any| any.is_object());
    named.or(any)
}

/// The alternatives of a schema: itself, or those in its `anyOf` or `oneOf`, with references
/// resolved.
fn branches(schema: &'static Value) -> Vec<&'static Value> {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let definition = name
            .strip_prefix('#')
            .and_then(|path| schema_in_both_languages().pointer(path));
        return definition.map(branches).unwrap_or_default();
    }
    let alternatives = ["anyOf", "oneOf"]
        .into_iter()
        .find_map(|key| schema.get(key));
    match alternatives.and_then(Value::as_array) {
        // With properties it is an object whose `oneOf` says which keys go together.
        Some(alternatives) if schema.get("properties").is_none() => {
            alternatives.iter().flat_map(branches).collect()
        }
        _ => vec![schema],
    }
}

/// The words that a branch allows; None: any text.
fn words_of(branch: &Value) -> Option<Vec<&str>> {
    let one = branch.get("const").and_then(Value::as_str);
    let some = branch.get("enum").and_then(Value::as_array);
    one.map(|word| vec![word])
        .or_else(|| some.map(|words| words.iter().filter_map(Value::as_str).collect()))
}

/// JSON Schema's name for the type of a TOML value.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "date",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

fn takes(branch: &Value, kind: &str) -> bool {
    // Without a type it is any value.
    let of = branch.get("type").and_then(Value::as_str);
    // What names no type takes any.
    of.is_none_or(|of| of == kind || (of == "number" && kind == "integer"))
}

fn said(kind: &str) -> Text {
    match kind {
        "string" => words::TEXT,
        "integer" => words::WHOLE_NUMBER,
        "number" => words::NUMBER,
        "boolean" => words::TRUE_OR_FALSE,
        "array" => words::LIST,
        "object" => words::TABLE,
        _ => words::DATE,
    }
}

fn wanted(branch: &Value) -> Option<Text> {
    branch.get("type").and_then(Value::as_str).map(said)
}

fn help(schema: &Value) -> Option<Phrase> {
    let said = |key| schema.get(key).and_then(Value::as_str);
    let english = said("description")?.replace('\n', " ");
    let korean = said(KOREAN).unwrap_or(&english).to_owned();
    let (en, ko) = (english, korean);
    Some(words::as_it_says(Reason { en, ko }))
}

fn list_code<'a>(words: impl Iterator<Item = &'a str>, last: Text) -> Reason {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    listed(&words, last)
}

/// `a, b or c`
fn listed(words: &[impl Display], last: Text) -> Reason {
    let said = |lang| {
        speaking(lang, || {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            match words.as_slice() {
                [all @ .., end] if !all.is_empty() => format!("{} {last} {end}", all.join(", ")),
                all => all.concat(),
            }
        })
    };
    Reason {
        en: said(Lang::En),
        ko: said(Lang::Ko),
    }
}
