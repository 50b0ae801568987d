//! Datadog's keys, read from the environment or a file. They are never shown.

use std::{fmt, path::Path};

use super::words;
use crate::{files, lang::Phrase};

/// An API key and an application key. They are never printed, logged or stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    api: String,
    app: String,
}

const API: &str = "DD_API_KEY";
const APP: &str = "DD_APP_KEY";

/// The longest key. A longer file is no key.
const LONGEST: usize = 256;
/// The shortest key that is hidden: hiding a shorter text would spoil messages.
const SHORTEST: usize = 8;

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_api_key(text: &str) -> bool {
    is_hex(text, 32)
}

fn is_app_key(text: &str) -> bool {
    is_hex(text, 40) || text.starts_with("ddapp_")
}

/// Text for a message, unless it looks like a key: users paste keys into the wrong variable.
pub(super) fn shown(text: &str, most: usize) -> String {
    let text = text.trim();
    if is_api_key(text) || is_app_key(text) {
        return words::LOOKS_LIKE_A_KEY.to_string();
    }
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(most).map(clean).collect()
}

impl Keys {
    /// Keys from `DD_API_KEY` and `DD_APP_KEY`, or the files that `DD_API_KEY_FILE` and
    /// `DD_APP_KEY_FILE` name. None where neither is set.
    ///
    /// # Errors
    /// One key without the other, a malformed key, an unreadable file.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Keys>, Phrase> {
        match (key(API, &variable)?, key(APP, &variable)?) {
            (None, None) => Ok(None),
            (Some(api), Some(app)) if is_app_key(&api) && is_api_key(&app) => {
                Err(words::SWAPPED.into())
            }
            (Some(api), Some(app)) => Ok(Some(Keys { api, app })),
            (Some(_), None) => Err(words::half(API, APP)),
            (None, Some(_)) => Err(words::half(APP, API)),
        }
    }

    /// The API key alone, from `DD_API_KEY` or the file that `DD_API_KEY_FILE` names: it is enough to
    /// send telemetry.
    ///
    /// # Errors
    /// A malformed key, an unreadable file.
    pub fn api_key(variable: impl Fn(&str) -> Option<String>) -> Result<Option<String>, Phrase> {
        key(API, &variable)
    }

    /// Keys for a sandbox, which accepts any 32 and 40 hexadecimal digits.
    pub fn for_sandbox() -> Keys {
        Keys {
            api: "10ad".repeat(8),
            app: "10ad".repeat(10),
        }
    }

    /// No keys: an API that needs them refuses.
    pub fn none() -> Keys {
        Keys {
            api: String::new(),
            app: String::new(),
        }
    }

    /// `text` with asterisks in place of keys.
    pub(super) fn hidden_in(&self, text: &str) -> String {
        [&self.api, &self.app]
            .into_iter()
            .filter(|key| key.len() >= SHORTEST)
            .fold(text.to_owned(), |text, key| {
                text.replace(key.as_str(), "***")
            })
    }

    pub(super) fn api(&self) -> &str {
        &self.api
    }

    pub(super) fn app(&self) -> &str {
        &self.app
    }
}

fn key(
    name: &'static str,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Option<String>, Phrase> {
    // Datadog's own command line and its Terraform provider know the longer name as well.
    let longer = name.replacen("DD_", "DATADOG_", 1);
    for name in [name, &longer] {
        if let Some(value) = variable(name).filter(|value| !value.is_empty()) {
            return checked(value, name.to_owned()).map(Some);
        }
    }
    let file = format!("{name}_FILE");
    let Some(path) = variable(&file).filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let text = files::read_text(Path::new(&path), files::LARGEST)
        .map_err(|cause| words::key_file(&shown(&path, 200), &file, cause.to_string()))?;
    checked(text, file).map(Some)
}

/// A value as people paste it: without blanks and quotes around it.
pub(super) fn pasted(value: &str) -> &str {
    let value = value.trim();
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    quoted('"').or_else(|| quoted('\'')).unwrap_or(value).trim()
}

