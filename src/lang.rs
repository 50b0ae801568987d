//! The two languages that loadgen speaks to people.

mod phrasebook;

pub use phrasebook::Phrasebook;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language of the output and the guide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

/// A text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Korean.
    pub ko: &'static str,
}

impl Text {
    /// A text in English and Korean.
    pub const fn new(en: &'static str, ko: &'static str) -> Text {
        Text { en, ko }
    }

    /// The text in `lang`.
    pub fn to(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ko => self.ko,
        }
    }

    /// The text in `lang` with `values` in it: `{}` is each of them in turn, `{1}` the second,
    /// for languages that name things in another order. `{name}` is in turn as `{}` is, and says
    /// that the value is in nobody's language: a function's name. `{why}` is a reason: a sentence of
    /// ours, or else a system's error.
    pub fn say(self, lang: Lang, values: &[&str]) -> String {
        let (begin, parts) = parts(self.to(lang));
        let mut said = begin.to_owned();
        for part in parts {
            said.push_str(values.get(part.place).unwrap_or(&""));
            said.push_str(part.words);
        }
        said
    }

    /// The values of an English sentence that was said from this text; None for any other. Each is
    /// as short as the words beside it allow, and what is over goes to the open end: to the last
    /// value, or to the first of a text that begins with a value and ends with words.
    pub fn read(self, english: &str) -> Option<Vec<&str>> {
        let (begin, parts) = parts(self.en);
        let rest = english.strip_prefix(begin)?;
        let Some((last, earlier)) = parts.split_last() else {
            return rest.is_empty().then(Vec::new);
        };
        let mut rest = rest.strip_suffix(last.words)?;
        let mut found = Vec::with_capacity(parts.len());
        if begin.is_empty() && !last.words.is_empty() {
            let mut place = last.place;
            for part in earlier.iter().rev() {
                let (before, value) = rest.rsplit_once(part.words)?;
                found.push((place, value));
                (place, rest) = (part.place, before);
            }
            found.push((place, rest));
        } else {
            for part in earlier {
                let (value, after) = rest.split_once(part.words)?;
                found.push((part.place, value));
                rest = after;
            }
            found.push((last.place, rest));
        }
        found.sort_unstable();
        // A value that stands in several places is the same in each.
        found.dedup();
        let in_order = (found.iter().enumerate()).all(|(index, (place, _))| index == *place);
        in_order.then(|| found.into_iter().map(|(_, value)| value).collect())
    }
}

/// A place for a value, and the words from there to the next one.
struct Placeholder<'t> {
    /// Which value.
    place: usize,
    /// What stands between the braces.
    name: &'t str,
    words: &'t str,
}

/// The words that a text begins with, and its places.
fn parts(text: &str) -> (&str, Vec<Placeholder<'_>>) {
    let mut next = 0;
    let mut split = text.split('{');
    let begin = split.next().unwrap_or_default();
    let parts = split.map(|part| {
        let (name, words) = part.split_once('}').unwrap_or(("", part));
        let place = name.parse().unwrap_or_else(|_| {
            next += 1;
            next - 1
        });
        Placeholder { place, name, words }
    });
    (begin, parts.collect())
}

/// Texts as constants, and where it is named a list of them all for [`Phrasebook`].
macro_rules! texts {
    ($vis:vis const; $($name:ident: $en:literal, $ko:literal;)*) => {
        $($vis const $name: $crate::lang::Text = $crate::lang::Text::new($en, $ko);)*
    };
    ($(#[$about:meta])* $vis:vis const $list:ident; $($name:ident: $en:literal, $ko:literal;)*) => {
        $crate::lang::texts! { $vis const; $($name: $en, $ko;)* }
        $(#[$about])*
        $vis const $list: &[$crate::lang::Text] = &[$($name),*];
    };
}
pub(crate) use texts;

/// A text that names no language of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no language here; there are: en, ko")]
pub struct UnknownLang(pub String);

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(text: &str) -> Result<Lang, UnknownLang> {
        match text {
            "en" => Ok(Lang::En),
            "ko" => Ok(Lang::Ko),
            _ => Err(UnknownLang(text.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lang::En => "en",
            Lang::Ko => "ko",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_stand_in_the_order_of_each_language() {
        let text = Text::new("{} of {}", "{1}회 중 {0}회");
        assert_eq!(text.say(Lang::En, &["2", "9"]), "2 of 9");
        assert_eq!(text.say(Lang::Ko, &["2", "9"]), "9회 중 2회");
        // What a value holds is never read again.
        assert_eq!(text.say(Lang::En, &["{}", "{0}"]), "{} of {0}");
        // A name of a place changes nothing of the order.
        let named = Text::new("{function} ran {} times", "{function}: 호출 {}회");
        assert_eq!(named.say(Lang::Ko, &["f", "9"]), "f: 호출 9회");
    }

    #[test]
    fn a_sentence_that_was_said_is_read() {
        let read = |en, sentence| Text::new(en, "").read(sentence);
        assert_eq!(read("{} of {}", "2 of 9"), Some(vec!["2", "9"]));
        assert_eq!(read("idle for {}", "idle for 15 min"), Some(vec!["15 min"]));
        assert_eq!(read("nothing", "nothing"), Some(vec![]));
        assert_eq!(read("{1} in {0}", "2 in 9"), Some(vec!["9", "2"]));
        assert_eq!(
            read("{0}, and {0} again", "2, and 2 again"),
            Some(vec!["2"])
        );
        for (en, sentence) in [
            ("nothing", "nothing at all"),
            ("idle for {}", "was idle for 15 min"),
            ("{} at once", "20 at once, or more"),
            ("{} of {}", "2 in 9"),
            ("a{}a", "a"),
            ("{0}, and {0} again", "2, and 3 again"),
        ] {
            assert_eq!(read(en, sentence), None, "{en}: {sentence}");
        }
    }

    #[test]
    fn what_is_over_goes_to_the_open_end() {
        let read = |en, sentence| Text::new(en, "").read(sentence);
        let (first, last) = ("{}, {} timed out", "{} × {}: {}");
        let sentence = "9 times, 2 throttled, 3 timed out";
        assert_eq!(
            read(first, sentence),
            Some(vec!["9 times, 2 throttled", "3"])
        );
        let sentence = "2 × refused: cannot connect: refused";
        let values = vec!["2", "refused", "cannot connect: refused"];
        assert_eq!(read(last, sentence), Some(values));
    }

    proptest! {
        #[test]
        fn every_sentence_gives_back_the_values_it_was_said_with(
            words in prop::collection::vec("[a-z ,:;.]{1,6}", 0..5),
            values in prop::collection::vec("[0-9A-Z%가-힣]{0,6}", 5),
            (begins, ends) in (any::<bool>(), any::<bool>()),
        ) {
            let mut en = words.join("{}");
            if begins { en.insert_str(0, "{}"); }
            if ends && !en.ends_with('}') { en.push_str("{}"); }
            let text = Text::new(en.leak(), "");
            // At most three between four words, and one at each end.
            let places = text.en.matches("{}").count();
            let values: Vec<&str> = values.iter().take(places).map(String::as_str).collect();
            let said = text.say(Lang::En, &values);
            prop_assert_eq!(text.read(&said), Some(values));
        }
    }
}
