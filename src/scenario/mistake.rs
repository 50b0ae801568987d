//! The mistakes in a scenario file, shown at their places.

use std::{fmt, ops::Range};

use textwrap::{Options, WordSplitter, core::display_width};

use super::words;
use crate::lang::Phrase;

/// One mistake: what was found, where, and the way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// What was found, as a sentence without a full stop.
    pub message: Phrase,
    /// What the marked place is, in a few words.
    pub label: Phrase,
    /// What was meant, or the fix.
    pub help: Option<Phrase>,
    /// The bytes of the file that are wrong.
    pub span: Range<usize>,
}

/// All mistakes of one file. Displayed as a picture of each place.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistakes {
    file: String,
    text: String,
    /// The length of the file itself. The lines of `--set` follow it.
    file_ends: usize,
    pub(super) found: Vec<Mistake>,
}

/// At most this many mistakes are shown, the first ones.
const MOST_SHOWN: usize = 10;
/// The longest line, in bytes, for which a picture is shown.
const LONGEST_LINE: usize = 1_000;
/// How wide a picture is, in cells.
const WIDTH: usize = 80;

impl Mistakes {
    /// The mistakes in a file's text, which ends at `file_ends`, and in the lines of `--set` after
    /// it, sorted by place.
    pub fn new(file: &str, text: &str, file_ends: usize, mut found: Vec<Mistake>) -> Mistakes {
        found.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        found.dedup();
        Mistakes {
            file: harmless(file),
            text: harmless(text),
            file_ends,
            found,
        }
    }

    /// Whether a mistake is in this line of `--set`, from 0.
    pub(super) fn concern(&self, setting: usize) -> bool {
        let typed = self.text.get(self.file_ends..).unwrap_or_default();
        let mut ends = typed.match_indices('\n').map(|(at, _)| self.file_ends + at);
        let Some(start) = ends.nth(setting) else {
            return false;
        };
        let end = ends.next().unwrap_or(self.text.len());
        let mut found = self.found.iter();
        found.any(|mistake| (start..=end).contains(&mistake.span.start))
    }

    /// Whether a mistake is in a line of `--set`.
    fn is_typed(&self, mistake: &Mistake) -> bool {
        mistake.span.start > self.file_ends
    }

    /// The line and column, from 1, where a mistake begins. A column is a character.
    pub(super) fn position(&self, mistake: &Mistake) -> (usize, usize) {
        let (line, before) = self.before(mistake);
        (line, before.chars().count() + 1)
    }

    /// The number of the line where a mistake begins, and the text before it in that line.
    fn before(&self, mistake: &Mistake) -> (usize, &str) {
        let before = self.text.get(..mistake.span.start).unwrap_or(&self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, &before[start..])
    }

    fn show(&self, mistake: &Mistake) -> String {
        let (line, column) = self.position(mistake);
        let place = match self.is_typed(mistake) {
            true => "--set".to_owned(),
            false => format!("{}:{line}:{column}", self.file),
        };
        if self.text.lines().any(|line| line.len() > LONGEST_LINE) {
            return format!("  {place}: {}\n", mistake.message);
        }
        let mut picture = wrapped("  × ", "  │ ", &mistake.message);
        let (first, last) = match self.is_typed(mistake) {
            true => (line, line),
            false => (line.saturating_sub(1).max(1), line + 1),
        };
        let digits = last.to_string().len();
        let margin = " ".repeat(digits + 2);
        picture.push_str(&format!("{margin}╭─[{place}]\n"));
        let lines = self.text.lines().enumerate().skip(first - 1);
        for (index, text) in lines.take(last - first + 1) {
            let number = index + 1;
            picture.push_str(&format!(" {number:>digits$} │ {}\n", cells(text)));
            if number == line {
                picture.push_str(&self.underline(mistake, &margin));
            }
        }
        picture.push_str(&format!("{margin}╰────\n"));
        if let Some(help) = &mistake.help {
            picture.push_str(&wrapped("  ", "        ", &words::help_is(help)));
        }
        picture
    }

    /// The marker under the line, and what the place is.
    fn underline(&self, mistake: &Mistake, margin: &str) -> String {
        let (_, before) = self.before(mistake);
        let marked = self.text.get(mistake.span.clone()).unwrap_or_default();
        let indent = " ".repeat(display_width(&cells(before)));
        let marked = cells(marked.lines().next().unwrap_or_default());
        let width = display_width(&marked).max(1);
        let left = "─".repeat((width - 1) / 2);
        let right = "─".repeat(width - 1 - (width - 1) / 2);
        let label = &mistake.label;
        let below = " ".repeat((width - 1) / 2);
        format!("{margin}· {indent}{left}┬{right}\n{margin}· {indent}{below}╰── {label}\n")
    }
}

/// A line at its displayed width: a tab takes four cells.
fn cells(text: &str) -> String {
    text.replace('\t', "    ")
}

fn wrapped(first: &str, next: &str, phrase: &Phrase) -> String {
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(next)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(&phrase.to_string(), options) + "\n"
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = match self.found.len() {
            1 => words::one_mistake(&self.file),
            many => words::mistakes(&self.file, many),
        };
        writeln!(f, "{heading}")?;
        for mistake in self.found.iter().take(MOST_SHOWN) {
            writeln!(f, "\n{}", self.show(mistake).trim_end())?;
        }
        if let more @ 1.. = self.found.len().saturating_sub(MOST_SHOWN) {
            writeln!(f, "\n{}", words::more_mistakes(more))?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

/// The text with as many `?` in place of a control character as it has bytes. Spans stay valid, and
/// a file cannot command the terminal.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && !matches!(character, '\n' | '\r' | '\t') {
            shown.extend(std::iter::repeat_n('?', character.len_utf8()));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A piece of the file as an error message quotes it: short, on one line, without control
/// characters.
pub fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    let escaped = short.escape_debug().to_string();
    format!("`{}`", escaped.replace("\\\"", "\"").replace("\\'", "'"))
}
