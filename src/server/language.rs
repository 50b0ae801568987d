//! Which language a request's reader reads.

use axum::http::{HeaderMap, HeaderName, header};

use crate::lang::Lang;

/// The cookie that remembers the language that a reader chose. Cookies know no ports, so a choice
/// on the pages holds in the guide too.
const COOKIE: &str = "loadgen_lang";

/// The language that the reader chose, else the one that the browser prefers. None: neither says.
pub(crate) fn language_of(headers: &HeaderMap) -> Option<Lang> {
    remembered(headers).or_else(|| preferred(headers))
}

/// The header that remembers a choice for a year.
pub(crate) fn remember(lang: Lang) -> [(HeaderName, String); 1] {
    let cookie = format!("{COOKIE}={lang}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
    [(header::SET_COOKIE, cookie)]
}

fn remembered(headers: &HeaderMap) -> Option<Lang> {
    texts(headers, header::COOKIE)
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, value)| value.parse().ok())
}

/// The language of ours with the largest weight in `Accept-Language` (RFC 9110, section 12.5.4),
/// of equal ones the first.
fn preferred(headers: &HeaderMap) -> Option<Lang> {
    let mut best: Option<(f64, Lang)> = None;
    for range in texts(headers, header::ACCEPT_LANGUAGE).flat_map(|value| value.split(',')) {
        let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
        let language = tag.trim().split('-').next().unwrap_or_default();
        let lang = language.to_ascii_lowercase().parse().ok();
        let weight = weight.trim().strip_prefix("q=");
        let weight: Option<f64> = weight.and_then(|weight| weight.parse().ok());
        if let (Some(lang), Some(weight)) = (lang, weight)
            && weight > best.map_or(0.0, |(weight, _)| weight)
        {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

fn texts(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values.filter_map(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(HeaderName, &'static str)]) -> Option<Lang> {
        let pairs = headers.iter().cloned();
        language_of(
            &pairs
                .map(|(name, value)| (name, value.parse().expect("a header's value")))
                .collect(),
        )
    }

    #[test]
    fn a_remembered_choice_comes_before_what_the_browser_prefers() {
        let korean = (header::COOKIE, "a=b; loadgen_lang=ko");
        let english = (header::ACCEPT_LANGUAGE, "en-US,en;q=0.9");
        assert_eq!(asked(&[english.clone(), korean.clone()]), Some(Lang::Ko));
        assert_eq!(asked(std::slice::from_ref(&english)), Some(Lang::En));
        let unknown = (header::COOKIE, "loadgen_lang=tlh");
        assert_eq!(asked(&[english, unknown]), Some(Lang::En));
    }

    #[test]
    fn the_largest_weight_wins_and_other_languages_say_nothing() {
        for (accept, expected) in [
            ("ko-KR,ko;q=0.9,en-US;q=0.8", Some(Lang::Ko)),
            ("en;q=0.3, KO;q=0.7", Some(Lang::Ko)),
            ("fr, en;q=0.2", Some(Lang::En)),
            ("en, ko", Some(Lang::En)),
            ("ko;q=0, en;q=0.1", Some(Lang::En)),
            ("fr-CH, *;q=0.5", None),
            ("ko;q=x", None),
            ("", None),
        ] {
            let found = asked(&[(header::ACCEPT_LANGUAGE, accept)]);
            assert_eq!(found, expected, "{accept}");
        }
    }
}
