//! The search syntax, parsed.

use super::{Field, NumberRange, Pattern, Predicate, Query, pattern::PatternPiece, trace_id};
use crate::{
    lang::texts,
    telemetry::scanner::{QueryLanguage, QuerySyntaxError, Scanner, negated_if, one_or},
};

/// How long a word with wildcards may be: its comparison takes that many times the text's length.
const LONGEST_PATTERN: usize = 256;

texts! {
    const;
    pattern_too_long(most: &str): "a word with wildcards is longer than {} characters",
        "와일드카드가 있는 단어가 {}자보다 깁니다";
    UNOPENED: "a closing parenthesis without an opening one", "여는 괄호 없이 닫는 괄호가 있습니다";
    NO_FIELD: "a colon without a field before it", "콜론 앞에 필드가 없습니다";
    RANGE_NOT_CLOSED: "a range is not closed: write [low TO high]", "범위가 닫히지 않았습니다. [최소 TO 최대]로 쓰세요";
    RANGE: "a range is written [low TO high]", "범위는 [최소 TO 최대]로 씁니다";
    NO_ESCAPED: "a backslash with nothing after it", "백슬래시 뒤에 아무것도 없습니다";
    MISSING: "a term or value is missing", "검색어나 값이 없습니다";
    QUOTE_NOT_CLOSED: "a quote is not closed", "따옴표가 닫히지 않았습니다";
    needs_terms(keyword: &str): "{} needs a term on either side", "{} 양쪽에 검색어가 있어야 합니다";
    not_a_number(text: &str): "`{}` is not a number", "`{}`: 숫자가 아닙니다";
}

