//! `--set KEY=VALUE`: a key of a scenario, set from outside of its file.

use std::str::FromStr;

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{diagnostics::Diagnostics, mistake::quoted, near::nearest, words};

/// A key of a scenario and its value: `request.method=POST`. The key is in TOML's form. A phase is
/// given by its name or its number: `phase.burst.burst=50`. The value is TOML, or else a text; an
/// empty one removes the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    key: String,
    value: String,
}

/// Where the value of a setting is put, and what it is.
type Parsed<'i> = (Vec<Spanned<DeString<'i>>>, Option<Spanned<DeValue<'i>>>);

impl Setting {
    /// A setting of this key, which is TOML's.
    pub fn new(key: &str, value: &str) -> Setting {
        Setting {
            key: key.trim().to_owned(),
            value: value.trim().to_owned(),
        }
    }

    /// Whether it sets this key or one below it.
    pub fn is_under(&self, key: &str) -> bool {
        let rest = self.key.strip_prefix(key);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Whether its value may be a secret, or hold one: everything that is sent.
    pub fn may_be_secret(&self) -> bool {
        const SENT: [&str; 6] = ["headers", "body", "body_file", "path", "json", "form"];
        let mut keys = self.key.split('.');
        self.is_under("auth") || self.is_under("request") && keys.any(|key| SENT.contains(&key))
    }

    /// As it is shown: `request.method = POST`.
    pub fn shown(&self) -> (&str, &str) {
        let value = if self.may_be_secret() {
            "***"
        } else {
            &self.value
        };
        (&self.key, value)
    }

    /// As it was typed.
    pub fn typed(&self) -> String {
        format!("{}={}", self.key, self.value)
    }

    /// The line of TOML that says the same, its value a text where `as_text`.
    pub(super) fn line(&self, as_text: bool) -> String {
        let value = match as_text {
            // A JSON string is a TOML string.
            true => serde_json::Value::from(self.value.as_str()).to_string(),
            false => self.value.clone(),
        };
        format!("{} = {value}", self.key)
    }

    /// Whether the value is one of TOML's, and no text.
    pub(super) fn is_toml(&self) -> bool {
        let line = format!("v = {}", self.value);
        let (table, errors) = DeTable::parse_recoverable(&line);
        errors.is_empty() && table.get_ref().len() == 1
    }

    /// How many keys lead to the value.
    fn depth(&self) -> usize {
        let line = format!("{} = 0", self.key);
        let (table, _) = DeTable::parse_recoverable(&line);
        let mut table = table.get_ref();
        let mut depth = 1;
        while let Some(DeValue::Table(inner)) = table.values().next().map(Spanned::get_ref) {
            (table, depth) = (inner, depth + 1);
        }
        depth
    }

    /// Whether it takes the key away.
    fn removes(&self) -> bool {
        self.value.is_empty()
    }
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Setting, String> {
        let mut quote = None;
        let split = text.char_indices().find(|(_, c)| {
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(*c),
                (Some(open), c) if open == *c => quote = None,
                _ => {}
            }
            quote.is_none() && *c == '='
        });
        match split {
            Some((at, _)) if !text[..at].trim().is_empty() => {
                Ok(Setting::new(&text[..at], &text[at + 1..]))
            }
            _ => Err(words::NO_SETTING.to_string()),
        }
    }
}

/// Puts the one value of a line into a scenario's table.
pub(super) fn apply<'i>(
    found: &mut Diagnostics,
    table: &mut DeTable<'i>,
    setting: &Setting,
    line: DeTable<'i>,
) {
    let Some((path, value)) = parsed(line, setting.depth()) else {
        return;
    };
    let value = value.filter(|_| !setting.removes());
    if let Some((last, tables)) = path.split_last() {
        put(found, table, tables, last, value);
    }
}

/// The keys that lead to the value of a line with a single value, `depth` of them.
fn parsed(line: DeTable<'_>, depth: usize) -> Option<Parsed<'_>> {
    let mut path = Vec::new();
    let mut table = line;
    loop {
        let (key, value) = table.into_iter().next()?;
        path.push(key);
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(inner) if path.len() < depth => table = inner,
            value => return Some((path, Some(Spanned::new(span, value)))),
        }
    }
}

fn put<'i>(
    found: &mut Diagnostics,
    table: &mut DeTable<'i>,
    tables: &[Spanned<DeString<'i>>],
    last: &Spanned<DeString<'i>>,
    value: Option<Spanned<DeValue<'i>>>,
) {
    let Some((next, rest)) = tables.split_first() else {
        match value {
            Some(value) => drop((table.remove(last), table.insert(last.clone(), value))),
            None => drop(table.remove(last)),
        }
        return;
    };
    if !table.contains_key(next) {
        let empty = DeValue::Table(DeTable::new());
        table.insert(next.clone(), Spanned::new(next.span(), empty));
    }
    match table.get_mut(next).map(Spanned::get_mut) {
        Some(DeValue::Table(inner)) => put(found, inner, rest, last, value),
        // Of a list of tables the next key names one.
        Some(DeValue::Array(items)) if !rest.is_empty() => {
            let (name, rest) = (&rest[0], &rest[1..]);
            match element(items.iter_mut().map(Spanned::get_mut), name.get_ref()) {
                Ok(inner) => put(found, inner, rest, last, value),
                Err(near) => {
                    let message = words::no_element(next.get_ref(), &quoted(name.get_ref()));
                    let help = match near {
                        Some(near) => words::did_you_mean(&format!("`{near}`")),
                        None => words::BY_NAME.into(),
                    };
                    found.mistake(name.span(), words::NOT_KNOWN, message, help);
                }
            }
        }
        _ => {
            let message = words::holds_no_keys(next.get_ref());
            found.mistake(next.span(), words::UNKNOWN_KEY, message, words::BY_NAME);
        }
    }
}

/// The table of a list that has this name or, from 1, this number; else the name that is nearest.
fn element<'a, 'i: 'a>(
    items: impl Iterator<Item = &'a mut DeValue<'i>>,
    wanted: &str,
) -> Result<&'a mut DeTable<'i>, Option<String>> {
    let tables = items.filter_map(|item| match item {
        DeValue::Table(table) => Some(table),
        _ => None,
    });
    let name = |table: &DeTable<'_>| match table.get("name").map(Spanned::get_ref) {
        Some(DeValue::String(name)) => name.to_string(),
        _ => String::new(),
    };
    let mut tables: Vec<&mut DeTable<'i>> = tables.collect();
    let names: Vec<String> = tables.iter().map(|table| name(table)).collect();
    let numbered = wanted
        .parse::<usize>()
        .ok()
        .and_then(|number| number.checked_sub(1));
    let place = names.iter().position(|name| name == wanted).or(numbered);
    match place.filter(|place| *place < tables.len()) {
        Some(place) => Ok(tables.swap_remove(place)),
        None => Err(nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)),
    }
}
