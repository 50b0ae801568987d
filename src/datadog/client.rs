//! Sending requests to the API: keys, retries, limits.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use reqwest::{
    Method, Url,
    header::{HeaderMap, HeaderValue},
    redirect::Policy,
};
use serde_json::Value;

use super::{
    ApiError, Keys, Skew, Time, WallTime,
    error::{is_page, message},
    skew::skew,
};
use crate::units::is_loopback;

/// A client of Datadog's API, or of a sandbox that speaks it.
///
/// Requests are repeated on 408, 429 and 5xx, at most five times; after a 429 it waits
/// for as long as `X-RateLimit-Reset` says, as Datadog's own clients do, or else `Retry-After`,
/// as proxies do. Redirects are not followed, so that keys never reach another host, and what an
/// answer echoes of the keys is never shown.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    keys: Keys,
    time: Arc<dyn Time>,
    attempts: u32,
    limit: Duration,
    skew: Arc<Mutex<Option<Skew>>>,
}

/// Why a base address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// It does not read as an address.
    #[error(
        "`{0}` is no address of an API; write for example https://api.datadoghq.com or http://127.0.0.1:8080"
    )]
    Unreadable(String),
    /// Keys would travel in clear.
    #[error("`{0}` is not https, and keys are sent in clear only to this machine")]
    InClear(String),
    /// It holds a password, which would be shown with it.
    #[error(
        "the address of an API with a user or password in it is not used: keys belong in DD_API_KEY and DD_APP_KEY"
    )]
    WithPassword,
    /// The system's TLS cannot be set up.
    #[error("no connection can be prepared: {0}")]
    Tls(String),
}

/// How often a request is sent at most.
const ATTEMPTS: u32 = 5;
/// The longest wait between two attempts. Whoever asks for more is told to the caller.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long a whole answer may take: Datadog's own clients wait for 60 s, and metric queries that
/// take longer than half of that are not the ones asked here.
const LIMIT: Duration = Duration::from_secs(30);
/// The largest answer that is read: a page of 1,000 spans with captured payloads stays below.
const LARGEST: usize = 64 * 1024 * 1024;

impl Client {
    /// A client of the API at `base`.
    ///
    /// # Errors
    /// Addresses that are none, or would carry keys in clear over a network.
    pub fn new(base: &str, keys: Keys) -> Result<Client, BaseError> {
        Client::with_time(base, keys, Arc::new(WallTime::default()))
    }

