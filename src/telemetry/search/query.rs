//! A parsed search, and how it matches.

use std::fmt;

use super::Pattern;

/// A parsed search.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Everything: `*` or nothing written.
    All,
    /// Each of them.
    And(Vec<Query>),
    /// At least one of them.
    Or(Vec<Query>),
    /// Not this.
    Not(Box<Query>),
    /// A word or phrase anywhere in the subject's text.
    Text(Pattern),
    /// A field whose value passes a test.
    Field(Field, Predicate),
}

/// What a test looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// A reserved attribute or a tag: `service`.
    Named(String),
    /// An attribute by its dotted path, written with `@`: `@http.method`.
    Attribute(String),
}

impl Field {
    /// A field as it is written in a search or a facet: with or without `@`.
    pub fn written(text: &str) -> Field {
        match text.strip_prefix('@') {
            Some(path) => Field::Attribute(path.to_owned()),
            None => Field::Named(text.to_owned()),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Named(name) => f.write_str(name),
            Field::Attribute(path) => write!(f, "@{path}"),
        }
    }
}

/// What a field's value must be. A field with several values passes if one of them does.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// Text, with wildcards or without, in exactly this case.
    Is(Pattern),
    /// A number within bounds.
    Within(NumberRange),
    /// A trace id: by its low 64 bits, and by its high ones where both sides know them.
    Trace(u128),
}

/// Bounds of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberRange {
    /// The lower bound, and whether it itself passes.
    pub low: Option<(f64, bool)>,
    /// The upper bound, and whether it itself passes.
    pub high: Option<(f64, bool)>,
}

impl NumberRange {
    fn hold(&self, value: f64) -> bool {
        let above = match self.low {
            Some((low, inclusive)) => value > low || (inclusive && value == low),
            None => true,
        };
        let below = match self.high {
            Some((high, inclusive)) => value < high || (inclusive && value == high),
            None => true,
        };
        above && below
    }
}

/// What a query is asked about: a span or a log line.
pub trait Searchable {
    /// Whether any value of `field` passes `test`.
    fn any_value(&self, field: &Field, test: &mut dyn FnMut(&str) -> bool) -> bool;
    /// Whether any of the texts that free words are looked for in passes `test`.
    fn any_text(&self, test: &mut dyn FnMut(&str) -> bool) -> bool;
}

impl Query {
    /// Whether `subject` is found.
    pub fn matches(&self, subject: &dyn Searchable) -> bool {
        match self {
            Query::All => true,
            Query::And(parts) => parts.iter().all(|part| part.matches(subject)),
            Query::Or(parts) => parts.iter().any(|part| part.matches(subject)),
            Query::Not(part) => !part.matches(subject),
            Query::Text(pattern) => subject.any_text(&mut |text| pattern.occurs_in(text)),
            Query::Field(field, test) => subject.any_value(field, &mut |value| test.passes(value)),
        }
    }

    /// Whether it depends on no other fields than those that `known` knows.
    pub fn looks_only_at(&self, known: &dyn Fn(&Field) -> bool) -> bool {
        match self {
            Query::All => true,
            Query::And(parts) | Query::Or(parts) => {
                parts.iter().all(|part| part.looks_only_at(known))
            }
            Query::Not(part) => part.looks_only_at(known),
            Query::Text(_) => false,
            Query::Field(field, _) => known(field),
        }
    }

    /// The exact value of the reserved attribute `name` that the query requires, if it does. An
    /// index can look it up.
    pub fn required(&self, name: &str) -> Option<&str> {
        match self {
            Query::And(parts) => parts.iter().find_map(|part| part.required(name)),
            Query::Field(Field::Named(field), Predicate::Is(Pattern::Exact(value)))
                if field == name =>
            {
                Some(value)
            }
            _ => None,
        }
    }

    /// The attributes whose exact value every find must have.
    pub fn required_attributes(&self) -> Vec<(&str, &str)> {
        match self {
            Query::And(parts) => parts.iter().flat_map(Query::required_attributes).collect(),
            Query::Field(Field::Attribute(path), Predicate::Is(Pattern::Exact(value))) => {
                vec![(path, value)]
            }
            _ => Vec::new(),
        }
    }

    /// The lower bound that the query requires for the number in the attribute `path`, if it does.
    pub fn required_above(&self, path: &str) -> Option<f64> {
        match self {
            Query::And(parts) => parts.iter().find_map(|part| part.required_above(path)),
            Query::Field(Field::Attribute(found), Predicate::Within(range)) if found == path => {
                Some(range.low?.0)
            }
            _ => None,
        }
    }

    /// The trace that the query requires, if it does.
    pub fn required_trace(&self) -> Option<u128> {
        match self {
            Query::And(parts) => parts.iter().find_map(Query::required_trace),
            Query::Field(_, Predicate::Trace(id)) => Some(*id),
            _ => None,
        }
    }
}

impl Predicate {
    fn passes(&self, value: &str) -> bool {
        match self {
            Predicate::Is(pattern) => pattern.is(value),
            Predicate::Within(bounds) => value.parse().is_ok_and(|value| bounds.hold(value)),
            Predicate::Trace(wanted) => trace_id(value).is_some_and(|found| {
                let (wanted_high, found_high) = (wanted >> 64, found >> 64);
                *wanted as u64 == found as u64
                    && (wanted_high == found_high || wanted_high == 0 || found_high == 0)
            }),
        }
    }
}

/// A trace id as people and APIs write it: 32 hexadecimal digits, or the low 64 bits in decimal,
/// or up to 16 hexadecimal digits with a letter among them.
pub fn trace_id(text: &str) -> Option<u128> {
    if text.is_empty() || text.len() > 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    if text.len() < 32 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<u64>().ok().map(u128::from);
    }
    u128::from_str_radix(text, 16).ok()
}
