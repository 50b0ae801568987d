//! HTTP/2 on a connection, by the `h2` crate: one request at a time, as on HTTP/1.1, so that
//! connections and requests in flight mean the same for both.
//!
//! A connection has no task of its own. Its worker drives it: with a request on it through
//! [`Http2::exchange`], else through [`Http2::poll_unusable`].

mod exchange;
mod io;
mod request;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use h2::client::{Builder, Connection, SendRequest};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

pub(in crate::engine) use request::Http2Template;

use super::wire::{ExchangeError, HEAD_LIMIT};
use io::{IoTimestamps, TimestampedIo};

/// How much of a body may be in flight before it is counted: enough for a server on the other side
/// of the world (16 MB/s at 125 ms), and the same as in hyper's clients.
const WINDOW: u32 = 2 * 1024 * 1024;

/// An HTTP/2 connection.
pub(in crate::engine) struct Http2<T = Box<TlsStream<TcpStream>>> {
    sender: SendRequest<Bytes>,
    connection: Connection<TimestampedIo<T>, Bytes>,
    times: Arc<IoTimestamps>,
    /// `times` as a waker.
    waker: Waker,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Http2<T> {
    /// Sends the client's preface without waiting for the server's. Fails when the connection is
    /// already closed.
    pub async fn start(stream: T) -> Result<Http2<T>, ExchangeError> {
        let times = Arc::new(IoTimestamps::new());
        let watched = TimestampedIo {
            inner: stream,
            times: Arc::clone(&times),
        };
        let (sender, connection) = Builder::new()
            .enable_push(false)
            .initial_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_header_list_size(HEAD_LIMIT as u32)
            .handshake(watched)
            .await
            .map_err(|_| ExchangeError::Unsent)?;
        Ok(Http2 {
            sender,
            connection,
            waker: Waker::from(Arc::clone(&times)),
            times,
        })
    }

    /// Ready once a connection without a request on it was closed or got a GOAWAY. Until then it
    /// answers the server's pings and settings.
    pub fn poll_unusable(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match Pin::new(&mut self.connection).poll(cx) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending if self.takes_requests() => Poll::Pending,
            Poll::Pending => Poll::Ready(()),
        }
    }

    /// Whether another request may be sent.
    fn takes_requests(&mut self) -> bool {
        let ready = self
            .sender
            .poll_ready(&mut Context::from_waker(Waker::noop()));
        matches!(ready, Poll::Ready(Ok(())))
    }
}

#[cfg(test)]
mod tests;