    /// The same with another clock.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_time(base: &str, keys: Keys, time: Arc<dyn Time>) -> Result<Client, BaseError> {
        let shown = || base.chars().take(120).collect::<String>();
        let url = Url::parse(base).map_err(|_| BaseError::Unreadable(shown()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseError::WithPassword);
        }
        let host = url
            .host_str()
            .ok_or_else(|| BaseError::Unreadable(shown()))?;
        let local = is_loopback(host);
        match url.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => return Err(BaseError::InClear(shown())),
            _ => return Err(BaseError::Unreadable(shown())),
        }
        // Fails only if a provider is installed already, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .user_agent(concat!("loadgen/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10));
        if local {
            builder = builder.no_proxy();
        }
        if url.scheme() == "http" {
            // It follows no redirect, so what this machine trusts need not be read.
            builder = builder.tls_certs_only([]);
        }
        let http = builder
            .build()
            .map_err(|error| BaseError::Tls(error.to_string()))?;
        Ok(Client {
            http,
            base: url,
            keys,
            time,
            attempts: ATTEMPTS,
            limit: LIMIT,
            skew: Arc::default(),
        })
    }

    /// The same client, which asks only twice and waits at most `limit` for a whole answer.
    #[must_use]
    pub fn impatient(mut self, limit: Duration) -> Client {
        self.attempts = 2;
        self.limit = limit;
        self
    }

    /// How far the API's clock is ahead of this machine's, as its last answer said.
    pub fn skew(&self) -> Option<Skew> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the API is on this machine, where only a stand-in for Datadog can be.
    pub fn is_local(&self) -> bool {
        self.base.host_str().is_some_and(is_loopback)
    }

    /// Whose API it is: host and port.
    pub fn host(&self) -> String {
        match (self.base.host_str(), self.base.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => self.base.to_string(),
        }
    }

    /// Whether the API key is valid: `GET /api/v1/validate`.
    ///
    /// # Errors
    /// [`ApiError::Keys`] for a key that is not, and whatever keeps it from asking.
    pub async fn validate(&self) -> Result<(), ApiError> {
        let answer = self.get("/api/v1/validate").await?;
        if answer.get("valid").and_then(Value::as_bool) == Some(true) {
            Ok(())
        } else {
            Err(self.unreadable("validate without \"valid\": true"))
        }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, ApiError> {
        self.ask(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, ApiError> {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub(super) fn unreadable(&self, cause: impl fmt::Display) -> ApiError {
        ApiError::Unreadable {
            host: self.host(),
            cause: cause.to_string(),
        }
    }

    /// The error without what it echoes of the keys.
    fn without_keys(&self, error: ApiError) -> ApiError {
        error.with_texts(|text| self.keys.hidden_in(text))
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ApiError> {
        let mut attempt = 1;
        loop {
            let (error, wait) = match self.once(&method, path, body).await {
                Ok(answer) => return Ok(answer),
                Err(Failed::Final(error)) => return Err(self.without_keys(error)),
                Err(Failed::Repeatable(error, wait)) => (self.without_keys(error), wait),
            };
            // 0.5 s, 1 s, 2 s, 4 s where the server does not say.
            let wait = wait.unwrap_or_else(|| Duration::from_millis(250 << attempt.min(5)));
            if attempt >= self.attempts || wait > LONGEST_WAIT {
                return Err(error);
            }
            self.time.sleep(wait).await;
            attempt += 1;
        }
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failed> {
        let host = self.host();
        let url = self
            .base
            .join(path)
            .map_err(|error| Failed::Final(self.unreadable(error)))?;
        let mut request = self.http.request(method.clone(), url).timeout(self.limit);
        for (name, key) in [
            ("dd-api-key", self.keys.api()),
            ("dd-application-key", self.keys.app()),
        ] {
            if key.is_empty() {
                continue;
            }
            let mut value = HeaderValue::from_str(key).map_err(|_| {
                Failed::Final(ApiError::Keys {
                    host: host.clone(),
                    status: 0,
                    message: "a key that no header can carry".to_owned(),
                })
            })?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let asked_at = now_ms();
        let mut response = request
            .send()
            .await
            .map_err(|error| unreachable(&host, error))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        if let Some(found) = skew(&headers, asked_at, now_ms()) {
            *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        }
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > LARGEST => {
                    return Err(Failed::Final(self.unreadable("more than 64 MiB")));
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Err(unreachable(&host, error)),
            }
        }
        match status {
            200..=299 if is_page(&bytes) => Err(Failed::Final(ApiError::Page { host })),
            200..=299 => serde_json::from_slice(&bytes)
                .map_err(|error| Failed::Final(self.unreadable(format_args!("no JSON ({error})")))),
            300..=399 => Err(Failed::Final(ApiError::Redirected {
                host,
                to: location(&headers),
            })),
            401 | 403 => Err(Failed::Final(ApiError::Keys {
                host,
                status,
                message: message(&bytes),
            })),
            429 => {
                let wait = reset(&headers);
                Err(Failed::Repeatable(
                    ApiError::RateLimited { host, wait },
                    wait,
                ))
            }
            408 | 500.. => Err(Failed::Repeatable(
                ApiError::Unavailable {
                    host,
                    status,
                    message: message(&bytes),
                },
                None,
            )),
            _ => Err(Failed::Final(ApiError::Refused {
                host,
                status,
                message: message(&bytes),
            })),
        }
    }
}

enum Failed {
    Final(ApiError),
    /// With what the server says how long to wait.
    Repeatable(ApiError, Option<Duration>),
}

fn unreachable(host: &str, error: reqwest::Error) -> Failed {
    use std::error::Error;
    // The innermost cause says most: "connection refused", "certificate has expired".
    let error = error.without_url();
    let mut cause = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        cause = inner.to_string();
        source = inner.source();
    }
    if error.is_timeout() {
        cause = "no whole answer came in time".to_owned();
    }
    Failed::Repeatable(
        ApiError::Unreachable {
            host: host.to_owned(),
            cause,
        },
        None,
    )
}

/// Seconds until the limit is reset; a fraction is rounded up, nonsense is nothing.
fn reset(headers: &HeaderMap) -> Option<Duration> {
    let seconds = |name: &str| {
        let seconds: f64 = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
        Duration::try_from_secs_f64(seconds.ceil()).ok()
    };
    seconds("x-ratelimit-reset").or_else(|| seconds("retry-after"))
}

/// Milliseconds since 1970 on this machine's clock.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

fn location(headers: &HeaderMap) -> String {
    headers
        .get("location")
        .and_then(|to| to.to_str().ok())
        .map_or_else(|| "nowhere".to_owned(), |to| to.chars().take(200).collect())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}
