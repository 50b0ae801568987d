//! The two languages that loadgen speaks to people.

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
    /// for languages that name things in another order.
    pub fn say(self, lang: Lang, values: &[&str]) -> String {
        let mut said = String::new();
        let mut next = 0;
        let mut parts = self.to(lang).split('{');
        said.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (place, rest) = part.split_once('}').unwrap_or(("", part));
            let place = place.parse().unwrap_or_else(|_| {
                next += 1;
                next - 1
            });
            said.push_str(values.get(place).unwrap_or(&""));
            said.push_str(rest);
        }
        said
    }
}

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
    use super::*;

    #[test]
    fn values_stand_in_the_order_of_each_language() {
        let text = Text {
            en: "{} of {}",
            ko: "{1}회 중 {0}회",
        };
        assert_eq!(text.say(Lang::En, &["2", "9"]), "2 of 9");
        assert_eq!(text.say(Lang::Ko, &["2", "9"]), "9회 중 2회");
        // What a value holds is never read again.
        assert_eq!(text.say(Lang::En, &["{}", "{0}"]), "{} of {0}");
    }
}
