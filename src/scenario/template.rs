//! Texts with secrets from the environment.

use std::fmt;

use super::words;
use crate::environment::why_not;

/// A text in which `${NAME}` stands for a variable of the environment, and `$${` for a plain
/// `${`. Shown, logged and stored only in this form: the filled-in text is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `${` without its `}`.
    #[error("{}", words::UNCLOSED)]
    Unclosed,
    /// What stands in the braces is no name.
    #[error("{}", words::no_variable(.0))]
    Name(String),
}

/// A variable that the environment does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", words::undefined(.0, why_not(.0)))]
pub struct Undefined(pub String);

enum TemplatePart<'a> {
    Text(&'a str),
    Variable(&'a str),
}

impl Template {
    /// A template of this text.
    ///
    /// # Errors
    /// `${` that is not closed, or that does not name a variable.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        pieces(text)?;
        Ok(Template(text.to_owned()))
    }

    /// The variables that it names, in order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces().into_iter().filter_map(|piece| match piece {
            TemplatePart::Variable(name) => Some(name),
            TemplatePart::Text(_) => None,
        })
    }

    /// The text with its variables filled in: a secret, never to be shown or stored.
    ///
    /// # Errors
    /// The first variable that `lookup` does not have.
    pub fn fill(&self, lookup: impl Fn(&str) -> Option<String>) -> Result<String, Undefined> {
        let mut filled = String::new();
        for piece in self.pieces() {
            match piece {
                TemplatePart::Text(text) => filled.push_str(text),
                TemplatePart::Variable(name) => {
                    let value = lookup(name).ok_or_else(|| Undefined(name.to_owned()))?;
                    filled.push_str(&value);
                }
            }
        }
        Ok(filled)
    }

    fn pieces(&self) -> Vec<TemplatePart<'_>> {
        // `parse` has made sure that there is nothing to refuse.
        pieces(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn pieces(text: &str) -> Result<Vec<TemplatePart<'_>>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(dollar) = rest.find("${") {
        let (before, from) = rest.split_at(dollar);
        if let Some(before) = before.strip_suffix('$') {
            pieces.push(TemplatePart::Text(before));
            pieces.push(TemplatePart::Text("${"));
            rest = &from[2..];
            continue;
        }
        pieces.push(TemplatePart::Text(before));
        let (name, after) = from[2..].split_once('}').ok_or(TemplateError::Unclosed)?;
        if !is_name(name) {
            return Err(TemplateError::Name(name.chars().take(40).collect()));
        }
        pieces.push(TemplatePart::Variable(name));
        rest = after;
    }
    pieces.push(TemplatePart::Text(rest));
    Ok(pieces)
}

fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(good) && name.starts_with(|c: char| !c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, Undefined> {
        let template = Template::parse(text).expect("a template");
        template.fill(|name| (name == "KEY").then(|| "s3cret".to_owned()))
    }

    #[test]
    fn variables_are_filled_in() {
        assert_eq!(filled("Bearer ${KEY}"), Ok("Bearer s3cret".to_owned()));
        assert_eq!(filled("${KEY}${KEY}"), Ok("s3crets3cret".to_owned()));
        assert_eq!(
            filled("no $variable {here}"),
            Ok("no $variable {here}".to_owned())
        );
    }

    #[test]
    fn two_dollars_escape_one() {
        assert_eq!(filled("$${KEY}"), Ok("${KEY}".to_owned()));
        assert_eq!(filled("$${ ${KEY}"), Ok("${ s3cret".to_owned()));
    }

    #[test]
    fn what_a_variable_holds_is_not_filled_in_again() {
        let template = Template::parse("${KEY}").expect("a template");
        let filled = template.fill(|_| Some("${KEY}".to_owned()));
        assert_eq!(filled, Ok("${KEY}".to_owned()));
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        assert_eq!(filled("${OTHER}"), Err(Undefined("OTHER".to_owned())));
    }

    #[test]
    fn only_the_written_form_is_shown() {
        let template = Template::parse("Bearer ${KEY}").expect("a template");
        assert_eq!(template.to_string(), "Bearer ${KEY}");
        assert_eq!(template.variables().collect::<Vec<_>>(), ["KEY"]);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        assert_eq!(Template::parse("${KEY"), Err(TemplateError::Unclosed));
        for text in ["${}", "${a b}", "${1A}", "${é}", "${A${B}}"] {
            assert!(
                matches!(Template::parse(text), Err(TemplateError::Name(_))),
                "{text}"
            );
        }
    }
}
