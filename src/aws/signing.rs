//! AWS Signature Version 4, for endpoints with IAM authorization.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use http::Uri;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{
    digest::{SHA256, digest},
    hmac,
};
use serde_json::Value;
use url::form_urlencoded;

use super::{Aws, Error, call::Call, words};
use crate::environment::variable;

/// The keys that sign requests. They are never logged, stored or shown.
#[derive(Clone)]
pub struct Credentials {
    access_key: String,
    secret_key: String,
    session_token: Option<String>,
    /// When they expire, and when to renew them; None if they are not known to expire.
    ends: Option<KeyLifetime>,
}

/// The end of temporary keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KeyLifetime {
    at: SystemTime,
    renew_at: SystemTime,
}

/// Keys are renewed this long before they expire, or after half of their lifetime.
const AHEAD: Duration = Duration::from_secs(300);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

impl Credentials {
    /// These keys; temporary ones have a `session_token`.
    pub fn new(access_key: &str, secret_key: &str, session_token: Option<String>) -> Credentials {
        Credentials {
            access_key: access_key.to_owned(),
            secret_key: secret_key.to_owned(),
            session_token,
            ends: None,
        }
    }

    /// The same, which end at the time of this text (RFC 3339), if it is one.
    fn until(mut self, text: Option<String>) -> Credentials {
        let at = text.and_then(|text| text.parse::<jiff::Timestamp>().ok());
        self.ends = at.map(SystemTime::from).map(|at| {
            let left = at.duration_since(SystemTime::now()).unwrap_or_default();
            KeyLifetime {
                at,
                renew_at: at - AHEAD.min(left / 2),
            }
        });
        self
    }

    /// When they end, as far as is known.
    pub fn end_at(&self) -> Option<SystemTime> {
        self.ends.map(|ends| ends.at)
    }

    /// Whether better ones should be asked for.
    pub fn are_due(&self, now: SystemTime) -> bool {
        self.ends.is_some_and(|ends| ends.renew_at <= now)
    }

    /// The keys in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; None
    /// if either of the first two is missing.
    pub fn from_environment() -> Option<Credentials> {
        Some(
            Credentials::new(
                &variable("AWS_ACCESS_KEY_ID")?,
                &variable("AWS_SECRET_ACCESS_KEY")?,
                variable("AWS_SESSION_TOKEN"),
            )
            .until(variable("AWS_CREDENTIAL_EXPIRATION")),
        )
    }

    /// The keys that `aws` itself would use, from any profile or login.
    ///
    /// # Errors
    /// If there are none or they have expired, [`Error::UnknownCall`] of an `aws` that cannot hand keys over
    /// (no version 1 up to 1.46 can), and for an answer without keys.
    pub async fn of_aws(aws: &Aws) -> Result<Credentials, Error> {
        let call = Call::new("configure", "export-credentials").with("--format", "process");
        let answer = aws.ask(call, Value::Null).await?;
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        match (text("AccessKeyId"), text("SecretAccessKey")) {
            (Some(access_key), Some(secret_key)) => {
                Ok(
                    Credentials::new(&access_key, &secret_key, text("SessionToken"))
                        .until(text("Expiration")),
                )
            }
            _ => Err(Error::garbage(
                "aws configure export-credentials",
                words::lacks("AccessKeyId, SecretAccessKey"),
            )),
        }
    }
}

/// A request to sign: always the same but for its date.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The region of the endpoint.
    pub region: String,
    /// The service: `execute-api` for API Gateway, `lambda` for a Function URL.
    pub service: &'static str,
    /// The method.
    pub method: String,
    /// The address, with path and query as they are sent.
    pub url: String,
    /// The Host header.
    pub host: String,
    /// The body.
    pub body: Vec<u8>,
}

/// What a canonical request does not encode.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Signing {
    /// The headers that sign the request at `at` with these keys. They sign the host and the date; a proxy may change
    /// other headers. See AWS, "Create a signed AWS API request".
    ///
    /// # Errors
    /// When the address cannot be signed.
    pub fn headers(
        &self,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<Vec<(String, String)>, String> {
        let url: Uri = self.url.parse().map_err(|error| said(&error))?;
        let at = Timestamp::try_from(at).map_err(|error| said(&error))?;
        let date = at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = at.strftime("%Y%m%d").to_string();
        let mut headers = vec![("host", self.host.trim()), ("x-amz-date", date.as_str())];
        headers.extend((credentials.session_token.as_deref()).map(|token| (SESSION_TOKEN, token)));
        let lines: String = headers.iter().map(|(n, v)| format!("{n}:{v}\n")).collect();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let request = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{}",
            self.method,
            canonical_path(url.path()),
            canonical_query(url.query().unwrap_or_default()),
            hex(digest(&SHA256, &self.body).as_ref()),
        );
        let request = hex(digest(&SHA256, request.as_bytes()).as_ref());
        let scope = [day.as_str(), &self.region, self.service, "aws4_request"];
        let key = format!("AWS4{}", credentials.secret_key).into_bytes();
        let key = (scope.iter()).fold(key, |key, part| hmac_sha256(&key, part));
        let scope = scope.join("/");
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{request}");
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            credentials.access_key,
            hex(&hmac_sha256(&key, &to_sign)),
        );
        let sent = headers.into_iter().skip(1);
        let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(sent
            .chain([("authorization".to_owned(), authorization)])
            .collect())
    }
}

