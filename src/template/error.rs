//! What is wrong with a template, or not done here, and on which line.

use crate::lang::{Phrase, Reason, texts};

texts! {
    const;
    at_line(file: &str, line: usize, why: Phrase): "{}, line {}: {}", "{} {}번째 줄: {}";
}

/// What is wrong with a template, or not done here.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateIssue {
    /// The line, from 1.
    pub line: usize,
    pub(super) why: Phrase,
    /// Whether the rest can be run without it.
    pub(super) spares_the_rest: bool,
    /// Whether a function is not run for it.
    pub(super) is_of_function: bool,
}

impl TemplateIssue {
    pub(super) fn at(line: usize, why: impl Into<Phrase>) -> TemplateIssue {
        TemplateIssue {
            line,
            why: why.into(),
            spares_the_rest: false,
            is_of_function: false,
        }
    }

    /// What is left out, so that the rest can be run.
    pub(super) fn left_out(line: usize, why: impl Into<Phrase>) -> TemplateIssue {
        TemplateIssue {
            spares_the_rest: true,
            ..TemplateIssue::at(line, why)
        }
    }

    /// The sentence, with the file's name.
    pub fn said(&self, file: &str) -> Reason {
        Reason::of(at_line(file, self.line, self.why.clone()))
    }
}