/// Whether it is a documentation's placeholder for a key: `<YOUR_API_KEY>`, `YOUR_API_KEY`, `xxxx`.
fn is_placeholder(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    let bracketed = key.starts_with(['<', '{', '[', '$']);
    let named = [
        "your",
        "api_key",
        "app_key",
        "changeme",
        "placeholder",
        "example",
    ];
    bracketed
        || named.iter().any(|part| lower.contains(part))
        || (key.len() >= 3 && lower.chars().all(|c| matches!(c, 'x' | '*' | '.')))
}

fn checked(value: String, name: String) -> Result<String, Phrase> {
    let key = pasted(&value);
    if is_placeholder(key) {
        return Err(words::placeholder(&name));
    }
    let plain = key.bytes().all(|byte| byte.is_ascii_graphic());
    if key.is_empty() || key.len() > LONGEST || !plain {
        return Err(words::malformed(&name));
    }
    Ok(key.to_owned())
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::assert_korean;

    fn from(pairs: &[(&str, &str)]) -> Result<Option<Keys>, Phrase> {
        Keys::from_environment(|name| {
            let pair = pairs.iter().find(|(key, _)| *key == name)?;
            Some(pair.1.to_owned())
        })
    }

    #[test]
    fn both_keys_or_none() {
        assert!(matches!(from(&[]), Ok(None)));
        assert!(matches!(from(&[(API, ""), (APP, "")]), Ok(None)));
        assert!(matches!(from(&[(API, "a"), (APP, "b")]), Ok(Some(_))));
        let half = from(&[(API, "a")]).expect_err("half a pair");
        assert!(half.to_string().contains("set DD_APP_KEY"), "{half}");
    }

    #[test]
    fn a_key_is_read_from_a_file_without_its_line_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        std::fs::write(&path, "secret\n").expect("a file");
        let path = path.display().to_string();
        let keys = from(&[("DD_API_KEY_FILE", path.as_str()), (APP, "b")]);
        assert_eq!(keys.expect("keys").expect("both").api(), "secret");
    }

    #[test]
    fn what_no_header_can_carry_is_refused_without_showing_it() {
        for bad in ["a b", "a\nb", "é", "   "] {
            let error = from(&[(API, bad), (APP, "b")]).expect_err("a bad key");
            assert!(!error.to_string().contains(bad), "{error}");
        }
        assert!(from(&[("DD_API_KEY_FILE", "/nonexistent/key"), (APP, "b")]).is_err());
    }

    #[test]
    fn swapped_keys_are_told_before_anybody_is_asked() {
        let (api, app) = ("ab".repeat(16), "cd".repeat(20));
        let swapped = from(&[(API, app.as_str()), (APP, api.as_str())]);
        let error = swapped.expect_err("swapped").to_string();
        assert!(error.contains("swapped") && !error.contains("abab"));
        assert!(from(&[(API, api.as_str()), (APP, app.as_str())]).is_ok());
    }

    #[test]
    fn a_key_in_the_wrong_place_is_not_shown() {
        let key = "ab".repeat(16);
        let error = from(&[("DD_API_KEY_FILE", key.as_str()), (APP, "b")]).expect_err("no file");
        assert!(!error.to_string().contains(&key), "{error}");
        let keys = from(&[(API, "hush-hush-1"), (APP, "hush-hush-2")]);
        let keys = keys.expect("keys").expect("both");
        assert_eq!(keys.hidden_in("no hush-hush-1 here"), "no *** here");
    }

    #[test]
    fn keys_are_not_shown() {
        let keys = from(&[(API, "hush1"), (APP, "hush2")]);
        assert!(!format!("{keys:?}").contains("hush"));
    }

    #[test]
    fn every_mistake_with_keys_is_said_in_korean() {
        assert_korean([
            words::half(API, APP),
            words::malformed(API),
            words::SWAPPED.into(),
            words::key_file("/key", API, "gone".to_owned()),
        ]);
    }
}
