//! Collects the mistakes of a scenario file, and reads the kinds of value that many keys share.

use std::{fmt::Display, ops::Range, str::FromStr, time::Duration};

use super::{
    mistake::{Mistake, quoted},
    shapes::Located,
    template::{Template, TemplatePart, TemplateValue},
    words,
};
use crate::{
    lang::{Phrase, Reason, Text},
    units::parse_duration,
};

/// Collects the mistakes of a file while its values are read, so that all are reported at once.
#[derive(Default)]
pub struct Diagnostics {
    pub mistakes: Vec<Mistake>,
    /// What the templates read so far take from feeds, earlier answers and the sign-in.
    pub fields: Vec<FieldUse>,
    /// Whether one of them differs from request to request in another way.
    pub varies: bool,
}

/// A `${users.qty}` in a template.
#[derive(Clone, Debug)]
pub struct FieldUse {
    /// The feed, the request, or `auth`.
    pub of: String,
    /// The column or capture.
    pub name: String,
    /// Whether it is to be a number.
    pub number: bool,
    /// Whether it stands in a header.
    pub in_header: bool,
    /// The text that it stands in.
    pub span: Range<usize>,
}

impl Diagnostics {
    pub fn mistake(
        &mut self,
        span: Range<usize>,
        label: impl Into<Phrase>,
        message: impl Into<Phrase>,
        help: impl Into<Phrase>,
    ) {
        self.mistakes.push(Mistake {
            message: message.into(),
            label: label.into(),
            help: Some(help.into()),
            span,
        });
    }

    /// A mistake whose message says the way out itself.
    pub fn plain_mistake(&mut self, span: Range<usize>, label: Text, message: Phrase) {
        self.mistakes.push(Mistake {
            message,
            label: label.into(),
            help: None,
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
        self.read_at(text.span(), read(text.get()))
    }

    /// What was read there; what is wrong is a mistake.
    pub fn read_at<T, E: Display>(&mut self, span: Range<usize>, read: Result<T, E>) -> Option<T> {
        let wrong = |error| {
            let message = words::as_it_says(Reason::of(error));
            self.plain_mistake(span, words::NOT_UNDERSTOOD, message);
        };
        read.map_err(wrong).ok()
    }

    /// Reads a template, and notes what it takes from elsewhere.
    pub fn template(
        &mut self,
        text: &str,
        span: Range<usize>,
        in_header: bool,
    ) -> Option<Template> {
        let template = match Template::parse(text) {
            Ok(template) => template,
            Err(error) => {
                let message = words::as_it_says(Reason::of(error));
                self.plain_mistake(span, words::NOT_UNDERSTOOD, message);
                return None;
            }
        };
        self.varies |= template.varies();
        for part in template.parts() {
            if let TemplatePart::Value(TemplateValue::Field { of, name, number }) = part {
                self.fields.push(FieldUse {
                    of,
                    name,
                    number,
                    in_header,
                    span: span.clone(),
                });
            }
        }
        Some(template)
    }

    /// A duration within bounds; what is wrong is a mistake.
    pub fn duration(&mut self, text: Option<&Located<String>>, key: &str) -> Option<Duration> {
        let text = text?;
        let duration = self.read_with(text, parse_duration)?;
        if duration.is_zero() {
            let message = words::is_zero(key);
            self.mistake(
                text.span(),
                words::NOT_ABOVE_ZERO,
                message,
                words::ZERO_HELP,
            );
            return None;
        }
        Some(duration)
    }

    /// A scenario's name, which is also a folder's.
    pub fn scenario_name(&mut self, name: Option<&Located<String>>) -> String {
        name.map_or_else(String::new, |name| {
            let good = |c: char| c.is_ascii_alphanumeric();
            self.name(name, good, "-", words::SCENARIO_NAME_HELP)
        })
    }

    /// A phase's name, in letters of any script.
    pub fn phase_name(&mut self, name: &Located<String>) -> String {
        self.name(name, char::is_alphanumeric, "-_", words::PHASE_NAME_HELP)
    }

    /// The name of a request, a flow, a feed or a capture.
    pub fn traffic_name(&mut self, name: &str, span: Range<usize>) -> String {
        let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let begins = name.starts_with(char::is_alphanumeric);
        if !begins || !name.chars().all(good) || name.chars().count() > 64 {
            let message = words::no_name(&quoted(name));
            self.mistake(span, words::NOT_A_NAME, message, words::PHASE_NAME_HELP);
        }
        name.to_owned()
    }

    /// A name of characters that are `good`, after the first one also of those in `also`.
    fn name(
        &mut self,
        name: &Located<String>,
        good: fn(char) -> bool,
        also: &str,
        help: Text,
    ) -> String {
        let text = name.get();
        let all = text.chars().all(|c| good(c) || also.contains(c));
        if !text.starts_with(good) || !all || text.chars().count() > 64 {
            let message = words::no_name(&quoted(text));
            self.mistake(name.span(), words::NOT_A_NAME, message, help);
        }
        text.clone()
    }
}
