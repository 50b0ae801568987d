//! How requests end, in words.

use super::words::*;
use crate::{lang::Text, sample::Outcome};

/// How a request ended, in words.
pub fn outcome_word(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Ok => FATE_OK,
        Outcome::FunctionError => OUTCOME_FUNCTION_ERROR,
        Outcome::FunctionTimeout => OUTCOME_FUNCTION_TIMEOUT,
        Outcome::Rejected => OUTCOME_REJECTED,
        Outcome::Throttled => OUTCOME_THROTTLED,
        Outcome::GatewayTimeout => OUTCOME_GATEWAY_TIMEOUT,
        Outcome::Unavailable => OUTCOME_UNAVAILABLE,
        Outcome::HttpError => OUTCOME_HTTP_ERROR,
        Outcome::DnsFailure => OUTCOME_DNS_FAILURE,
        Outcome::ConnectionRefused => OUTCOME_CONNECTION_REFUSED,
        Outcome::ConnectFailure => OUTCOME_CONNECT_FAILURE,
        Outcome::TlsFailure => OUTCOME_TLS_FAILURE,
        Outcome::ConnectionClosed => OUTCOME_CONNECTION_CLOSED,
        Outcome::BadResponse => OUTCOME_BAD_RESPONSE,
        Outcome::IncompleteBody => OUTCOME_INCOMPLETE_BODY,
        Outcome::TimedOut => OUTCOME_TIMED_OUT,
        Outcome::NotSent => FATE_NOT_SENT,
    }
}
