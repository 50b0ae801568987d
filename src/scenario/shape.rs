//! Is a file shaped as the JSON Schema says? Unknown and missing keys, wrong types, numbers out of
//! range and unknown words, all of them at once and each with its place.
//!
//! It knows the part of JSON Schema that `schema` produces, and nothing else.

use std::ops::Range;

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    mistake::{Mistake, quoted},
    near::nearest,
    schema::json_schema,
};

/// Checks a whole file and takes what is wrong out of the table, so that the rest can still be
/// read and checked: whole keys, and single phases.
pub fn check(table: &mut Spanned<DeTable<'_>>) -> Vec<Mistake> {
    let root = json_schema();
    let mut shape = Shape { mistakes: vec![] };
    let whole = 0..0;
    shape.keys(table.get_ref(), root, &whole, "a scenario");
    table.get_mut().retain(|key, value| {
        let Some(schema) = property(root, key.get_ref()) else {
            return false;
        };
        if let (DeValue::Array(items), Some(each)) = (value.get_mut(), items_of(schema)) {
            let before = items.len();
            items.retain(|item| shape.sound(item, each, key.get_ref()));
            if before > 0 && items.is_empty() {
                return false;
            }
        }
        shape.sound(value, schema, key.get_ref())
    });
    shape.mistakes
}

struct Shape {
    mistakes: Vec<Mistake>,
}

impl Shape {
    fn mistake(&mut self, span: &Range<usize>, message: String, label: &str, help: Option<String>) {
        self.mistakes.push(Mistake {
            message,
            label: label.to_owned(),
            help,
            span: span.clone(),
        });
    }

