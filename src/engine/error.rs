//! Why a run could not begin.

use super::wire::RequestError;

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The request makes no sense.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// TLS is not usable on this machine.
    #[error("TLS cannot be set up on this machine: {0}")]
    Tls(#[from] rustls::Error),
    /// The system gives no timer, thread or event queue.
    #[error(
        "the system gives the engine no event queue or timer, perhaps for want of file descriptors: {0}"
    )]
    System(#[from] std::io::Error),
}
