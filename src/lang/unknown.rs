//! What names no language of ours.

use std::str::FromStr;

use super::{Lang, Phrase, texts};

texts! {
    const;
    unknown_lang(found: &str): "`{}` is no language here; there are: en, ko",
        "`{}`: 지원하지 않는 언어입니다. 사용할 수 있는 값: en, ko";
}

impl FromStr for Lang {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Lang, Phrase> {
        match text {
            "en" => Ok(Lang::En),
            "ko" => Ok(Lang::Ko),
            _ => Err(unknown_lang(&text.chars().take(40).collect::<String>())),
        }
    }
}
