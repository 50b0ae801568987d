//! What is wrong with a query.

use std::fmt;

use crate::lang::{Phrase, Text};

/// What is wrong: of a search in both languages, since the pages show it; of a metric query in
/// English, since only the API answers with it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Problem {
    Text(Text),
    Phrase(Phrase),
    English(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Text(text) => text.fmt(f),
            Problem::Phrase(phrase) => phrase.fmt(f),
            Problem::English(text) => f.write_str(text),
        }
    }
}

impl From<Text> for Problem {
    fn from(text: Text) -> Problem {
        Problem::Text(text)
    }
}

impl From<Phrase> for Problem {
    fn from(phrase: Phrase) -> Problem {
        Problem::Phrase(phrase)
    }
}

impl From<&str> for Problem {
    fn from(english: &str) -> Problem {
        Problem::English(english.to_owned())
    }
}

impl From<String> for Problem {
    fn from(english: String) -> Problem {
        Problem::English(english)
    }
}
