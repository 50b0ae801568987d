//! Sending requests to the API: keys, retries, limits.

use std::{
    error::Error,
    fmt,
    iter::successors,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{
    Method, RequestBuilder, Url,
    header::{HeaderMap, HeaderValue},
    redirect::Policy,
};
use serde_json::Value;

use super::{
    ApiError, ApiRefusal, Keys, Skew, Time, WallTime,
    error::{is_page, message},
    skew::skew,
    words,
};
use crate::{
    lang::{Phrase, Reason},
    units::is_loopback,
};

/// A client of Datadog's API, or of a sandbox that speaks it.
///
/// Requests are sent up to five times on 408, 429 and 5xx. After a 429 it waits for
/// `X-RateLimit-Reset`, as Datadog's own clients do, or for the `Retry-After` of a proxy. Redirects
/// are not followed, so that keys never reach another host, and keys in an answer are never shown.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    keys: Keys,
    time: Arc<dyn Time>,
    attempts: u32,
    limit: Duration,
    /// When asking ends, on the clock of `time`.
    until: Option<Duration>,
    skew: Arc<Mutex<Option<Skew>>>,
}

/// The most attempts at a request.
const ATTEMPTS: u32 = 5;
/// The longest wait between two attempts. A server that asks for more is an error.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The time limit of a request and its answer. Datadog's own clients wait for 60 s; the queries here
/// take less than half of that.
const LIMIT: Duration = Duration::from_secs(30);
/// The time that a request has however late it is.
const SHORTEST: Duration = Duration::from_secs(5);
/// The largest refusal that is read: only its beginning is shown.
const LARGEST_REFUSAL: usize = 64 * 1024;
/// The largest answer that is read. A page of 1,000 spans with captured payloads is smaller.
const LARGEST: usize = 64 * 1024 * 1024;

impl Client {
    /// A client of the API at `base`.
    ///
    /// # Errors
    /// An address that cannot be used, or that would send keys over a network in clear.
    pub fn new(base: &str, keys: Keys) -> Result<Client, Phrase> {
        Client::with_time(base, keys, Arc::new(WallTime::default()))
    }

