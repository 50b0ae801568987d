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
    diagnostics::Diagnostics,
    mistake::{Mistake, quoted},
    near::nearest,
    schema::json_schema,
};

/// Checks a whole file. Answers with what is sound of it, so that the rest can still be read and
/// its meaning checked: wrong keys are left out whole, of a list only the wrong entries.
pub fn check<'i>(table: DeTable<'i>) -> (DeTable<'i>, Vec<Mistake>) {
    let root = json_schema();
    let mut check = SchemaCheck::default();
    check.keys(&table, root, &(0..0), "a scenario");
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
    fn mistake(&mut self, span: &Range<usize>, message: String, label: &str, help: Option<String>) {
        let found = &mut self.found;
        found.mistake(span.clone(), label, message, help.as_deref());
    }

    /// What is left of a value without its mistakes.
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

    /// A value, described by `about`: its own schema, or that of the map it is in.
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
            let wanted: Vec<&str> = branches.iter().filter_map(|it| wanted(it)).collect();
            let wanted = list(&wanted, "or");
            let message = format!("`{name}` is {}, where {wanted} belongs", said(kind));
            return self.mistake(&span, message, said(kind), help(about));
        };
        match value.get_ref() {
            DeValue::String(text) => self.word(text, &fitting, &span, name),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => self.number(number as f64, first, &span, name, about),
                    Err(_) => {
                        let message = format!("`{name}` is a number too large for anything");
                        self.mistake(&span, message, "too large", help(about));
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
        self.keys(table, branch, span, &format!("`{name}`"));
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
    fn keys(&mut self, table: &DeTable<'_>, schema: &Value, span: &Range<usize>, place: &str) {
        let Some(Value::Object(properties)) = schema.get("properties") else {
            return;
        };
        let known = || properties.keys().map(String::as_str);
        for key in table
            .keys()
            .filter(|key| !properties.contains_key(key.get_ref().as_ref()))
        {
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
        about: &Value,
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
        self.mistake(span, message, &wrong, help(about));
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
    let any = schema
        .get("additionalProperties")
        .filter(|any| any.is_object());
    named.or(any)
}

/// The alternatives of a schema: itself, or what its `anyOf` or `oneOf` offers, references followed.
fn branches(schema: &'static Value) -> Vec<&'static Value> {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let definition = name
            .strip_prefix('#')
            .and_then(|path| json_schema().pointer(path));
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