/// The header of temporary keys.
const SESSION_TOKEN: &str = "x-amz-security-token";

fn said(error: &dyn fmt::Display) -> String {
    error.to_string()
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The path without empty and dot segments (RFC 3986, 5.2.4), encoded once more.
fn canonical_path(path: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    let mut ends_in_slash = false;
    for segment in path.split('/') {
        ends_in_slash = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(utf8_percent_encode(other, UNRESERVED).to_string()),
        }
    }
    let end = match ends_in_slash && !kept.is_empty() {
        true => "/",
        false => "",
    };
    format!("/{}{end}", kept.join("/"))
}

/// The parameters in the order of their encoded names and values.
fn canonical_query(query: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let all = form_urlencoded::parse(query.as_bytes());
    let mut all: Vec<(String, String)> = all.map(|(n, v)| (encoded(&n), encoded(&v))).collect();
    all.sort();
    let all: Vec<String> = all.iter().map(|(n, v)| format!("{n}={v}")).collect();
    all.join("&")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// 2015-08-30 12:36:00 UTC, the date of AWS's test suite.
    const AT: u64 = 1_440_938_160;

    fn keys(session_token: Option<&str>) -> Credentials {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        Credentials::new("AKIDEXAMPLE", secret, session_token.map(str::to_owned))
    }

    #[test]
    fn keys_that_end_are_due_some_time_before() {
        let in_seconds = |seconds: u64| {
            let at = SystemTime::now() + Duration::from_secs(seconds);
            let text = jiff::Timestamp::try_from(at).expect("a time").to_string();
            keys(None).until(Some(text))
        };
        let now = SystemTime::now();
        assert!(!keys(None).are_due(now) && keys(None).end_at().is_none());
        assert!(in_seconds(0).are_due(now + Duration::from_secs(1)));
        for (ends, due) in [(10, 6), (3_600, 3_400)] {
            let keys = in_seconds(ends);
            assert!(!keys.are_due(now + Duration::from_secs(due * 7 / 10)));
            assert!(keys.are_due(now + Duration::from_secs(due)), "{ends}");
        }
    }

    fn signing(method: &str, path: &str) -> Signing {
        Signing {
            region: "us-east-1".to_owned(),
            service: "service",
            method: method.to_owned(),
            url: format!("https://example.amazonaws.com{path}"),
            host: "example.amazonaws.com".to_owned(),
            body: Vec::new(),
        }
    }

    fn signed(signing: &Signing) -> Vec<(String, String)> {
        let at = UNIX_EPOCH + Duration::from_secs(AT);
        signing.headers(&keys(None), at).expect("it can be signed")
    }

    fn line<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
        let line = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        line.map(|(_, value)| value.as_str())
    }

    /// Amazon Web Services, "Signature Version 4 test suite": these are its get-vanilla,
    /// get-vanilla-query-order-key-case and post-vanilla, and others.
    #[test]
    fn signatures_are_those_of_the_published_test_suite() {
        for (method, path, signature) in [
            (
                "GET",
                "/",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "GET",
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "POST",
                "/",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            // Not of the suite: what is encoded is encoded once more.
            (
                "GET",
                "/%E1%88%B4",
                "697b34846207a3f72246f99d74ae1ee4fe54f44bb06730c58a0d339eb079596d",
            ),
            // get-unreserved, get-vanilla-query-unreserved, and normalize-path/get-relative-relative,
            // get-slash-dot-slash and get-slashes.
            (
                "GET",
                "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
            ),
            (
                "GET",
                "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
            ),
            (
                "GET",
                "/example1/example2/../..",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "GET",
                "/./",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "GET",
                "//example//",
                "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
            ),
        ] {
            let headers = signed(&signing(method, path));
            assert_eq!(
                line(&headers, "authorization"),
                Some(
                    format!(
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature={signature}"
                    )
                    .as_str()
                ),
                "{method} {path}"
            );
            assert_eq!(line(&headers, "x-amz-date"), Some("20150830T123600Z"));
        }
    }

    #[test]
    fn temporary_keys_send_their_session_token() {
        let keys = keys(Some("token"));
        let headers = signing("GET", "/").headers(&keys, UNIX_EPOCH);
        let headers = headers.expect("it can be signed");
        assert_eq!(line(&headers, "x-amz-security-token"), Some("token"));
        let authorization = line(&headers, "authorization").expect("a signature");
        assert!(authorization.contains("x-amz-security-token"));
        assert!(!format!("{keys:?}").contains("token"));
    }

    #[test]
    fn an_address_that_is_none_cannot_be_signed() {
        let mut signing = signing("GET", "/");
        signing.url = "no address at all".to_owned();
        assert!(signing.headers(&keys(None), UNIX_EPOCH).is_err());
    }
}