impl Query {
    /// Parses a search. Nothing written finds everything.
    pub fn parse(text: &str) -> Result<Query, QuerySyntaxError> {
        let mut scanner = Scanner::new(QueryLanguage::Search, text)?;
        scanner.skip_blanks();
        if scanner.peek().is_none() {
            return Ok(Query::All);
        }
        let query = any_of(&mut scanner)?;
        match scanner.peek() {
            None => Ok(query),
            Some(_) => Err(scanner.error(UNOPENED)),
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

/// Whether `keyword` stands here as a word of its own; if so it is taken.
fn keyword(scanner: &mut Scanner, keyword: &str) -> bool {
    let start = scanner.mark();
    let ends = keyword.chars().all(|wanted| scanner.take_here(wanted))
        && scanner
            .peek()
            .is_none_or(|c| c.is_whitespace() || c == '(' || c == ')');
    match ends {
        true => scanner.skip_blanks(),
        false => scanner.back_to(start),
    }
    ends
}

fn any_of(scanner: &mut Scanner) -> Result<Query, QuerySyntaxError> {
    let mut parts = vec![all_of(scanner)?];
    while keyword(scanner, "OR") {
        parts.push(all_of(scanner)?);
    }
    Ok(one_or(parts, Query::Or))
}

fn all_of(scanner: &mut Scanner) -> Result<Query, QuerySyntaxError> {
    let mut parts = vec![unary(scanner)?];
    loop {
        scanner.skip_blanks();
        let start = scanner.mark();
        if scanner.peek().is_none() || scanner.peek() == Some(')') || keyword(scanner, "OR") {
            scanner.back_to(start);
            return Ok(one_or(parts, Query::And));
        }
        keyword(scanner, "AND");
        parts.push(unary(scanner)?);
    }
}

fn unary(scanner: &mut Scanner) -> Result<Query, QuerySyntaxError> {
    scanner.skip_blanks();
    let mut negated = false;
    loop {
        if keyword(scanner, "NOT") {
            negated = !negated;
        } else if scanner.peek() == Some('-')
            && scanner.peek_second().is_some_and(|c| !c.is_whitespace())
        {
            scanner.next();
            negated = !negated;
        } else {
            break;
        }
    }
    Ok(negated_if(negated, primary(scanner)?))
}

fn primary(scanner: &mut Scanner) -> Result<Query, QuerySyntaxError> {
    if scanner.take_here('(') {
        return scanner.nested(any_of);
    }
    let word = word(scanner, true)?;
    for keyword in ["AND", "OR"] {
        if word.is_keyword(keyword) {
            return Err(scanner.error(needs_terms(keyword)));
        }
    }
    if !scanner.take_here(':') {
        let pattern = Pattern::of(word.pieces);
        return Ok(if pattern.is_any() {
            Query::All
        } else {
            Query::Text(pattern)
        });
    }
    let name = word.literal();
    if name.is_empty() || name == "@" {
        return Err(scanner.error(NO_FIELD));
    }
    field(scanner, &name)
}

fn field(scanner: &mut Scanner, name: &str) -> Result<Query, QuerySyntaxError> {
    if scanner.take_here('(') {
        return scanner.nested(|scanner| values(scanner, name));
    }
    let test = test(scanner, name)?;
    Ok(match (name, test) {
        ("*", Predicate::Is(pattern)) => Query::Text(pattern),
        (_, test) => Query::Field(Field::written(name), test),
    })
}

/// The inside of `field:(a OR b)`: values without a field of their own.
fn values(scanner: &mut Scanner, name: &str) -> Result<Query, QuerySyntaxError> {
    let mut any = Vec::new();
    let mut all = Vec::new();
    loop {
        scanner.skip_blanks();
        let mut negated = false;
        while keyword(scanner, "NOT") || scanner.take_here('-') {
            negated = !negated;
        }
        let value = if scanner.take_here('(') {
            scanner.nested(|scanner| values(scanner, name))?
        } else {
            field(scanner, name)?
        };
        all.push(negated_if(negated, value));
        scanner.skip_blanks();
        if scanner.peek().is_none() || scanner.peek() == Some(')') {
            any.push(one_or(all, Query::And));
            return Ok(one_or(any, Query::Or));
        }
        if keyword(scanner, "OR") {
            any.push(one_or(std::mem::take(&mut all), Query::And));
        } else {
            keyword(scanner, "AND");
        }
    }
}

fn test(scanner: &mut Scanner, name: &str) -> Result<Predicate, QuerySyntaxError> {
    if scanner.take_here('[') {
        return range(scanner, name).map(Predicate::Within);
    }
    for (sign, low) in [('>', true), ('<', false)] {
        if scanner.take_here(sign) {
            let bound = Some((0.0, scanner.take_here('=')));
            let value = word(scanner, false)?;
            let number = number(scanner, name, &value.literal())?;
            let bound = bound.map(|(_, inclusive)| (number, inclusive));
            return Ok(Predicate::Within(NumberRange {
                low: bound.filter(|_| low),
                high: bound.filter(|_| !low),
            }));
        }
    }
    let word = word(scanner, false)?;
    let pattern = Pattern::of(word.pieces);
    if let Pattern::Exact(value) = &pattern
        && name == "trace_id"
        && let Some(id) = trace_id(value)
    {
        return Ok(Predicate::Trace(id));
    }
    Ok(Predicate::Is(pattern))
}

fn range(scanner: &mut Scanner, name: &str) -> Result<NumberRange, QuerySyntaxError> {
    let start = scanner.mark();
    let inside = scanner.take_while(|c| c != ']');
    let closed = scanner.take_here(']');
    let end = scanner.mark();
    scanner.back_to(start); // where a mistake is told
    if !closed {
        return Err(scanner.error(RANGE_NOT_CLOSED));
    }
    let Some((low, high)) = inside.split_once(" TO ") else {
        return Err(scanner.error(RANGE));
    };
    let bound = |text: &str| match text.trim() {
        "*" => Ok(None),
        text => number(scanner, name, text).map(|number| Some((number, true))),
    };
    let bounds = NumberRange {
        low: bound(low)?,
        high: bound(high)?,
    };
    scanner.back_to(end);
    Ok(bounds)
}

fn number(scanner: &Scanner, name: &str, text: &str) -> Result<f64, QuerySyntaxError> {
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
    Err(scanner.error(not_a_number(text)))
}

/// Text up to a blank, a parenthesis, or (before a field's value) a colon.
fn word(scanner: &mut Scanner, ends_at_colon: bool) -> Result<Word, QuerySyntaxError> {
    let mut word = Word {
        pieces: Vec::new(),
        quoted: false,
    };
    while let Some(c) = scanner.peek() {
        match c {
            '(' | ')' => break,
            ':' if ends_at_colon => break,
            c if c.is_whitespace() => break,
            '\\' => {
                scanner.next();
                match scanner.peek() {
                    Some(escaped) => word.pieces.push(PatternPiece::Char(escaped)),
                    None => return Err(scanner.error(NO_ESCAPED)),
                }
            }
            '"' => {
                quoted(scanner, &mut word.pieces)?;
                word.quoted = true;
                continue;
            }
            '*' => word.pieces.push(PatternPiece::AnyText),
            '?' => word.pieces.push(PatternPiece::AnyChar),
            c => word.pieces.push(PatternPiece::Char(c)),
        }
        scanner.next();
    }
    if word.pieces.is_empty() && !word.quoted && !(ends_at_colon && scanner.peek() == Some(':')) {
        return Err(scanner.error(MISSING));
    }
    let is_wild = |piece: &PatternPiece| !matches!(piece, PatternPiece::Char(_));
    if word.pieces.len() > LONGEST_PATTERN && word.pieces.iter().any(is_wild) {
        return Err(scanner.error(pattern_too_long(&LONGEST_PATTERN.to_string())));
    }
    Ok(word)
}

fn quoted(scanner: &mut Scanner, pieces: &mut Vec<PatternPiece>) -> Result<(), QuerySyntaxError> {
    let start = scanner.mark();
    scanner.next();
    loop {
        let escapes = scanner.peek_second().is_some();
        let c = match scanner.next() {
            None => {
                scanner.back_to(start);
                return Err(scanner.error(QUOTE_NOT_CLOSED));
            }
            Some('"') => return Ok(()),
            Some('\\') if escapes => scanner.next().unwrap_or_default(),
            Some(c) => c,
        };
        pieces.push(PatternPiece::Char(c));
    }
}
