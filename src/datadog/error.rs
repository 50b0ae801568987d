//! The errors of Datadog's API.

use std::time::Duration;

use serde_json::Value;

use super::Scope;
use crate::units::show_duration;

/// Why the API gave no usable answer. Each message has the cause and the next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// 401 or 403. [`super::Client::explain`] finds out which key was refused.
    #[error(
        "{host} refused the keys ({status}: {message}); check that DD_API_KEY and DD_APP_KEY are valid, not swapped, and belong to the site in DD_SITE"
    )]
    Keys {
        /// Who refused.
        host: String,
        /// The status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// The API key is not valid.
    #[error(
        "{host} does not know the API key in DD_API_KEY ({status}: {message}): it is mistyped or revoked, or its organization is on another site. The address of your Datadog pages shows the site; DD_SITE must name the same"
    )]
    ApiKey {
        /// Who refused.
        host: String,
        /// The status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// The API key is valid, and the application key was refused.
    #[error(
        "{host} takes the API key and refuses the application key for {scope} ({status}: {message}): it is revoked, of another organization, or lacks the scope {name}. Give DD_APP_KEY a key with that scope, made by a user who may read {scope}; `loadgen doctor` shows which scopes it has",
        name = scope.name()
    )]
    AppKey {
        /// Who refused.
        host: String,
        /// What was asked for.
        scope: Scope,
        /// The status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// Another status from 400 that a retry does not change.
    #[error(
        "{host} refused the request ({status}: {message}); if that is no API of Datadog, check DD_SITE or --datadog-url"
    )]
    Refused {
        /// Who refused.
        host: String,
        /// The status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// 429, for longer than a call waits.
    #[error("{host} limits the rate of requests (429) and {until}", until = until(*wait))]
    RateLimited {
        /// Who limits.
        host: String,
        /// When it accepts more, if it says so.
        wait: Option<Duration>,
    },
    /// 5xx or 408, at every attempt.
    #[error(
        "{host} answers {status} again and again ({message}); try later, and look at https://status.datadoghq.com"
    )]
    Unavailable {
        /// Who.
        host: String,
        /// The last status.
        status: u16,
        /// What it said last.
        message: String,
    },
    /// A redirect, which is not followed: it would send the keys to another host.
    #[error("{host} redirects to {to}, and keys are not sent elsewhere; check DD_SITE")]
    Redirected {
        /// Who redirects.
        host: String,
        /// Where to.
        to: String,
    },
    /// No answer: the name, the connection, the certificate or the time limit.
    #[error(
        "{host} cannot be reached: {cause}; check the network, a proxy in HTTPS_PROXY, DD_SITE or --datadog-url"
    )]
    Unreachable {
        /// Who.
        host: String,
        /// What went wrong.
        cause: String,
    },
    /// An HTML page in place of JSON.
    #[error(
        "{host} answers with an HTML page where Datadog's API answers JSON: a proxy or a login page stands in between (HTTPS_PROXY), or this is the address of the pages and not of the API, which is https://api.SITE"
    )]
    Page {
        /// Who.
        host: String,
    },
    /// An answer without the data that was asked for.
    #[error(
        "{host} answered what cannot be read ({cause}); if it stays so, something between here and Datadog changes answers, or this is no API of Datadog"
    )]
    Unreadable {
        /// Who.
        host: String,
        /// What was expected.
        cause: String,
    },
}

impl ApiError {
    /// The error with `change` applied to the texts that came from elsewhere.
    pub(super) fn with_texts(mut self, change: impl Fn(&str) -> String) -> ApiError {
        let text = match &mut self {
            ApiError::Keys { message, .. }
            | ApiError::ApiKey { message, .. }
            | ApiError::AppKey { message, .. }
            | ApiError::Refused { message, .. }
            | ApiError::Unavailable { message, .. } => message,
            ApiError::Redirected { to, .. } => to,
            ApiError::Unreachable { cause, .. } | ApiError::Unreadable { cause, .. } => cause,
            ApiError::RateLimited { .. } | ApiError::Page { .. } => return self,
        };
        *text = change(text);
        self
    }

    /// Whether a later attempt may succeed.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            ApiError::RateLimited { .. }
                | ApiError::Unavailable { .. }
                | ApiError::Unreachable { .. }
        )
    }
}

fn until(wait: Option<Duration>) -> String {
    match wait {
        Some(wait) => format!("takes more in {}; try again then", show_duration(wait)),
        None => "does not say until when; try again in some minutes".to_owned(),
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
pub(super) fn message(body: &[u8]) -> String {
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
        _ if text.trim().is_empty() => return "no explanation".to_owned(),
        _ if is_page(body) => return "an HTML page, as proxies send".to_owned(),
        _ => text.trim().to_owned(),
    };
    // Another program's text goes to the terminal: without control characters, and shortened.
    message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(message(body), expected);
        }
        assert!(message(&[b'x'; 5_000]).len() <= 300);
    }
}
