//! HTTP/2 on a connection, on the `h2` crate: one request at a time, as on HTTP/1.1, so that
//! connections and requests under way mean the same whatever a server speaks.
//!
//! A connection has no task of its own. Whoever owns it drives it: with a request on it through
//! [`Http2::exchange`], else through [`Http2::poll_spent`].

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

/// How much of a body may be on its way before it is counted: enough that a server on the other
/// side of the world need not wait (16 MB/s at 125 ms), and what hyper's clients have.
const WINDOW: u32 = 2 * 1024 * 1024;

/// A connection that speaks HTTP/2.
pub(in crate::engine) struct Http2<T = Box<TlsStream<TcpStream>>> {
    sender: SendRequest<Bytes>,
    connection: Connection<TimestampedIo<T>, Bytes>,
    marks: Arc<IoTimestamps>,
    /// The marks as a waker.
    noting: Waker,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Http2<T> {
    /// Begins to speak; the server's own beginning is not waited for. Fails when the connection
    /// is closed already.
    pub async fn start(stream: T) -> Result<Http2<T>, ExchangeError> {
        let marks = Arc::new(IoTimestamps::new());
        let watched = TimestampedIo {
            inner: stream,
            marks: Arc::clone(&marks),
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
            noting: Waker::from(Arc::clone(&marks)),
            marks,
        })
    }

    /// Whether a connection without a request on it is over: closed, or told to go away.
    /// Answers what the server asks meanwhile. Registers the task to be woken.
    pub fn poll_spent(&mut self, cx: &mut Context<'_>) -> Poll<()> {
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
