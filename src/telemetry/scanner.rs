//! A query read character by character: what searches and metric queries are parsed with.

use std::fmt;

use super::{problem::Problem, search::Query};
use crate::lang::texts;

texts! {
    const;
    too_long(bytes: &str): "it is longer than {} bytes", "{}바이트보다 깁니다";
    too_deep(levels: &str): "nested deeper than {}", "괄호가 {}단계보다 깊습니다";
    NOT_CLOSED: "a parenthesis is not closed", "괄호가 닫히지 않았습니다";
    invalid_search(at: &str, problem: &str): "invalid query at character {at}: {problem}",
        "검색어의 {at}번째 글자에 오류가 있습니다: {problem}";
}

/// A search or a metric query that cannot be parsed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct QuerySyntaxError {
    language: QueryLanguage,
    /// The query.
    pub text: String,
    /// The character, from 1.
    pub at: usize,
    problem: Problem,
}

/// Which queries: Datadog's APIs refuse them in different words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueryLanguage {
    Search,
    Metrics,
}

impl fmt::Display for QuerySyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let QuerySyntaxError {
            text, at, problem, ..
        } = self;
        let problem = problem.to_string();
        match self.language {
            QueryLanguage::Search => invalid_search(&at.to_string(), &problem).fmt(f),
            QueryLanguage::Metrics => write!(
                f,
                "Error parsing query: unable to parse {text}: {problem} at character {at}"
            ),
        }
    }
}

/// How long a query may be, in bytes.
const MAX_LENGTH: usize = 16 * 1024;
/// How deep parentheses may nest.
const MAX_DEPTH: usize = 64;

pub(super) struct Scanner {
    language: QueryLanguage,
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Scanner {
    pub(super) fn new(language: QueryLanguage, text: &str) -> Result<Scanner, QuerySyntaxError> {
        let scanner = Scanner {
            language,
            chars: text.chars().take(MAX_LENGTH).collect(),
            at: 0,
            depth: 0,
        };
        if text.len() > MAX_LENGTH {
            return Err(scanner.error(too_long(&MAX_LENGTH.to_string())));
        }
        Ok(scanner)
    }

    pub(super) fn error(&self, problem: impl Into<Problem>) -> QuerySyntaxError {
        QuerySyntaxError {
            language: self.language,
            text: self.chars.iter().take(200).collect(),
            at: self.at + 1,
            problem: problem.into(),
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// The character after the next.
    pub(super) fn peek_second(&self) -> Option<char> {
        self.chars.get(self.at + 1).copied()
    }

    /// Takes the next character.
    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    /// Takes `wanted`, after blanks, if it is next.
    pub(super) fn take(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        self.take_here(wanted)
    }

    /// Takes `wanted` if it is next, without a blank before it.
    pub(super) fn take_here(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, wanted: char) -> Result<(), QuerySyntaxError> {
        match self.take(wanted) {
            true => Ok(()),
            false => Err(self.error(format!("expected `{wanted}`"))),
        }
    }

    /// Takes characters while they are `wanted`; maybe none.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    /// Takes a word in any case if it is next and ends there.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let start = self.at;
        let found = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        let is = found.eq_ignore_ascii_case(word);
        if !is {
            self.at = start;
        }
        is
    }

    pub(super) fn mark(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, mark: usize) {
        self.at = mark;
    }

    pub(super) fn since(&self, mark: usize) -> String {
        self.chars[mark..self.at].iter().collect()
    }

    /// Runs `inner` up to a closing parenthesis, no deeper than there is stack for.
    pub(super) fn nested<T>(
        &mut self,
        inner: impl FnOnce(&mut Scanner) -> Result<T, QuerySyntaxError>,
    ) -> Result<T, QuerySyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(too_deep(&MAX_DEPTH.to_string())));
        }
        self.skip_blanks();
        let inside = inner(self)?;
        if !self.take(')') {
            return Err(match self.language {
                QueryLanguage::Search => self.error(NOT_CLOSED),
                QueryLanguage::Metrics => self.error("expected `)`"),
            });
        }
        self.depth -= 1;
        Ok(inside)
    }

    pub(super) fn end(&mut self) -> Result<(), QuerySyntaxError> {
        self.skip_blanks();
        match self.peek() {
            None => Ok(()),
            Some(c) => Err(self.error(format!("unexpected `{c}`"))),
        }
    }
}

/// The only one of `parts`, or `many` of them.
pub(super) fn one_or(mut parts: Vec<Query>, many: impl FnOnce(Vec<Query>) -> Query) -> Query {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}

/// `query`, or what it does not find.
pub(super) fn negated_if(negated: bool, query: Query) -> Query {
    match negated {
        true => Query::Not(Box::new(query)),
        false => query,
    }
}
