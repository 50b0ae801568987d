//! Shapes and colours of the terminal. A kind has its own shape besides its colour, so that nothing
//! is lost without colour.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar as _;

use crate::{
    lang::current,
    look::Shape,
    report::words::ALL,
    sample::Temperature,
    stats::Class,
    units::{NO_BREAK, unbroken},
};

/// What a piece of text is, which decides how it looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// A cold start.
    Cold,
    /// Served warm.
    Warm,
    /// What is unknown, and what matters less.
    #[default]
    Dim,
    /// An error, a miss.
    Bad,
    /// Throttled, and what asks for care.
    Caution,
    /// Met, seen.
    Good,
    /// A heading.
    Strong,
}

impl Look {
    /// The look of a class of requests.
    pub fn of(class: Class) -> Option<Look> {
        match class {
            Class::Cold => Some(Look::Cold),
            Class::Warm => Some(Look::Warm),
            Class::Unknown => Some(Look::Dim),
            Class::Error => Some(Look::Bad),
            Class::Ok => Some(Look::Good),
            Class::All => None,
        }
    }

    /// The shape that goes with it: one column wide.
    pub fn shape(self) -> &'static str {
        match self {
            Look::Cold => "◆",
            Look::Warm => "●",
            Look::Dim => "○",
            Look::Bad => "✗",
            Look::Caution => "▲",
            Look::Good => "✓",
            Look::Strong => " ",
        }
    }

    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Look::Cold => colour(AnsiColor::Blue),
            Look::Warm => colour(AnsiColor::Yellow),
            Look::Dim => Style::new().dimmed(),
            Look::Bad => colour(AnsiColor::Red),
            Look::Caution => colour(AnsiColor::Magenta),
            Look::Good => colour(AnsiColor::Green),
            Look::Strong => Style::new().bold(),
        }
    }

    /// `text` in this look. Pad before painting: escape codes have no width.
    pub fn paint(self, text: impl Display) -> String {
        let style = self.style();
        format!("{style}{text}{style:#}")
    }

    /// The shape in this look.
    pub fn mark(self) -> String {
        self.paint(self.shape())
    }
}

/// A class of requests in a word.
pub fn class_word(class: Class) -> String {
    match Look::of(class) {
        Some(look) => Shape::from(look).word(current()).to_owned(),
        None => ALL.to_string(),
    }
}

impl From<Look> for Shape {
    /// The shape that a page has for it.
    fn from(look: Look) -> Shape {
        match look {
            Look::Cold => Shape::Cold,
            Look::Warm => Shape::Warm,
            Look::Good => Shape::Met,
            Look::Bad => Shape::Error,
            Look::Caution => Shape::Throttled,
            Look::Dim | Look::Strong => Shape::Unknown,
        }
    }
}

impl From<Temperature> for Look {
    fn from(temperature: Temperature) -> Look {
        match temperature {
            Temperature::Cold => Look::Cold,
            Temperature::Warm => Look::Warm,
            Temperature::Unknown => Look::Dim,
        }
    }
}

/// Breaks `text` into lines of at most `width` columns at blanks; a longer word stands alone, and a
/// number stays with its unit.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let options = textwrap::Options::new(width)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .break_words(false);
    textwrap::wrap(&unbroken(&words.join(" ")), options)
        .iter()
        .map(|line| line.replace(NO_BREAK, " "))
        .collect()
}

/// A name in at most this many columns: `get-orders-…-items`. What tells names apart is mostly at their ends.
pub fn shortened(name: &str, width: usize) -> String {
    if columns(name) <= width {
        return name.to_owned();
    }
    let fitting = |letters: &mut dyn Iterator<Item = char>, mut room: usize| {
        let fits = |letter: &char| {
            let left = room.checked_sub(letter.width().unwrap_or(0));
            room = left.unwrap_or(0);
            left.is_some()
        };
        letters.take_while(fits).collect::<Vec<char>>()
    };
    // The sign takes a column.
    let room = width.saturating_sub(1);
    let front = fitting(&mut name.chars(), room.div_ceil(2));
    let back = fitting(&mut name.chars().rev(), room / 2);
    let parts = front.into_iter().chain(['…']);
    parts.chain(back.into_iter().rev()).collect()
}

/// A paragraph of lines that long, each behind `indent` and with its end.
pub fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let lines = wrap(text, width).into_iter();
    lines.map(|line| format!("{indent}{line}\n")).collect()
}

/// How many columns of a terminal `text` takes.
pub fn columns(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// `text` with blanks before it up to `width` columns.
pub fn aligned_right(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(columns(text));
    format!("{}{text}", " ".repeat(blanks))
}

/// `text` with blanks after it up to `width` columns.
pub fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(columns(text));
    format!("{text}{}", " ".repeat(blanks))
}

/// `text` with a capital at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_at_blanks_and_loses_nothing() {
        let text = "20 of 120 invocations were cold, which is more than 1 %";
        let lines = wrap(text, 20);
        assert!(lines.iter().all(|line| columns(line) <= 20), "{lines:?}");
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn a_number_and_its_unit_stay_together() {
        let lines = wrap("cold for 98.3 %, then 12 ms, and 5 more", 14);
        assert_eq!(lines, ["cold for", "98.3 %, then", "12 ms, and 5", "more"]);
    }
}
