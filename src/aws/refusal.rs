//! Reads an [`Error`] from the stderr of `aws`.

use super::{Error, words};
use crate::lang::current;

/// The error in the stderr of `aws`, `said`, from which secrets were removed.
pub(super) fn named(call: &str, said: &str) -> Error {
    let message = last_line(said);
    if let Some((code, operation, message)) = api_error(said) {
        return from_code(call, code, operation, message);
    }
    let has = |part: &str| said.to_lowercase().contains(part);
    if has("enter mfa code") {
        Error::Refused(words::WANTS_MFA.into())
    } else if has("configparser") || has("unable to parse config file") {
        Error::Refused(words::broken_config(&message))
    } else if has("sso session")
        || has("sso token")
        || has("token has expired")
        || has("session has expired")
    {
        Error::Refused(words::expired(&message))
    } else if has("unable to locate credentials")
        || has("partial credentials")
        || has("config profile")
        || has("credential")
    {
        Error::Refused(words::no_credentials(&message))
    } else if has("specify a region") {
        Error::Refused(words::NO_REGION.into())
    } else if has("could not connect") || has("connection was closed") || has("timeout on endpoint")
    {
        Error::Failed(words::unreachable(&message))
    } else if has("invalid choice") || has("unknown options") || has("unknown parameter") {
        Error::UnknownCall(words::unknown_call(call, &message))
    } else {
        Error::Coded {
            call: call.to_owned(),
            code: String::new(),
            message,
        }
    }
}

/// The error that an API named by its code.
pub(super) fn from_code(call: &str, code: &str, operation: &str, message: &str) -> Error {
    match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            Error::Refused(words::expired(message))
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "AuthFailure" => Error::Refused(words::rejected(message)),
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => {
            Error::Denied(words::denied(operation, message))
        }
        "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded" => Error::Refused(words::throttled(operation, message)),
        _ => Error::Coded {
            call: call.to_owned(),
            code: code.to_owned(),
            message: format!("{code}: {message}"),
        },
    }
}

/// Code, operation and message of
/// `An error occurred (CODE) when calling the OPERATION operation...: MESSAGE`,
/// as botocore, which both versions of `aws` are built on, writes it.
fn api_error(said: &str) -> Option<(&str, &str, &str)> {
    let (_, rest) = said.split_once("An error occurred (")?;
    let (code, rest) = rest.split_once(')')?;
    let (_, rest) = rest.split_once("when calling the ")?;
    let (operation, rest) = rest.split_once(" operation")?;
    let (_, message) = rest.split_once(": ")?;
    Some((
        code,
        operation,
        message.lines().next()?.trim_end_matches('.'),
    ))
}

/// The last line that is not empty, shortened: usage and stack traces come before it.
fn last_line(said: &str) -> String {
    let line = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    let nothing = words::SAID_NOTHING.to(current());
    let line = line.unwrap_or(nothing);
    line.chars()
        .take(300)
        .collect::<String>()
        .trim_end_matches('.')
        .to_owned()
}
