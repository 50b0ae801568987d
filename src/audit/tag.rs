//! The values of tags, which stand in queries.

use std::{fmt, str::FromStr};

/// The value of a tag as Datadog keeps it: letters in lower case, digits, `_ - : . /`, at most 200
/// of them (Datadog, "Getting Started with Tags"). Nothing in it can end or widen a query.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagValue(String);

/// A text that is no tag's value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no value of a tag: Datadog's are made of letters, digits and _ - : . /, at most 200; write the name as Datadog shows it"
)]
pub struct NoTagValue(String);

/// The most characters in a tag's value.
const LONGEST: usize = 200;

impl TagValue {
    /// The value as it stands in a query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TagValue {
    type Err = NoTagValue;

    fn from_str(text: &str) -> Result<TagValue, NoTagValue> {
        let value = text.trim().to_lowercase();
        let plain = |c: char| c.is_alphanumeric() || "_-:./".contains(c);
        match !value.is_empty() && value.chars().count() <= LONGEST && value.chars().all(plain) {
            true => Ok(TagValue(value)),
            false => {
                let shown = text.chars().filter(|c| !c.is_control()).take(80).collect();
                Err(NoTagValue(shown))
            }
        }
    }
}

impl fmt::Display for TagValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_in_lower_case() {
        for (text, value) in [
            ("My-Fn_2", "my-fn_2"),
            (" checkout ", "checkout"),
            ("결제", "결제"),
            ("team/a:b.c", "team/a:b.c"),
        ] {
            assert_eq!(
                text.parse::<TagValue>().map(|tag| tag.0),
                Ok(value.to_owned())
            );
        }
    }

    #[test]
    fn what_could_end_or_widen_a_query_is_refused() {
        let long = "a".repeat(201);
        for text in [
            "", " ", "a b", "a,b", "a}", "a)", "*", "a{b", "\"", "a\nb", "!a", &long,
        ] {
            assert!(text.parse::<TagValue>().is_err(), "{text}");
        }
    }
}
