//! The search syntax, read.

use super::{Field, NumberRange, Pattern, Predicate, Query, pattern::PatternPiece, trace_id};

/// How deep parentheses and negations may nest.
const MAX_DEPTH: usize = 64;
/// How long a search may be, in bytes.
const MAX_LENGTH: usize = 16 * 1024;

/// A search that cannot be read: where, and what was meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid query at character {at}: {problem}")]
pub struct SearchSyntaxError {
    /// The character, from 1.
    pub at: usize,
    /// What is wrong there.
    pub problem: String,
}

impl Query {
    /// Parses a search. Nothing written finds everything.
    pub fn parse(text: &str) -> Result<Query, SearchSyntaxError> {
        let mut parser = Parser {
            chars: text.chars().collect(),
            at: 0,
            depth: 0,
        };
        if text.len() > MAX_LENGTH {
            return Err(parser.error(format!("it is longer than {MAX_LENGTH} bytes")));
        }
        parser.skip_blanks();
        if parser.peek().is_none() {
            return Ok(Query::All);
        }
        let query = parser.any_of()?;
        match parser.peek() {
            None => Ok(query),
            Some(_) => Err(parser.error("a closing parenthesis without an opening one")),
        }
    }
}

/// One value with where it ended: pieces of text, and whether it was quoted.
struct Word {
    pieces: Vec<PatternPiece>,
    quoted: bool,
}