    /// A client with another clock.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_time(base: &str, keys: Keys, time: Arc<dyn Time>) -> Result<Client, Phrase> {
        let shown = || base.chars().take(120).collect::<String>();
        let url = Url::parse(base).map_err(|_| words::no_api(&shown()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(words::WITH_PASSWORD.into());
        }
        let host = url.host_str().ok_or_else(|| words::no_api(&shown()))?;
        let local = is_loopback(host);
        match url.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => return Err(words::in_clear(&shown())),
            _ => return Err(words::no_api(&shown())),
        }
        // This fails if a provider is installed already, and then one is there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .user_agent(concat!("loadgen/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10));
        if local {
            builder = builder.no_proxy();
        }
        if url.scheme() == "http" {
            // It follows no redirect to https, so the machine's certificates need not be read.
            builder = builder.tls_certs_only([]);
        }
        let http = builder
            .build()
            .map_err(|error| words::no_tls(&error.to_string()))?;
        Ok(Client {
            http,
            base: url,
            keys,
            time,
            attempts: ATTEMPTS,
            limit: LIMIT,
            until: None,
            skew: Arc::default(),
        })
    }

    /// Ends asking after this long, whatever the API asks for: no attempt is made later, and the last
    /// one has a few seconds.
    #[must_use]
    pub fn within(mut self, wait: Duration) -> Client {
        self.until = Some(self.time.now().saturating_add(wait));
        self
    }

    /// Makes at most two attempts at a request, of at most `limit` each.
    #[must_use]
    pub fn impatient(mut self, limit: Duration) -> Client {
        self.attempts = 2;
        self.limit = limit;
        self.within(limit * 6)
    }

    /// How far the API's clock is ahead of this machine's, by its last answer.
    pub fn skew(&self) -> Option<Skew> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the API is on this machine, so that it is no Datadog.
    pub fn is_local(&self) -> bool {
        self.base.host_str().is_some_and(is_loopback)
    }

    /// The API's host, with its port.
    pub fn host(&self) -> String {
        match (self.base.host_str(), self.base.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => self.base.to_string(),
        }
    }

    /// Checks the API key: `GET /api/v1/validate`.
    ///
    /// # Errors
    /// [`ApiError::Keys`] for a key that is not valid, and the errors of any request.
    pub async fn validate(&self) -> Result<(), ApiError> {
        let answer = self.get("/api/v1/validate").await?;
        if answer.get("valid").and_then(Value::as_bool) == Some(true) {
            Ok(())
        } else {
            Err(self.unreadable(words::lacks("\"valid\": true")))
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
            cause: Reason::of(cause),
        }
    }

    /// The error without keys in its texts.
    fn refusal(&self, status: u16, message: Reason) -> ApiRefusal {
        ApiRefusal {
            host: self.host(),
            status,
            message,
        }
    }

    fn without_keys(&self, error: ApiError) -> ApiError {
        error.with_texts(|text| self.keys.hidden_in(text))
    }

    pub(super) async fn ask(
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
            if attempt >= self.attempts || wait > LONGEST_WAIT.min(self.left()) {
                return Err(error);
            }
            self.time.sleep(wait).await;
            attempt += 1;
        }
    }

    /// How long asking may continue.
    fn left(&self) -> Duration {
        let until = self.until.unwrap_or(Duration::MAX);
        until.saturating_sub(self.time.now())
    }

    /// Sends the request once and reads its answer.
    async fn once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failed> {
        let mut request = self.request(method, path)?;
        if let Some(body) = body {
            request = request.json(body);
        }
        let sent_at = now_ms();
        let answer = request.send().await;
        let mut answer = answer.map_err(|error| self.unreachable(error))?;
        if let Some(found) = skew(answer.headers(), sent_at, now_ms()) {
            *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        }
        let is_success = answer.status().is_success();
        let largest = if is_success { LARGEST } else { LARGEST_REFUSAL };
        let mut bytes = Vec::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| self.unreachable(error))?
        {
            if bytes.len() + chunk.len() > largest {
                if !is_success {
                    break;
                }
                return Err(Failed::Final(self.unreadable(words::TOO_LONG)));
            }
            bytes.extend_from_slice(&chunk);
        }
        self.read(answer.status().as_u16(), answer.headers(), &bytes)
    }

    /// A request with the keys.
    fn request(&self, method: &Method, path: &str) -> Result<RequestBuilder, Failed> {
        let url = self.base.join(path);
        let url = url.map_err(|error| Failed::Final(self.unreadable(error)))?;
        let limit = self.limit.min(self.left().max(SHORTEST));
        let mut request = self.http.request(method.clone(), url).timeout(limit);
        for (name, key) in [
            ("dd-api-key", self.keys.api()),
            ("dd-application-key", self.keys.app()),
        ] {
            if key.is_empty() {
                continue;
            }
            let mut value = HeaderValue::from_str(key).map_err(|_| {
                let message = Reason::of(words::BAD_KEY);
                Failed::Final(ApiError::Keys(self.refusal(0, message)))
            })?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        Ok(request)
    }

    /// The JSON of an answer, or its error.
    fn read(&self, status: u16, headers: &HeaderMap, bytes: &[u8]) -> Result<Value, Failed> {
        let host = self.host();
        let refusal = || self.refusal(status, message(bytes));
        let error = match status {
            200..=299 if is_page(bytes) => ApiError::Page { host },
            200..=299 => {
                return serde_json::from_slice(bytes).map_err(|error| {
                    Failed::Final(self.unreadable(words::not_json(&error.to_string())))
                });
            }
            300..=399 => ApiError::Redirected {
                host,
                to: location(headers),
            },
            401 | 403 => ApiError::Keys(refusal()),
            429 => {
                let wait = reset(headers);
                let error = ApiError::RateLimited { host, wait };
                return Err(Failed::Repeatable(error, wait));
            }
            408 | 500.. => {
                let error = ApiError::Unavailable(refusal());
                return Err(Failed::Repeatable(error, None));
            }
            _ => ApiError::Refused(refusal()),
        };
        Err(Failed::Final(error))
    }

    fn unreachable(&self, error: reqwest::Error) -> Failed {
        // The innermost cause says most: "connection refused", "certificate has expired".
        let error = error.without_url();
        let causes = successors(Some::<&dyn Error>(&error), |error| (*error).source());
        let innermost = causes.last().map(ToString::to_string);
        let cause = match error.is_timeout() {
            true => Reason::of(words::LATE),
            false => Reason::of(innermost.unwrap_or_default()),
        };
        let host = self.host();
        Failed::Repeatable(ApiError::Unreachable { host, cause }, None)
    }
}

enum Failed {
    Final(ApiError),
    /// With the wait that the server asks for.
    Repeatable(ApiError, Option<Duration>),
}

/// The wait until the rate limit is reset, rounded up to seconds; None if it cannot be read.
fn reset(headers: &HeaderMap) -> Option<Duration> {
    let seconds = |name: &str| {
        let seconds: f64 = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
        Duration::try_from_secs_f64(seconds.ceil()).ok()
    };
    seconds("x-ratelimit-reset").or_else(|| seconds("retry-after"))
}

/// Milliseconds since 1970 on this machine's clock.
fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn location(headers: &HeaderMap) -> Reason {
    match headers.get("location").and_then(|to| to.to_str().ok()) {
        Some(to) => Reason::of(to.chars().take(200).collect::<String>()),
        None => Reason::of(words::NOWHERE),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}
