//! Text with wildcards.

/// Text to compare with, with wildcards or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Exactly this.
    Exact(String),
    /// `*` is any text, `?` any one character.
    Wild(Vec<PatternPiece>),
}

/// A piece of a pattern with wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternPiece {
    /// This character.
    Char(char),
    /// `?`
    AnyChar,
    /// `*`
    AnyText,
}

impl Pattern {
    /// The pattern of these pieces.
    pub fn of(pieces: Vec<PatternPiece>) -> Pattern {
        let literal: Option<String> = pieces
            .iter()
            .map(|piece| match piece {
                PatternPiece::Char(c) => Some(*c),
                PatternPiece::AnyChar | PatternPiece::AnyText => None,
            })
            .collect();
        match literal {
            Some(text) => Pattern::Exact(text),
            None => Pattern::Wild(pieces),
        }
    }

    /// Whether it is `*`: any value at all.
    pub fn is_any(&self) -> bool {
        matches!(self, Pattern::Wild(pieces) if pieces.iter().all(|p| *p == PatternPiece::AnyText))
    }

    /// Whether all of `value` matches, case included.
    pub fn is(&self, value: &str) -> bool {
        match self {
            Pattern::Exact(text) => text == value,
            Pattern::Wild(pieces) => fits(pieces, value, |a, b| a == b),
        }
    }

    /// Whether it occurs in `text` as complete words, in any case.
    pub fn occurs_in(&self, text: &str) -> bool {
        match self {
            Pattern::Exact(words) => occurs_as_words(text, words),
            Pattern::Wild(pieces) => {
                let loosely = |a: char, b: char| a.to_lowercase().eq(b.to_lowercase());
                self.is_any()
                    || text
                        .split_whitespace()
                        .any(|word| fits(pieces, word, loosely))
            }
        }
    }
}

fn occurs_as_words(text: &str, words: &str) -> bool {
    let (text, words) = (text.to_lowercase(), words.to_lowercase());
    if words.is_empty() {
        return true;
    }
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let starts_in_word = words.starts_with(in_word);
    let ends_in_word = words.ends_with(in_word);
    text.match_indices(&words).any(|(at, found)| {
        let before = text[..at].chars().next_back().is_some_and(in_word);
        let after = text[at + found.len()..].chars().next().is_some_and(in_word);
        !(before && starts_in_word || after && ends_in_word)
    })
}

/// Wildcard matching in O(pattern x value) time and no recursion: on a mismatch only the last
/// `*` takes one character more.
fn fits(pieces: &[PatternPiece], value: &str, same: impl Fn(char, char) -> bool) -> bool {
    let mut rest = value.chars();
    let mut at = 0;
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        match pieces.get(at) {
            Some(PatternPiece::AnyText) => {
                at += 1;
                retry = Some((at, rest.clone()));
                continue;
            }
            Some(piece) => {
                let fits = match (rest.next(), piece) {
                    (Some(_), PatternPiece::AnyChar) => true,
                    (Some(c), PatternPiece::Char(p)) => same(c, *p),
                    _ => false,
                };
                if fits {
                    at += 1;
                    continue;
                }
            }
            None if rest.as_str().is_empty() => return true,
            None => {}
        }
        let Some((after_star, from)) = &mut retry else {
            return false;
        };
        if from.next().is_none() {
            return false;
        }
        at = *after_star;
        rest = from.clone();
    }
}
