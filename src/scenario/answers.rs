//! Where in an answer a value is found: JSONPath and regular expressions, bounded so that no answer
//! can make them slow.

use regex::bytes::{Regex, RegexBuilder};
use serde_json_path::JsonPath;

use super::words;
use crate::lang::Reason;

/// A JSONPath (RFC 9535) with at most one descendant segment (`..`): each looks at all that the one
/// before it found.
///
/// # Errors
/// What is no JSONPath, or has more descendant segments.
pub fn json_path(text: &str) -> Result<JsonPath, Reason> {
    let mut quote = None;
    let mut bare = String::new();
    for c in text.chars() {
        match quote {
            Some(open) if open == c => quote = None,
            Some(_) => continue,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => bare.push(c),
        }
    }
    if bare.matches("..").count() > 1 {
        return Err(Reason::of(words::DESCENDANTS));
    }
    let shown: String = text.chars().take(80).collect();
    JsonPath::parse(text)
        .map_err(|error| Reason::of(words::no_json_path(&shown, error.to_string())))
}

/// A regular expression with exactly one group. Its time is linear in the text's length.
///
/// # Errors
/// What is no regular expression, is too large, or has another number of groups.
pub fn one_group(text: &str) -> Result<Regex, Reason> {
    let shown: String = text.chars().take(80).collect();
    let built = RegexBuilder::new(text).size_limit(1 << 20).build();
    let regex = built.map_err(|error| {
        let why = error.to_string();
        let last = why.lines().last().unwrap_or_default();
        let last = last.trim_start_matches("error: ").to_owned();
        Reason::of(words::no_regex(&shown, last))
    })?;
    match regex.captures_len() {
        2 => Ok(regex),
        groups => Err(Reason::of(words::other_groups(&shown, groups - 1))),
    }
}
