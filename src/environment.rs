//! Variables of the environment. One that is set to nothing is unset, everywhere.

use crate::lang::{Text, texts};

texts! {
    const;
    NOT_SET: "is not set", "설정되지 않았습니다";
    NO_TEXT: "holds bytes that are no text in UTF-8 (a body of any bytes goes into a file: body_file)",
        "UTF-8 텍스트가 아닌 바이트를 담고 있습니다(임의의 바이트로 된 본문은 파일에 두고 body_file을 쓰세요)";
}

/// The variable, if it is set to something.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Why [`variable`] gives nothing, as the end of a sentence.
pub fn why_not(name: &str) -> Text {
    match std::env::var(name) {
        Err(std::env::VarError::NotUnicode(_)) => NO_TEXT,
        _ => NOT_SET,
    }
}
