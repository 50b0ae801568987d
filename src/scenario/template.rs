//! Texts in which `${...}` stands for a value: of the environment, of a feed, or captured.

use std::fmt;

use super::words;
use crate::lang::Phrase;

/// A text in which `${NAME}` stands for a variable of the environment, `${users.email}` and its like
/// for what differs from request to request, and `$${` for a plain `${`. Shown, logged and stored
/// only in this form: the filled-in text is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

/// A variable that the environment does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undefined(pub String);

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A value.
    Value(TemplateValue),
}

/// What a `${...}` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateValue {
    /// `${NAME}`: a variable of the environment.
    Variable(String),
    /// `${uuid}`: a random (version 4) UUID.
    Uuid,
    /// `${now}`: the time, by RFC 3339; `${now|unix}` in full seconds since 1970.
    Now {
        /// Whether it is a number of seconds.
        unix: bool,
    },
    /// `${random(1,100)}`: an integer from the first to the last, both included.
    Random(i64, i64),
    /// `${users.qty}`: a column of a feed, a capture of an earlier request, or of the sign-in.
    Field {
        /// The feed, the request, or `auth`.
        of: String,
        /// The column or capture.
        name: String,
        /// Whether it is to be a number: `${users.qty|number}`.
        number: bool,
    },
}

/// Words that stand for themselves in `${...}` and so name no feed and no request.
pub const RESERVED: [&str; 4] = ["auth", "uuid", "now", "random"];

impl TemplateValue {
    fn parse(text: &str) -> Option<TemplateValue> {
        let random = || {
            let (least, most) = text
                .strip_prefix("random(")?
                .strip_suffix(')')?
                .split_once(',')?;
            let (least, most) = (least.trim().parse().ok()?, most.trim().parse().ok()?);
            (least <= most).then_some(TemplateValue::Random(least, most))
        };
        let field = || {
            let (path, number) = match text.strip_suffix("|number") {
                Some(path) => (path, true),
                None => (text, false),
            };
            let (of, name) = path.split_once('.')?;
            let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
            let named = |part: &str| !part.trim().is_empty() && part.chars().all(good);
            (named(of) && named(name)).then(|| TemplateValue::Field {
                of: of.to_owned(),
                name: name.to_owned(),
                number,
            })
        };
        match text {
            "uuid" => Some(TemplateValue::Uuid),
            "now" => Some(TemplateValue::Now { unix: false }),
            "now|unix" => Some(TemplateValue::Now { unix: true }),
            name if is_name(name) => Some(TemplateValue::Variable(name.to_owned())),
            _ => random().or_else(field),
        }
    }
}

impl Template {
    /// A template of this text.
    ///
    /// # Errors
    /// `${` that is not closed, or that does not name a variable.
    pub fn parse(text: &str) -> Result<Template, Phrase> {
        pieces(text)?;
        Ok(Template(text.to_owned()))
    }

    /// The variables of the environment that it names, in order.
    pub fn variables(&self) -> impl Iterator<Item = String> {
        self.parts().into_iter().filter_map(|piece| match piece {
            TemplatePart::Value(TemplateValue::Variable(name)) => Some(name),
            _ => None,
        })
    }

    /// Whether it differs from request to request.
    pub fn varies(&self) -> bool {
        let varies = |part: &TemplatePart<'_>| matches!(part, TemplatePart::Value(value) if !matches!(value, TemplateValue::Variable(_)));
        self.parts().iter().any(varies)
    }

    /// The text with its variables filled in: a secret, never to be shown or stored.
    ///
    /// # Errors
    /// The first variable that `lookup` does not have.
    pub fn fill(&self, lookup: impl Fn(&str) -> Option<String>) -> Result<String, Undefined> {
        let mut filled = String::new();
        for piece in self.parts() {
            match piece {
                TemplatePart::Text(text) => filled.push_str(text),
                TemplatePart::Value(TemplateValue::Variable(name)) => {
                    let value = lookup(&name).ok_or(Undefined(name))?;
                    filled.push_str(&value);
                }
                TemplatePart::Value(_) => return Err(Undefined(self.0.clone())),
            }
        }
        Ok(filled)
    }

    /// Its pieces in order.
    pub fn parts(&self) -> Vec<TemplatePart<'_>> {
        // `parse` has made sure that there is nothing to refuse.
        pieces(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn pieces(text: &str) -> Result<Vec<TemplatePart<'_>>, Phrase> {
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
        let (name, after) = from[2..].split_once('}').ok_or(words::UNCLOSED)?;
        let value = TemplateValue::parse(name);
        let refused = || words::no_variable(name.chars().take(40).collect());
        pieces.push(TemplatePart::Value(value.ok_or_else(refused)?));
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
        let refused = |text| Template::parse(text).expect_err("no template").to_string();
        assert!(refused("${KEY").contains("is not closed"));
        for text in ["${}", "${a b}", "${1A}", "${é}", "${A${B}}"] {
            assert!(refused(text).contains("does not name a variable"), "{text}");
        }
    }
}
