//! Why a request has no full response, as its sample and the run's notes say it.

use super::wire::ExchangeError;
use crate::{
    lang::{Lang, Text},
    sample::{
        Outcome,
        reason::{
            BROKE, CLOSED, CLOSED_BEFORE, CLOSED_IN_BODY, REFUSED_TWICE, RESET, RESET_IN_BODY,
            TLS_FAILED, WANTS_HTTP1,
        },
    },
};

/// A request without a full response.
pub(super) struct RequestFailure {
    pub outcome: Outcome,
    pub reason: String,
    pub status: Option<u16>,
    /// Bytes of the body that arrived.
    pub bytes: u64,
}

impl RequestFailure {
    /// `values` fill the text's placeholders.
    pub fn new(outcome: Outcome, text: Text, values: &[&str]) -> RequestFailure {
        RequestFailure {
            outcome,
            reason: text.say(Lang::En, values),
            status: None,
            bytes: 0,
        }
    }
}

impl From<ExchangeError> for RequestFailure {
    fn from(error: ExchangeError) -> RequestFailure {
        let closed =
            |text: Text, why: &str| RequestFailure::new(Outcome::ConnectionClosed, text, &[why]);
        match error {
            ExchangeError::Unsent => closed(CLOSED_BEFORE, ""),
            ExchangeError::Refused(reason) => closed(REFUSED_TWICE, &reason.to_string()),
            ExchangeError::Reset(h2::Reason::HTTP_1_1_REQUIRED) => closed(WANTS_HTTP1, ""),
            ExchangeError::Reset(reason) => closed(RESET, &reason.to_string()),
            ExchangeError::Closed(None) => closed(CLOSED, ""),
            // rustls reports a peer that violates TLS or sends an alert as invalid data.
            ExchangeError::Closed(Some(error))
                if error.kind() == std::io::ErrorKind::InvalidData =>
            {
                RequestFailure::new(Outcome::TlsFailure, TLS_FAILED, &[&error.to_string()])
            }
            ExchangeError::Closed(Some(error)) => closed(BROKE, &error.to_string()),
            ExchangeError::InBody {
                status,
                bytes,
                reset,
            } => {
                let (text, why) = match reset {
                    None => (CLOSED_IN_BODY, String::new()),
                    Some(reason) => (RESET_IN_BODY, reason.to_string()),
                };
                RequestFailure {
                    status: Some(status),
                    bytes,
                    ..RequestFailure::new(Outcome::IncompleteBody, text, &[&why])
                }
            }
            ExchangeError::Bad(bad, bytes) => {
                let (text, why) = bad.sentence();
                RequestFailure {
                    bytes,
                    ..RequestFailure::new(Outcome::BadResponse, text, &[&why])
                }
            }
        }
    }
}
