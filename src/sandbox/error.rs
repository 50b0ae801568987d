//! Why a sandbox could not start, or ended.

use std::{io, net::SocketAddr};

use crate::lang::{Phrase, texts};
use crate::{host::HostError, telemetry::store::StoreError};

texts! {
    const;
    not_loopback(address: String): "the sandbox serves loopback addresses only, not {}", "샌드박스는 루프백 주소에서만 서비스합니다. {:은} 루프백 주소가 아닙니다";
    no_thread(why: String): "the sandbox's thread cannot be started: {}", "샌드박스의 스레드를 시작할 수 없습니다: {}";
    no_own_address(why: String): "the sandbox's address is unknown: {}", "샌드박스의 주소를 알 수 없습니다: {}";
    ENDED_EARLY: "the sandbox ended before its time", "샌드박스가 예정보다 일찍 종료되었습니다";
}

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The listener is not on this machine's own address.
    #[error("{}", not_loopback(.0.to_string()))]
    NotLoopback(SocketAddr),
    /// The port cannot be bound, or the model refuses a setting.
    #[error(transparent)]
    Refused(#[from] Phrase),
    /// Functions of the reader's own cannot be run.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The telemetry cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gave no thread or no runtime.
    #[error("{}", no_thread(.0.to_string()))]
    Thread(io::Error),
    /// The listener has no address.
    #[error("{}", no_own_address(.0.to_string()))]
    Address(io::Error),
    /// A thread of the sandbox ended by itself.
    #[error("{}", ENDED_EARLY)]
    Ended,
}
