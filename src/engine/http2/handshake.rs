//! The beginning of an HTTP/2 connection.

use std::sync::Arc;

use bytes::Bytes;
use h2::client::{Builder, Connection, SendRequest};
use tokio::io::{AsyncRead, AsyncWrite};

use super::io::{IoTimestamps, TimestampedIo};
use crate::engine::wire::{ExchangeError, HEAD_LIMIT};

/// How much of a body may be in flight before it is counted: enough for a server on the other side
/// of the world (16 MB/s at 125 ms), and the same as in hyper's clients.
pub(super) const WINDOW: u32 = 2 * 1024 * 1024;
/// The same for all bodies of a connection that requests share.
pub(super) const SHARED_WINDOW: u32 = 8 * WINDOW;
/// What the limit of concurrent streams is until the server's settings are there: more than they can say.
pub(super) const UNTOLD: usize = usize::MAX - 1;

/// Sends the client's preface without waiting for the server's. Fails when the connection is already
/// closed.
pub(super) async fn handshake<T: AsyncRead + AsyncWrite + Unpin>(
    stream: T,
    window: u32,
) -> Result<
    (
        SendRequest<Bytes>,
        Connection<TimestampedIo<T>, Bytes>,
        Arc<IoTimestamps>,
    ),
    ExchangeError,
> {
    let times = Arc::new(IoTimestamps::new());
    let watched = TimestampedIo {
        inner: stream,
        times: Arc::clone(&times),
    };
    let (sender, connection) = Builder::new()
        .enable_push(false)
        .initial_window_size(WINDOW)
        .initial_connection_window_size(window)
        .max_header_list_size(HEAD_LIMIT as u32)
        .initial_max_send_streams(UNTOLD)
        .handshake(watched)
        .await
        .map_err(|_| ExchangeError::Unsent)?;
    Ok((sender, connection, times))
}
