//! The errors of Datadog's API.

use std::time::Duration;

use serde_json::Value;

use super::{Scope, words};
use crate::lang::Reason;

/// Why the API gave no usable answer. Each message has the cause and the next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// 401 or 403. [`super::Client::explain`] finds out which key was refused.
    #[error("{}", words::keys(&.0.host, .0.status, &.0.message))]
    Keys(ApiRefusal),
    /// The API key is not valid.
    #[error("{}", words::api_key(&.0.host, .0.status, &.0.message))]
    ApiKey(ApiRefusal),
    /// The API key is valid, and the application key was refused, which lacks this scope.
    #[error("{}", words::app_key(&.0.host, .1.text(), .0.status, &.0.message, .1.name()))]
    AppKey(ApiRefusal, Scope),
    /// Another status from 400 that a retry does not change.
    #[error("{}", words::refused(&.0.host, .0.status, &.0.message))]
    Refused(ApiRefusal),
    /// 429, for longer than the call may wait.
    #[error("{}", words::rate_limited(.host, *.wait))]
    RateLimited {
        /// The host that limits the rate.
        host: String,
        /// When it accepts requests again, if it says so.
        wait: Option<Duration>,
    },
    /// 5xx or 408, at every attempt.
    #[error("{}", words::unavailable(&.0.host, .0.status, &.0.message))]
    Unavailable(ApiRefusal),
    /// A redirect, which is not followed: it would send the keys to another host.
    #[error("{}", words::redirected(.host, .to))]
    Redirected {
        /// Who redirects.
        host: String,
        /// Where to.
        to: Reason,
    },
    /// No response: the name, the connection, the certificate or the time limit.
    #[error("{}", words::unreachable(.host, .cause))]
    Unreachable {
        /// Who.
        host: String,
        /// What went wrong.
        cause: Reason,
    },
    /// An HTML page instead of JSON.
    #[error("{}", words::page(.host))]
    Page {
        /// Who.
        host: String,
    },
    /// A response without the requested data.
    #[error("{}", words::unreadable(.host, .cause))]
    Unreadable {
        /// Who.
        host: String,
        /// What was expected.
        cause: Reason,
    },
}

/// What a refusal said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRefusal {
    /// Who refused.
    pub host: String,
    /// The status.
    pub status: u16,
    /// What it said.
    pub message: Reason,
}

impl ApiError {
    /// The error with `change` applied to the texts of other programs.
    pub(super) fn with_texts(mut self, change: impl Fn(&str) -> String) -> ApiError {
        let text = match &mut self {
            ApiError::Keys(refusal)
            | ApiError::ApiKey(refusal)
            | ApiError::AppKey(refusal, _)
            | ApiError::Refused(refusal)
            | ApiError::Unavailable(refusal) => &mut refusal.message,
            ApiError::Redirected { to, .. } => to,
            ApiError::Unreachable { cause, .. } | ApiError::Unreadable { cause, .. } => cause,
            ApiError::RateLimited { .. } | ApiError::Page { .. } => return self,
        };
        for text in [&mut text.en, &mut text.ko] {
            *text = change(text);
        }
        self
    }

    /// Whether a later attempt may succeed.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            ApiError::RateLimited { .. } | ApiError::Unavailable(_) | ApiError::Unreachable { .. }
        )
    }
}

/// Whether a body is an HTML page.
pub(super) fn is_page(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(body.get(..512).unwrap_or(body));
    start
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('<')
}

/// The error message in a body: Datadog's `{"errors": [...]}`, whose entries are texts or have a
/// title and a detail. Bodies may also be HTML or empty.
pub(super) fn message(body: &[u8]) -> Reason {
    let text = String::from_utf8_lossy(body);
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = parsed["errors"].as_array().into_iter().flatten();
    let texts: Vec<&str> = errors
        .filter_map(|error| {
            let named = || error["detail"].as_str().or_else(|| error["title"].as_str());
            error.as_str().or_else(named)
        })
        .collect();
    let message = match texts.join("; ") {
        listed if !listed.is_empty() => listed,
        _ if text.trim().is_empty() => return Reason::of(words::NO_EXPLANATION),
        _ if is_page(body) => return Reason::of(words::HTML_PAGE),
        _ => text.trim().to_owned(),
    };
    // Another program's text goes to the terminal: without control characters, and shortened.
    let printable = message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    Reason::of(printable.take(300).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::assert_korean;

    #[test]
    fn the_message_is_found_in_every_shape_of_error() {
        let cases: [(&[u8], &str); 6] = [
            (br#"{"errors":["Forbidden"]}"#, "Forbidden"),
            (
                br#"{"errors":[{"title":"Generic Error","detail":"bad cursor"}]}"#,
                "bad cursor",
            ),
            (b"<html>slow down</html>", "an HTML page, as proxies send"),
            (b"", "no explanation"),
            (b"plain\x1b[2J text", "plain [2J text"),
            (br#"{"errors":[]}"#, r#"{"errors":[]}"#),
        ];
        for (body, expected) in cases {
            assert_eq!(message(body).en, expected);
        }
        assert!(message(&[b'x'; 5_000]).en.len() <= 300);
    }

    #[test]
    fn every_error_is_said_in_korean() {
        let host = "api.datadoghq.com".to_owned();
        let refusal = |message: Reason| ApiRefusal {
            host: host.clone(),
            status: 403,
            message,
        };
        let bad = || refusal(Reason::of("bad"));
        let mut errors = vec![
            ApiError::Keys(refusal(Reason::of(words::NO_EXPLANATION))),
            ApiError::ApiKey(refusal(Reason::of(words::HTML_PAGE))),
            ApiError::Refused(bad()),
            ApiError::Unavailable(bad()),
            ApiError::Redirected {
                host: host.clone(),
                to: Reason::of(words::NOWHERE),
            },
            ApiError::Page { host: host.clone() },
        ];
        for wait in [None, Some(std::time::Duration::from_secs(90))] {
            errors.push(ApiError::RateLimited {
                host: host.clone(),
                wait,
            });
        }
        for scope in [Scope::Metrics, Scope::Spans, Scope::Logs] {
            errors.push(ApiError::AppKey(bad(), scope));
        }
        for cause in [
            words::LATE,
            words::BAD_KEY,
            words::TOO_LONG,
            words::UNMATCHED,
            words::UNEQUAL,
            words::NO_QUERY,
        ] {
            errors.push(ApiError::Unreadable {
                host: host.clone(),
                cause: Reason::of(cause),
            });
        }
        for cause in [words::lacks("data"), words::not_json("EOF")] {
            errors.push(ApiError::Unreachable {
                host: host.clone(),
                cause: Reason::of(cause),
            });
        }
        assert_korean(errors);
    }
}
