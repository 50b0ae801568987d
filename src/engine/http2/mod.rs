//! HTTP/2 on a connection, by the `h2` crate. A connection carries one request at a time, as on
//! HTTP/1.1, so that connections and requests in flight mean the same for both; or requests share
//! it, each in a place of its own ([`SharedConnections`]).
//!
//! A connection of one request at a time has no task of its own. Its worker drives it: with a request
//! on it through [`Http2::exchange`], else through [`Http2::poll_unusable`].

mod exchange;
mod handshake;
mod io;
mod places;
mod request;
mod shared;
mod slot;

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;
use h2::client::Connection;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

pub(in crate::engine) use places::SharedConnections;
pub(in crate::engine) use request::Http2Template;

use super::wire::ExchangeError;
use handshake::{WINDOW, handshake};
use io::TimestampedIo;
use shared::StreamPlace;
use slot::StreamSlot;

/// One request's way over an HTTP/2 connection.
pub(in crate::engine) struct Http2<T = Box<TlsStream<TcpStream>>> {
    slot: Rc<StreamSlot>,
    driver: Driver<T>,
}

/// Which task drives the connection.
enum Driver<T> {
    /// That of the request.
    Worker(Box<Connection<TimestampedIo<T>, Bytes>>),
    /// A task of its own.
    Own(StreamPlace),
}

impl<T: AsyncRead + AsyncWrite + Unpin> Http2<T> {
    /// Begins to speak HTTP/2.
    pub async fn start(stream: T) -> Result<Http2<T>, ExchangeError> {
        let (sender, connection, times) = handshake(stream, WINDOW).await?;
        Ok(Http2 {
            slot: Rc::new(StreamSlot::new(sender, times)),
            driver: Driver::Worker(Box::new(connection)),
        })
    }

    /// Requests are sent from a place on a shared connection.
    fn on(place: StreamPlace, slot: Rc<StreamSlot>) -> Http2<T> {
        Http2 {
            slot,
            driver: Driver::Own(place),
        }
    }

    /// Ready once a connection without a request on it was closed or got a GOAWAY. Until then it
    /// answers the server's pings and settings.
    pub fn poll_unusable(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let is_closed = match &mut self.driver {
            Driver::Worker(connection) => Pin::new(&mut **connection).poll(cx).is_ready(),
            Driver::Own(place) => {
                self.slot.times.wakes(cx.waker());
                place.is_closed()
            }
        };
        match is_closed || !self.slot.takes_requests() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    /// Drives the connection, notes when the request was sent, and says whether the connection has
    /// ended.
    fn drive(&mut self, is_sent: bool, cx: &mut Context<'_>) -> bool {
        let connection = match &mut self.driver {
            Driver::Worker(connection) => &mut **connection,
            Driver::Own(place) => {
                self.slot.times.wakes(cx.waker());
                return place.is_closed();
            }
        };
        if is_sent {
            return Pin::new(connection).poll(cx).is_ready();
        }
        self.slot.times.io.reset_write();
        let driven = Pin::new(connection).poll(cx);
        // h2 reads before it writes. After a connection ended cleanly, it writes only its own
        // GOAWAY.
        if !matches!(driven, Poll::Ready(Ok(()))) {
            self.slot.stamp_sent();
        }
        driven.is_ready()
    }
}

#[cfg(test)]
mod tests;
