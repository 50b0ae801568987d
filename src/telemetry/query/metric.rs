//! One metric query: `sum:aws.lambda.enhanced.errors{functionname:f} by {region}.as_count()`.
//!
//! Spoken: the aggregators `avg sum min max count` and percentiles (`p95:`); scopes with `,`,
//! `AND`, `OR`, `NOT`, `!`, `IN`, parentheses and `*`; `by {...}`; `.as_count()`, `.as_rate()`,
//! `.rollup(method, seconds)` and `.fill(zero|last|null)`. Source: Datadog, "Metrics: Advanced
//! Filtering" and "Rollup".

use super::aggregate::Aggregation;
use crate::telemetry::{
    scanner::{QueryLanguage, QuerySyntaxError, Scanner, negated_if, one_or},
    search::{Field, Pattern, PatternPiece, Predicate, Query},
};

/// A parsed metric query.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricQuery {
    /// The aggregator as it is written, if it is.
    pub aggregator: Option<String>,
    /// How values of different series become one; `avg` where nothing is written.
    pub aggregation: Aggregation,
    /// The metric's name.
    pub name: String,
    /// What is written between the braces, or `*`.
    pub scope_text: String,
    /// Which series are meant.
    pub scope: Query,
    /// The tag keys to group by.
    pub by: Vec<String>,
    /// `.as_rate()`: values per second.
    pub as_rate: bool,
    /// `.rollup(method)`: how values of one interval become one.
    pub method: Option<Aggregation>,
    /// `.rollup(.., seconds)`: the interval in milliseconds.
    pub interval_ms: Option<i64>,
    /// The value of intervals without a value.
    pub fill: Fill,
}

/// The value of an interval without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Nothing.
    Null,
    /// 0.
    Zero,
    /// The value before it.
    Last,
}

impl MetricQuery {
    /// Parses one metric query.
    pub fn parse(text: &str) -> Result<MetricQuery, QuerySyntaxError> {
        let mut scanner = Scanner::new(QueryLanguage::Metrics, text)?;
        let query = MetricQuery::scan(&mut scanner)?;
        scanner.end()?;
        Ok(query)
    }

    pub(super) fn scan(scanner: &mut Scanner) -> Result<MetricQuery, QuerySyntaxError> {
        scanner.skip_blanks();
        let first = scanner.take_while(is_in_name);
        let (aggregator, name) = match scanner.take(':') {
            true => (Some(first), scanner.take_while(is_in_name)),
            false => (None, first),
        };
        let aggregation = match &aggregator {
            Some(written) => aggregation(scanner, written)?,
            None => Aggregation::Average,
        };
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(scanner.error("expected a metric's name"));
        }
        let mut query = MetricQuery {
            aggregator,
            aggregation,
            name,
            scope_text: "*".to_owned(),
            scope: Query::All,
            by: Vec::new(),
            as_rate: false,
            method: None,
            interval_ms: None,
            fill: Fill::Null,
        };
        if scanner.take('{') {
            let mark = scanner.mark();
            query.scope = any_of(scanner)?;
            query.scope_text = scanner.since(mark).trim().to_owned();
            scanner.expect('}')?;
        }
        let mark = scanner.mark();
        if scanner.take_word("by") {
            query.by = keys(scanner)?;
        } else {
            scanner.back_to(mark);
        }
        while scanner.take('.') {
            query.modifier(scanner)?;
        }
        Ok(query)
    }

    fn modifier(&mut self, scanner: &mut Scanner) -> Result<(), QuerySyntaxError> {
        let name = scanner.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        scanner.expect('(')?;
        let mut arguments = Vec::new();
        loop {
            scanner.skip_blanks();
            let argument = scanner.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
            if !argument.is_empty() {
                arguments.push(argument);
            }
            if !scanner.take(',') {
                break;
            }
        }
        scanner.expect(')')?;
        match (name.as_str(), arguments.as_slice()) {
            ("as_count", []) => {}
            ("as_rate", []) => self.as_rate = true,
            ("rollup", [seconds]) if seconds.parse::<u32>().is_ok() => {
                self.interval_ms = Some(interval_ms(scanner, seconds)?);
            }
            ("rollup", [method]) => self.method = Some(aggregation(scanner, method)?),
            ("rollup", [method, seconds]) => {
                self.method = Some(aggregation(scanner, method)?);
                self.interval_ms = Some(interval_ms(scanner, seconds)?);
            }
            ("fill", [what]) | ("fill", [what, _]) => {
                self.fill = match what.as_str() {
                    "zero" | "0" => Fill::Zero,
                    "null" => Fill::Null,
                    "last" => Fill::Last,
                    _ => return Err(scanner.error("fill takes zero, last or null")),
                }
            }
            _ => {
                return Err(scanner.error(format!(
                    "the sandbox knows no `.{name}` with {} arguments, only as_count, as_rate, \
                     rollup and fill",
                    arguments.len()
                )));
            }
        }
        Ok(())
    }
}

fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}

fn aggregation(scanner: &Scanner, text: &str) -> Result<Aggregation, QuerySyntaxError> {
    Aggregation::of_metrics(text)
        .ok_or_else(|| scanner.error(format!("`{text}` is not an aggregator")))
}

fn interval_ms(scanner: &Scanner, seconds: &str) -> Result<i64, QuerySyntaxError> {
    match seconds.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(i64::from(seconds) * 1000),
        _ => Err(scanner.error(format!("`{seconds}` is not an interval in seconds"))),
    }
}

fn keys(scanner: &mut Scanner) -> Result<Vec<String>, QuerySyntaxError> {
    scanner.expect('{')?;
    let mut keys = Vec::new();
    loop {
        scanner.skip_blanks();
        let key = scanner.take_while(is_in_tag);
        if !key.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
        if !scanner.take(',') {
            scanner.expect('}')?;
            return Ok(keys);
        }
    }
}

fn is_in_tag(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '{' | '}' | '(' | ')' | ',' | ':' | '!')
}

fn is_in_value(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '{' | '}' | '(' | ')' | ',')
}

fn any_of(scanner: &mut Scanner) -> Result<Query, QuerySyntaxError> {
    let mut parts = vec![all_of(scanner)?];
    while scanner.take_word("OR") {
        parts.push(all_of(scanner)?);
    }
    Ok(one_or(parts, Query::Or))
}

fn all_of(scanner: &mut Scanner) -> Result<Query, QuerySyntaxError> {
    let mut parts = vec![one(scanner)?];
    while scanner.take(',') || scanner.take_word("AND") {
        parts.push(one(scanner)?);
    }
    Ok(one_or(parts, Query::And))
}

fn one(scanner: &mut Scanner) -> Result<Query, QuerySyntaxError> {
    let mut negated = false;
    while scanner.take('!') || scanner.take('-') || scanner.take_word("NOT") {
        negated = !negated;
    }
    let found = if scanner.take('(') {
        scanner.nested(any_of)?
    } else {
        term(scanner)?
    };
    Ok(negated_if(negated, found))
}

fn term(scanner: &mut Scanner) -> Result<Query, QuerySyntaxError> {
    scanner.skip_blanks();
    let key = scanner.take_while(is_in_tag);
    if key == "*" && scanner.peek() != Some(':') {
        return Ok(Query::All);
    }
    if key.is_empty() {
        return Err(scanner.error("expected a tag, or * for everything"));
    }
    if scanner.peek() == Some(':') {
        scanner.take(':');
        return Ok(is(&key, &scanner.take_while(is_in_value)));
    }
    let negated = scanner.take_word("NOT");
    if scanner.take_word("IN") {
        scanner.expect('(')?;
        let mut values = Vec::new();
        loop {
            scanner.skip_blanks();
            values.push(is(&key, &scanner.take_while(is_in_value)));
            if !scanner.take(',') {
                break;
            }
        }
        scanner.expect(')')?;
        return Ok(negated_if(negated, Query::Or(values)));
    }
    match negated {
        true => Err(scanner.error("expected IN")),
        // A tag without a value, such as a host's name.
        false => Ok(is("", &key)),
    }
}

fn is(key: &str, value: &str) -> Query {
    let pieces = value
        .chars()
        .map(|c| match c {
            '*' => PatternPiece::AnyText,
            c => PatternPiece::Char(c),
        })
        .collect();
    Query::Field(
        Field::Named(key.to_owned()),
        Predicate::Is(Pattern::of(pieces)),
    )
}

#[cfg(test)]
mod tests;
