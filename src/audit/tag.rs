//! The values of tags, which stand in queries.

use std::{fmt, str::FromStr};

use crate::{
    insight::tag_value,
    lang::{Phrase, texts},
};

/// The value of a tag as Datadog keeps it ([`tag_value`]). Nothing in it can end or widen a query.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagValue(String);

/// The tag of monitors that loadgen created.
pub(super) const CREATED_BY: &str = "created_by:loadgen";

texts! {
    const;
    no_name(found: &str): "`{}` is no name: write one name as Datadog shows it, no list, no pattern and no query",
        "`{}`: 이름이 아닙니다. Datadog에 표시되는 이름 하나를 쓰세요. 목록, 패턴, 쿼리는 쓸 수 없습니다";
}

/// Characters of lists, patterns and queries. Datadog would replace them by underscores, but a user
/// who types them means a list, a pattern or a query.
const OF_QUERIES: &str = "{}()[],*?!\"'`=<>|";

impl TagValue {
    /// The value as it stands in a query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TagValue {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<TagValue, Phrase> {
        let name = text.trim();
        let strange = |c: char| c.is_control() || OF_QUERIES.contains(c);
        match name.is_empty() || name.contains(strange) {
            false => Ok(TagValue(tag_value(name))),
            true => {
                let shown = text.chars().filter(|c| !c.is_control()).take(80);
                Err(no_name(&shown.collect::<String>()))
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_kept_as_datadog_keeps_it() {
        for (text, value) in [
            ("My-Fn_2", "my-fn_2"),
            (" checkout ", "checkout"),
            ("결제", "결제"),
            ("team/a:b.c", "team/a:b.c"),
            ("My Service", "my_service"),
            ("50%&", "50__"),
        ] {
            let tag = text.parse::<TagValue>().map(|tag| tag.0);
            assert_eq!(tag, Ok(value.to_owned()));
        }
    }

    #[test]
    fn what_is_a_list_a_pattern_or_a_query_is_refused() {
        for text in [
            "",
            " ",
            "a,b",
            "a}",
            "a)",
            "*",
            "a{b",
            "\"",
            "a\nb",
            "!a",
            "a\u{1b}[2J",
        ] {
            assert!(text.parse::<TagValue>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_taken_can_end_a_query(text in any::<String>()) {
            if let Ok(tag) = text.parse::<TagValue>() {
                prop_assert!(!tag.as_str().is_empty());
                let plain = |c: char| c.is_alphanumeric() || "_-:./".contains(c);
                prop_assert!(tag.as_str().chars().all(plain), "{tag}");
            }
        }
    }
}
