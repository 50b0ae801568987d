//! What is wrong in a scenario file, shown where it stands.

use std::{fmt, ops::Range, sync::Arc};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};

/// One mistake: what was found, where, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What was found, as a sentence without a full stop.
    pub message: String,
    /// What the marked place is, in a few words.
    pub label: String,
    /// What was meant, or the way out.
    pub help: Option<String>,
    /// The bytes of the file that are wrong.
    pub span: Range<usize>,
}

/// All mistakes of one file. Displayed as a picture of each place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes {
    file: String,
    text: Arc<str>,
    pub(super) found: Vec<Mistake>,
}

/// Most mistakes that are shown: whoever made more begins with these.
const MOST_SHOWN: usize = 10;
/// Longest line, in bytes, of which a picture still helps.
const LONGEST_LINE: usize = 1_000;

impl Mistakes {
    /// The mistakes in a file's text, in the order of their places.
    pub fn new(file: &str, text: &str, mut found: Vec<Mistake>) -> Mistakes {
        found.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        found.dedup();
        Mistakes {
            file: harmless(file),
            text: harmless(text).into(),
            found,
        }
    }

    /// The line and column, from 1, at which a mistake begins.
    pub(super) fn position(&self, mistake: &Mistake) -> (usize, usize) {
        let before = self.text.get(..mistake.span.start).unwrap_or(&self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[start..].chars().count() + 1)
    }

    fn show(&self, mistake: &Mistake) -> String {
        let shown = MistakeDiagnostic {
            mistake,
            source: NamedSource::new(&self.file, Arc::clone(&self.text)),
        };
        let (line, column) = self.position(mistake);
        let in_words = format!("  {}:{line}:{column}: {shown}\n", self.file);
        if self.text.lines().any(|line| line.len() > LONGEST_LINE) {
            return in_words;
        }
        let mut picture = String::new();
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_width(80)
            .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
            .with_context_lines(1);
        match handler.render_report(&mut picture, &shown) {
            Ok(()) => picture,
            Err(_) => in_words,
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mistakes = match self.found.len() {
            1 => "a mistake".to_owned(),
            many => format!("{many} mistakes"),
        };
        writeln!(
            f,
            "the scenario {} has {mistakes}; nothing was sent",
            self.file
        )?;
        for mistake in self.found.iter().take(MOST_SHOWN) {
            write!(f, "\n{}", self.show(mistake).trim_end())?;
            writeln!(f)?;
        }
        if let more @ 1.. = self.found.len().saturating_sub(MOST_SHOWN) {
            writeln!(f, "\n... and {more} more")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

/// A mistake as miette wants it.
#[derive(Debug)]
struct MistakeDiagnostic<'a> {
    mistake: &'a Mistake,
    source: NamedSource<Arc<str>>,
}

impl fmt::Display for MistakeDiagnostic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mistake.message)
    }
}

impl std::error::Error for MistakeDiagnostic<'_> {}

impl Diagnostic for MistakeDiagnostic<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let Range { start, end } = self.mistake.span;
        let label = Some(self.mistake.label.clone());
        let marked = LabeledSpan::new(label, start, end.saturating_sub(start));
        Some(Box::new(std::iter::once(marked)))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.mistake.help.as_ref()?;
        Some(Box::new(help))
    }
}

/// The text with every control character replaced by as many `?` as it has bytes, so that spans
/// still hold and a file cannot command the terminal.
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

/// A piece of the file as an error message quotes it: short, on one line, harmless.
pub fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!(
        "`{}`",
        short
            .escape_debug()
            .to_string()
            .replace("\\\"", "\"")
            .replace("\\'", "'")
    )
}
