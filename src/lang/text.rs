//! A text in both languages.

use std::fmt;

use super::{Lang, current, template};

/// A text in both languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

    /// The text in `lang` with `values` in it. `{}` is each of them in turn, `{1}` the second, for
    /// languages that name things in another order; see `template.rs` for particles and plurals.
    pub fn say(self, lang: Lang, values: &[&str]) -> String {
        template::fill(self.to(lang), &[], values)
    }
}

impl fmt::Display for Text {
    /// In the language that is spoken now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to(current()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_the_order_of_each_language() {
        let text = Text::new("{} of {}", "{1}회 중 {0}회");
        assert_eq!(text.say(Lang::En, &["2", "9"]), "2 of 9");
        assert_eq!(text.say(Lang::Ko, &["2", "9"]), "9회 중 2회");
        // What a value holds is never read again.
        assert_eq!(text.say(Lang::En, &["{}", "{0}"]), "{} of {0}");
    }
}