impl Word {
    fn literal(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                PatternPiece::Char(c) => *c,
                PatternPiece::AnyChar => '?',
                PatternPiece::AnyText => '*',
            })
            .collect()
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        !self.quoted && self.literal() == keyword
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn error(&self, problem: impl Into<String>) -> SearchSyntaxError {
        SearchSyntaxError {
            at: self.at + 1,
            problem: problem.into(),
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Whether `keyword` stands here as a word of its own; if so it is taken.
    fn keyword(&mut self, keyword: &str) -> bool {
        let start = self.at;
        for wanted in keyword.chars() {
            if !self.take(wanted) {
                self.at = start;
                return false;
            }
        }
        let ends = self
            .peek()
            .is_none_or(|c| c.is_whitespace() || c == '(' || c == ')');
        if ends {
            self.skip_blanks();
        } else {
            self.at = start;
        }
        ends
    }

    fn any_of(&mut self) -> Result<Query, SearchSyntaxError> {
        let mut parts = vec![self.all_of()?];
        while self.keyword("OR") {
            parts.push(self.all_of()?);
        }
        Ok(one_or(parts, Query::Or))
    }

    fn all_of(&mut self) -> Result<Query, SearchSyntaxError> {
        let mut parts = vec![self.unary()?];
        loop {
            self.skip_blanks();
            let start = self.at;
            if self.peek().is_none() || self.peek() == Some(')') || self.keyword("OR") {
                self.at = start;
                return Ok(one_or(parts, Query::And));
            }
            self.keyword("AND");
            parts.push(self.unary()?);
        }
    }

    fn unary(&mut self) -> Result<Query, SearchSyntaxError> {
        self.skip_blanks();
        let mut negated = false;
        loop {
            if self.keyword("NOT") {
                negated = !negated;
            } else if self.peek() == Some('-')
                && self
                    .chars
                    .get(self.at + 1)
                    .is_some_and(|c| !c.is_whitespace())
            {
                self.at += 1;
                negated = !negated;
            } else {
                break;
            }
        }
        let query = self.primary()?;
        Ok(if negated {
            Query::Not(Box::new(query))
        } else {
            query
        })
    }

    fn nested<T>(
        &mut self,
        inner: impl FnOnce(&mut Parser) -> Result<T, SearchSyntaxError>,
    ) -> Result<T, SearchSyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH}")));
        }
        self.skip_blanks();
        let inside = inner(self)?;
        self.skip_blanks();
        if !self.take(')') {
            return Err(self.error("a parenthesis is not closed"));
        }
        self.depth -= 1;
        Ok(inside)
    }

    fn primary(&mut self) -> Result<Query, SearchSyntaxError> {
        if self.take('(') {
            return self.nested(Parser::any_of);
        }
        let word = self.word(true)?;
        for keyword in ["AND", "OR"] {
            if word.is_keyword(keyword) {
                return Err(self.error(format!("{keyword} needs a term on either side")));
            }
        }
        if !self.take(':') {
            let pattern = Pattern::of(word.pieces);
            return Ok(if pattern.is_any() {
                Query::All
            } else {
                Query::Text(pattern)
            });
        }
        let name = word.literal();
        if name.is_empty() || name == "@" {
            return Err(self.error("a colon without a field before it"));
        }
        self.field(&name)
    }

    fn field(&mut self, name: &str) -> Result<Query, SearchSyntaxError> {
        if self.take('(') {
            return self.nested(|parser| parser.values(name));
        }
        let test = self.test(name)?;
        Ok(match (name, test) {
            ("*", Predicate::Is(pattern)) => Query::Text(pattern),
            (_, test) => Query::Field(Field::written(name), test),
        })
    }

    /// The inside of `field:(a OR b)`: values without a field of their own.
    fn values(&mut self, name: &str) -> Result<Query, SearchSyntaxError> {
        let mut any = Vec::new();
        let mut all = Vec::new();
        loop {
            self.skip_blanks();
            let mut negated = false;
            while self.keyword("NOT") || (self.peek() == Some('-') && self.take('-')) {
                negated = !negated;
            }
            let value = if self.take('(') {
                self.nested(|parser| parser.values(name))?
            } else {
                self.field(name)?
            };
            all.push(if negated {
                Query::Not(Box::new(value))
            } else {
                value
            });
            self.skip_blanks();
            if self.peek().is_none() || self.peek() == Some(')') {
                any.push(one_or(all, Query::And));
                return Ok(one_or(any, Query::Or));
            }
            if self.keyword("OR") {
                any.push(one_or(std::mem::take(&mut all), Query::And));
            } else {
                self.keyword("AND");
            }
        }
    }

    fn test(&mut self, name: &str) -> Result<Predicate, SearchSyntaxError> {
        if self.take('[') {
            return self.range(name).map(Predicate::Within);
        }
        for (sign, low) in [('>', true), ('<', false)] {
            if self.take(sign) {
                let bound = Some((0.0, self.take('=')));
                let value = self.word(false)?;
                let number = self.number(name, &value.literal())?;
                let bound = bound.map(|(_, inclusive)| (number, inclusive));
                return Ok(Predicate::Within(NumberRange {
                    low: bound.filter(|_| low),
                    high: bound.filter(|_| !low),
                }));
            }
        }
        let word = self.word(false)?;
        let pattern = Pattern::of(word.pieces);
        if let Pattern::Exact(value) = &pattern
            && name == "trace_id"
            && let Some(id) = trace_id(value)
        {
            return Ok(Predicate::Trace(id));
        }
        Ok(Predicate::Is(pattern))
    }

    fn range(&mut self, name: &str) -> Result<NumberRange, SearchSyntaxError> {
        let start = self.at;
        let Some(length) = self.chars[start..].iter().position(|c| *c == ']') else {
            return Err(self.error("a range is not closed: write [low TO high]"));
        };
        let inside: String = self.chars[start..start + length].iter().collect();
        let Some((low, high)) = inside.split_once(" TO ") else {
            return Err(self.error("a range is written [low TO high]"));
        };
        let bound = |text: &str| match text.trim() {
            "*" => Ok(None),
            text => self.number(name, text).map(|number| Some((number, true))),
        };
        let bounds = NumberRange {
            low: bound(low)?,
            high: bound(high)?,
        };
        self.at = start + length + 1;
        Ok(bounds)
    }

    fn number(&self, name: &str, text: &str) -> Result<f64, SearchSyntaxError> {
        let parse = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
        if let Some(number) = parse(text) {
            return Ok(number);
        }
        // Span durations are nanoseconds; Datadog lets people write a unit.
        let units = [
            ("ns", 1.0),
            ("us", 1e3),
            ("µs", 1e3),
            ("ms", 1e6),
            ("s", 1e9),
        ];
        if name == "@duration" {
            for (unit, factor) in units {
                if let Some(number) = text.strip_suffix(unit).and_then(parse) {
                    return Ok(number * factor);
                }
            }
        }
        Err(self.error(format!("`{text}` is not a number")))
    }

    /// Text up to a blank, a parenthesis, or (before a field's value) a colon.
    fn word(&mut self, ends_at_colon: bool) -> Result<Word, SearchSyntaxError> {
        let mut word = Word {
            pieces: Vec::new(),
            quoted: false,
        };
        while let Some(c) = self.peek() {
            match c {
                '(' | ')' => break,
                ':' if ends_at_colon => break,
                c if c.is_whitespace() => break,
                '\\' => {
                    self.at += 1;
                    match self.peek() {
                        Some(escaped) => word.pieces.push(PatternPiece::Char(escaped)),
                        None => return Err(self.error("a backslash with nothing after it")),
                    }
                }
                '"' => {
                    self.quoted(&mut word.pieces)?;
                    word.quoted = true;
                    continue;
                }
                '*' => word.pieces.push(PatternPiece::AnyText),
                '?' => word.pieces.push(PatternPiece::AnyChar),
                c => word.pieces.push(PatternPiece::Char(c)),
            }
            self.at += 1;
        }
        if word.pieces.is_empty() && !word.quoted && !(ends_at_colon && self.peek() == Some(':')) {
            return Err(self.error("a term or value is missing"));
        }
        Ok(word)
    }

    fn quoted(&mut self, pieces: &mut Vec<PatternPiece>) -> Result<(), SearchSyntaxError> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => {
                    self.at = start;
                    return Err(self.error("a quote is not closed"));
                }
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') if self.chars.get(self.at + 1).is_some() => {
                    self.at += 1;
                    pieces.push(PatternPiece::Char(self.chars[self.at]));
                }
                Some(c) => pieces.push(PatternPiece::Char(c)),
            }
            self.at += 1;
        }
    }
}

fn one_or(mut parts: Vec<Query>, many: impl FnOnce(Vec<Query>) -> Query) -> Query {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            many(parts)
        }
    }
}
