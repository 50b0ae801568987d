//! Which language is spoken.

use serde::{Deserialize, Serialize};

/// A language of the output and the guide.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, strum::Display,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// The language of a locale's name: `ko_KR.UTF-8`, `ko.eucKR`, `C`. Whatever is not Korean is
    /// English, since a locale that does not exist is no error of the reader's.
    pub fn of_locale(locale: &str) -> Lang {
        let language = locale.split(['_', '.', '-', '@']).next();
        match language.is_some_and(|language| language.eq_ignore_ascii_case("ko")) {
            true => Lang::Ko,
            false => Lang::En,
        }
    }

    /// The language that the environment asks for: `LOADGEN_LANG`, `LC_ALL`, `LC_MESSAGES`,
    /// `LANG`, the first that is set to something.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Lang {
        ["LOADGEN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty())
            .map_or(Lang::En, |locale| Lang::of_locale(&locale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_that_is_not_korean_is_english_and_never_an_error() {
        for (locale, lang) in [
            ("ko", Lang::Ko),
            ("ko_KR.UTF-8", Lang::Ko),
            ("ko.eucKR", Lang::Ko),
            ("KO-kr", Lang::Ko),
            ("C", Lang::En),
            ("POSIX", Lang::En),
            ("kok_IN", Lang::En),
            ("xx_YY.nonsense", Lang::En),
        ] {
            assert_eq!(Lang::of_locale(locale), lang, "{locale}");
        }
    }

    #[test]
    fn the_first_variable_that_is_set_to_something_decides() {
        let environment = |set: &'static [(&str, &str)]| {
            Lang::of_environment(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(environment(&[]), Lang::En);
        assert_eq!(environment(&[("LANG", "ko_KR.UTF-8")]), Lang::Ko);
        assert_eq!(
            environment(&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C")]),
            Lang::En
        );
        assert_eq!(
            environment(&[("LC_ALL", "en_US"), ("LOADGEN_LANG", "ko")]),
            Lang::Ko
        );
        assert_eq!(
            environment(&[("LOADGEN_LANG", ""), ("LC_MESSAGES", "ko")]),
            Lang::Ko
        );
    }
}
