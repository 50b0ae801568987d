//! What names no language of ours.

use std::str::FromStr;

use super::{Lang, texts};

/// A text that names no language of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", unknown_lang(.0))]
pub struct UnknownLang(pub String);

texts! {
    const;
    unknown_lang(found: &str): "`{}` is no language here; there are: en, ko",
        "`{}`: 지원하지 않는 언어입니다. 사용할 수 있는 값: en, ko";
}

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
