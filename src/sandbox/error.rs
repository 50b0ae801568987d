//! Why a sandbox could not start, or ended.

use std::{io, net::SocketAddr};

use crate::{lambda::ConfigError, server::BindError, telemetry::store::StoreError};

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The listener is not on this machine's own address.
    #[error("the sandbox serves loopback addresses only, not {0}")]
    NotLoopback(SocketAddr),
    /// The port cannot be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A setting that the model refuses.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The telemetry cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gave no thread or no runtime.
    #[error("the sandbox's thread cannot be started: {0}")]
    Thread(io::Error),
    /// The listener has no address.
    #[error("the sandbox's address is unknown: {0}")]
    Address(io::Error),
    /// A thread of the sandbox ended by itself.
    #[error("the sandbox ended before its time")]
    Ended,
}