    /// Whether a value has no mistakes.
    fn sound(&mut self, value: &Spanned<DeValue<'_>>, schema: &Value, name: &str) -> bool {
        let before = self.mistakes.len();
        self.value(value, schema, name);
        self.mistakes.len() == before
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, schema: &Value, name: &str) {
        let span = value.span();
        let branches = branches(schema);
        let kind = kind(value.get_ref());
        let fitting: Vec<&Value> = branches
            .iter()
            .copied()
            .filter(|branch| takes(branch, kind))
            .collect();
        let Some(first) = fitting.first() else {
            let wanted: Vec<&str> = branches.iter().filter_map(|branch| wanted(branch)).collect();
            let wanted = list(&wanted, "or");
            let message = format!("`{name}` is {}, where {wanted} belongs", said(kind));
            return self.mistake(&span, message, said(kind), help(schema));
        };
        match value.get_ref() {
            DeValue::String(text) => self.word(text, &fitting, &span, name),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => self.number(number as f64, first, &span, name, schema),
                    Err(_) => {
                        let message = format!("`{name}` is a number too large for anything");
                        self.mistake(&span, message, "too large", help(schema));
                    }
                }
            }
            DeValue::Float(number) => {
                let number = number.as_str().parse().unwrap_or(f64::NAN);
                self.number(number, first, &span, name, schema);
            }
            DeValue::Array(items) => {
                if let Some(each) = items_of(first) {
                    for item in items.iter() {
                        self.value(item, each, name);
                    }
                }
                self.length(items.len(), first, &span, name);
            }
            DeValue::Table(table) => {
                let place = format!("`{name}`");
                self.keys(table, first, &span, &place);
                for (key, value) in table.iter() {
                    if let Some(schema) = property(first, key.get_ref()) {
                        self.value(value, schema, key.get_ref());
                    }
                }
            }
            DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    /// Unknown keys and missing ones.
    fn keys(&mut self, table: &DeTable<'_>, schema: &Value, span: &Range<usize>, place: &str) {
        let Some(Value::Object(properties)) = schema.get("properties") else {
            return;
        };
        let known = || properties.keys().map(String::as_str);
        for key in table.keys().filter(|key| !properties.contains_key(key.get_ref().as_ref())) {
            let message = format!("{} is no key of {place}", quoted(key.get_ref()));
            let help = match nearest(key.get_ref(), known()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("the keys of {place} are {}", list_code(known(), "and")),
            };
            self.mistake(&key.span(), message, "unknown key", Some(help));
        }
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            if !table.contains_key(key) {
                let help = properties.get(key).and_then(help);
                let message = format!("{place} has no `{key}`");
                self.mistake(span, message, &format!("`{key}` is missing here"), help);
            }
        }
    }

    /// A text that may have to be one of some words.
    fn word(&mut self, text: &str, branches: &[&Value], span: &Range<usize>, name: &str) {
        let words: Vec<&str> = branches.iter().flat_map(|branch| words(branch)).collect();
        let free = branches.iter().any(|branch| words_of(branch).is_none());
        if free || words.contains(&text) {
            return;
        }
        let message = format!("{} is nothing that `{name}` can be", quoted(text));
        let help = match nearest(text, words.iter().copied()) {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => format!("it can be {}", list_code(words.iter().copied(), "or")),
        };
        self.mistake(span, message, "not known", Some(help));
    }

    fn number(
        &mut self,
        number: f64,
        branch: &Value,
        span: &Range<usize>,
        name: &str,
        schema: &Value,
    ) {
        let bound = |key| branch.get(key).and_then(Value::as_f64);
        let (least, most) = (bound("minimum"), bound("maximum"));
        let wrong = if !number.is_finite() {
            "must be a finite number".to_owned()
        } else if let Some(above) = bound("exclusiveMinimum").filter(|above| number <= *above) {
            format!("must be above {above}")
        } else if let Some(least) = least.filter(|least| number < *least) {
            format!("must be at least {least}")
        } else if let Some(most) = most.filter(|most| number > *most) {
            format!("must be at most {most}")
        } else {
            return;
        };
        let message = format!("`{name}` is {number}: it {wrong}");
        self.mistake(span, message, &wrong, help(schema));
    }

    fn length(&mut self, length: usize, branch: &Value, span: &Range<usize>, name: &str) {
        let bound = |key| branch.get(key).and_then(Value::as_u64);
        let length = length as u64;
        if let Some(most) = bound("maxItems").filter(|most| length > *most) {
            let message = format!("`{name}` has {length} entries, more than {most}");
            self.mistake(span, message, "too many", None);
        } else if let Some(least) = bound("minItems").filter(|least| length < *least) {
            let message = format!("`{name}` has {length} entries, fewer than {least}");
            self.mistake(span, message, "too few", None);
        }
    }
}

/// The schema of a key's value.
fn property<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    let named = schema.get("properties").and_then(|all| all.get(key));
    // What an open map says of all its values.
    let any = schema.get("additionalProperties").filter(|any| any.is_object());
    named.or(any)
}

fn items_of(schema: &Value) -> Option<&Value> {
    schema.get("items")
}

/// The alternatives of a schema: itself, or what its `anyOf` or `oneOf` offers, references followed.
fn branches(schema: &'static Value) -> Vec<&'static Value> {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let definition = name.strip_prefix('#').and_then(|path| json_schema().pointer(path));
        return definition.map(branches).unwrap_or_default();
    }
    let alternatives = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key));
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

fn words(branch: &Value) -> Vec<&str> {
    words_of(branch).unwrap_or_default()
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
    let of = branch.get("type").and_then(Value::as_str);
    of.is_some_and(|of| of == kind || (of == "number" && kind == "integer"))
}

fn said(kind: &str) -> &'static str {
    match kind {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a table",
        _ => "a date",
    }
}

fn wanted(branch: &Value) -> Option<&'static str> {
    branch.get("type").and_then(Value::as_str).map(said)
}

fn help(schema: &Value) -> Option<String> {
    let text = schema.get("description").and_then(Value::as_str)?;
    Some(text.replace('\n', " "))
}

fn list_code<'a>(words: impl Iterator<Item = &'a str>, last: &str) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    list(&words, last)
}

/// `a, b or c`
fn list(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., end] => format!("{} {last} {end}", all.join(", ")),
    }
}
