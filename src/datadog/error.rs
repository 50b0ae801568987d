//! What an API can answer instead of data.

use std::time::Duration;

/// Why the API gave no answer that can be used. Each says the cause and the next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// 401 or 403.
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
    /// Another status from 400 up that repeating does not change.
    #[error("{host} refused the request ({status}: {message})")]
    Refused {
        /// Who refused.
        host: String,
        /// The status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// 429, for longer than it makes sense to wait within one call.
    #[error("{host} limits the rate of requests; it takes more in {wait:?}")]
    RateLimited {
        /// Who limits.
        host: String,
        /// When it takes more.
        wait: Duration,
    },
    /// 5xx or 408, again and again.
    #[error("{host} answers {status} again and again ({message}); try later")]
    Unavailable {
        /// Who.
        host: String,
        /// The last status.
        status: u16,
        /// What it said last.
        message: String,
    },
    /// A redirect, which is not followed: the keys stay with the host they were meant for.
    #[error("{host} redirects to {to}, and keys are not sent elsewhere; check DD_SITE")]
    Redirected {
        /// Who redirects.
        host: String,
        /// Where to.
        to: String,
    },
    /// No answer: the name, the connection, the certificate, the time.
    #[error("{host} cannot be reached: {cause}; check the network, DD_SITE or --datadog-url")]
    Unreachable {
        /// Who.
        host: String,
        /// What went wrong.
        cause: String,
    },
    /// An answer that is no answer to what was asked.
    #[error("{host} answered what cannot be read: {cause}")]
    Unreadable {
        /// Who.
        host: String,
        /// What was expected.
        cause: String,
    },
}

/// What a body says went wrong: Datadog's `{"errors": [...]}`, whose entries are texts or have a
/// title and detail. Bodies may also be HTML or empty.
pub(super) fn message(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let parsed: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let listed = parsed
        .as_ref()
        .and_then(|body| body.get("errors"))
        .and_then(|errors| errors.as_array())
        .map(|errors| {
            let texts: Vec<&str> = errors
                .iter()
                .filter_map(|error| {
                    error
                        .as_str()
                        .or_else(|| error.get("detail").and_then(|d| d.as_str()))
                        .or_else(|| error.get("title").and_then(|t| t.as_str()))
                })
                .collect();
            texts.join("; ")
        });
    let message = match listed {
        Some(listed) if !listed.is_empty() => listed,
        _ if text.trim().is_empty() => return "no explanation".to_owned(),
        _ if text.trim_start().starts_with('<') => return "an HTML page".to_owned(),
        _ => text.trim().to_owned(),
    };
    // A stranger's text goes to a terminal: no control characters, and not a page of it.
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
            (b"<html>slow down</html>", "an HTML page"),
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
