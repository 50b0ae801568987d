//! Why a request has no full response, as its sample and the run's notes say it.

use super::{tls_failure, wire::ExchangeError};
use crate::{
    lang::{Statement, statements::failure},
    sample::Outcome,
};

/// A request without a full response.
#[derive(Clone)]
pub(super) struct RequestFailure {
    pub outcome: Outcome,
    pub reason: Statement,
    pub status: Option<u16>,
    /// Bytes of the body that arrived.
    pub bytes: u64,
}

impl RequestFailure {
    pub fn new(outcome: Outcome, reason: Statement) -> RequestFailure {
        RequestFailure {
            outcome,
            reason,
            status: None,
            bytes: 0,
        }
    }
}

impl From<ExchangeError> for RequestFailure {
    fn from(error: ExchangeError) -> RequestFailure {
        let closed = |reason| RequestFailure::new(Outcome::ConnectionClosed, reason);
        match error {
            ExchangeError::Unsent => closed(failure::closed_before()),
            ExchangeError::Refused(reason) => closed(failure::refused_twice(&reason.to_string())),
            ExchangeError::Reset(h2::Reason::HTTP_1_1_REQUIRED) => closed(failure::wants_http1()),
            ExchangeError::Reset(reason) => closed(failure::reset(&reason.to_string())),
            ExchangeError::Closed(None) => closed(failure::closed()),
            // rustls reports a peer that violates TLS or sends an alert as invalid data.
            ExchangeError::Closed(Some(error))
                if error.kind() == std::io::ErrorKind::InvalidData =>
            {
                RequestFailure::new(Outcome::TlsFailure, tls_failure::after_handshake(&error))
            }
            ExchangeError::Closed(Some(error)) => closed(failure::broke(&error.to_string())),
            ExchangeError::InBody {
                status,
                bytes,
                reset,
            } => {
                let reason = match reset {
                    None => failure::closed_in_body(),
                    Some(reason) => failure::reset_in_body(&reason.to_string()),
                };
                RequestFailure {
                    status: Some(status),
                    bytes,
                    ..RequestFailure::new(Outcome::IncompleteBody, reason)
                }
            }
            ExchangeError::Bad(bad, bytes) => RequestFailure {
                bytes,
                ..RequestFailure::new(Outcome::BadResponse, bad.statement())
            },
        }
    }
}
