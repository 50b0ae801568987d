//! Collects the mistakes of a scenario file, and reads the kinds of value that many keys share.

use std::{fmt::Display, ops::Range, str::FromStr, time::Duration};

use super::{
    file::Located,
    mistake::{Mistake, quoted},
};
use crate::units::parse_duration;

/// Collects the mistakes of a file while its values are read, so that all are reported at once.
#[derive(Default)]
pub struct Diagnostics {
    pub mistakes: Vec<Mistake>,
}

impl Diagnostics {
    pub fn mistake(
        &mut self,
        span: Range<usize>,
        label: &str,
        message: impl Display,
        help: Option<&str>,
    ) {
        self.mistakes.push(Mistake {
            message: message.to_string(),
            label: label.to_owned(),
            help: help.map(str::to_owned),
            span,
        });
    }

    /// Reads a text by its own rules, whose error says what was found and what was meant.
    pub fn parsed<T>(&mut self, text: Option<&Located<String>>) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        self.read_with(text?, |text| text.parse())
    }

    pub fn read_with<T, E: Display>(
        &mut self,
        text: &Located<String>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match read(text.get()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.mistake(text.span(), "not understood", error, None);
                None
            }
        }
    }

    /// A duration within bounds; what is wrong is a mistake.
    pub fn duration(&mut self, text: Option<&Located<String>>, key: &str) -> Option<Duration> {
        let text = text?;
        let duration = self.read_with(text, parse_duration)?;
        if duration.is_zero() {
            let message = format!("`{key}` is zero");
            let help = "a duration above zero, for example \"10s\"";
            self.mistake(text.span(), "must be above zero", message, Some(help));
            return None;
        }
        Some(duration)
    }

    /// A name of letters, digits and what else is allowed.
    pub fn name(&mut self, name: Option<&Located<String>>, also: &str) -> String {
        let Some(name) = name else {
            return String::new();
        };
        let text = name.get();
        let good = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
        let first = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !first || text.len() > 64 || !text.chars().all(good) {
            let message = format!("{} cannot be a name", quoted(text));
            let help = match also {
                "-" => "1 to 64 letters, digits and hyphens; the first is no hyphen",
                _ => {
                    "1 to 64 letters, digits, hyphens and underscores; the first is a letter or a digit"
                }
            };
            self.mistake(name.span(), "not a name", message, Some(help));
        }
        text.clone()
    }
}
