//! How a request ended, by its status and by what stands in front of the function.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lang::{Text, statements::failure::OUTCOMES};

/// How a request ended. Every request ends in exactly one of these.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::VariantArray, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// A status of 2xx, or one that the request's `expect.status` names.
    Ok,
    /// The function raised, timed out or ran out of memory. The status does not show which: 502
    /// from a REST API and a Function URL, 500 from an HTTP API.
    FunctionError,
    /// A function error that telemetry later showed to be the function's timeout.
    FunctionTimeout,
    /// 500 from a REST API: Lambda rejected the invocation, likely a throttle.
    Rejected,
    /// 429: API Gateway's own throttle, or Lambda's through a Function URL.
    Throttled,
    /// Lambda's Invoke API refused the request, for example for a missing permission (403) or a
    /// payload that is too large (413): the function did not run.
    Refused,
    /// 504: the integration timeout of API Gateway, or of any other gateway.
    GatewayTimeout,
    /// 503 from an HTTP API: its integration timeout, or a refused invocation. The status does not
    /// show which.
    Unavailable,
    /// A status of 3xx. The redirect is not followed, so its target is unknown.
    Redirected,
    /// A good status, and not the JSON that `expect.json` names.
    Unexpected,
    /// A good status, and not what later requests of the flow need of it: the flow ends.
    CaptureFailed,
    /// Any other status: from 400 up, every one that the function itself returned, and a 2xx that
    /// `expect.status` does not name.
    HttpError,
    /// The name did not resolve.
    DnsFailure,
    /// The connection was refused.
    ConnectionRefused,
    /// The connection could not be opened for another reason.
    ConnectFailure,
    /// This machine had no file descriptor, port or buffer left for a connection.
    LocalLimit,
    /// The TLS handshake failed, for example on a certificate that does not verify.
    TlsFailure,
    /// The connection closed or was reset before a complete response.
    ConnectionClosed,
    /// What came is not HTTP.
    BadResponse,
    /// The response's body ended early.
    IncompleteBody,
    /// No complete response within the request's timeout.
    TimedOut,
    /// It could not be sent, since the sign-in that it uses failed: the flow ends.
    SignInFailed,
    /// The run ended, or was stopped, before it was sent.
    #[default]
    NotSent,
}

/// The server in front of a function: each kind maps Lambda's errors to its own statuses.
///
/// - A REST API answers 500 where Lambda refuses the invocation, 502 where the function fails or
///   its answer is malformed, and 504 at its integration timeout of 29 s (AWS Lambda developer
///   guide, "Handling Lambda errors with an API Gateway API"; AWS re:Post, "504 errors").
/// - An HTTP API answers 503 at its integration timeout (serverless/serverless issue 11222) and 500
///   for a function that fails or times out (denoland/deno_registry2 issue 87). That it answers a
///   refused invocation with 503 too, and a missing permission with 500, is not verified.
/// - A Function URL answers 502 for a malformed answer (awsdocs/aws-lambda-developer-guide issue
///   430). That it does so for every error of the function, and 429 for a throttle, is not
///   verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Front {
    /// A REST API of API Gateway.
    RestApi,
    /// An HTTP API of API Gateway.
    HttpApi,
    /// A Function URL.
    FunctionUrl,
    /// Lambda's Invoke API itself: a failed function is a 200 with `x-amz-function-error`. A status
    /// of 4xx is its own, before the handler runs, but for 408 and 410, which a file system or a
    /// snapshot may cause in between (AWS Lambda API reference, "Invoke", errors).
    InvokeApi,
    /// Any other server: a status means what HTTP says and no more.
    Plain,
}

impl Front {
    /// The front that a host's name shows: `ID.lambda-url.REGION.on.aws`, and
    /// `ID.execute-api.REGION...`, which a REST API and an HTTP API share. It counts as a REST API
    /// until a response's headers show otherwise.
    pub fn of_host(host: &str) -> Front {
        let mut labels = host.split('.').skip(1);
        match labels.next() {
            Some("execute-api") => Front::RestApi,
            Some("lambda-url") => Front::FunctionUrl,
            _ => Front::Plain,
        }
    }

    /// The front that a host and a path show. The path identifies the Invoke API, on AWS and
    /// elsewhere.
    pub fn of_address(host: &str, path: &str) -> Front {
        let path = path.split('?').next().unwrap_or_default();
        let name = path.strip_prefix("/2015-03-31/functions/");
        match name.and_then(|name| name.strip_suffix("/invocations")) {
            Some(name) if !name.is_empty() && !name.contains('/') => Front::InvokeApi,
            _ => Front::of_host(host),
        }
    }
}

impl Outcome {
    /// All outcomes, in the order of reports.
    pub const ALL: &[Outcome] = <Outcome as strum::VariantArray>::VARIANTS;

    /// The outcome of a response with this HTTP status from `front`.
    pub fn of_status(status: u16, front: Front) -> Outcome {
        match (status, front) {
            (200..300, _) => Outcome::Ok,
            (300..400, _) => Outcome::Redirected,
            (429, _) => Outcome::Throttled,
            (500, Front::RestApi) => Outcome::Rejected,
            (502, Front::RestApi | Front::FunctionUrl) => Outcome::FunctionError,
            (500, Front::HttpApi) => Outcome::FunctionError,
            (503, Front::HttpApi) => Outcome::Unavailable,
            (504, _) => Outcome::GatewayTimeout,
            (408 | 410, Front::InvokeApi) => Outcome::HttpError,
            (400..500, Front::InvokeApi) => Outcome::Refused,
            _ => Outcome::HttpError,
        }
    }

    /// The outcome of a response with this HTTP status that the function itself returned: its
    /// markers came with it.
    pub fn of_own_status(status: u16) -> Outcome {
        match status {
            200..300 => Outcome::Ok,
            300..400 => Outcome::Redirected,
            _ => Outcome::HttpError,
        }
    }

    /// The outcome if the request names its good statuses (`expect.status`). If it names none, the
    /// outcome is unchanged.
    pub fn held_to(self, expected: &[u16], status: u16) -> Outcome {
        match self {
            _ if expected.is_empty() => self,
            _ if expected.contains(&status) => Outcome::Ok,
            Outcome::Ok => Outcome::HttpError,
            other => other,
        }
    }

    /// Whether a complete response arrived, whatever its status.
    pub fn is_answer(self) -> bool {
        self <= Outcome::HttpError
    }

    /// The outcome in words.
    pub fn word(self) -> Text {
        let known = OUTCOMES.iter().find(|(key, _)| *key == self.key());
        known.map_or(Text::new("", ""), |(_, word)| *word)
    }

    /// The name in files: `function_error`.
    pub fn key(self) -> &'static str {
        self.into()
    }
}
