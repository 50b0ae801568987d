//! Why a run could not start.

use super::{tls::TlsError, wire::RequestError};

/// Why a run could not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The request cannot be sent.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The system refuses a timer, randomness or an event queue.
    #[error(
        "the system gives the engine no event queue or timer, perhaps for want of file descriptors: {0}"
    )]
    System(#[from] std::io::Error),
}
