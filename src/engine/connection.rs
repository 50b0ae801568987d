//! An open connection, by HTTP/1.1 or HTTP/2.

use std::{
    cell::RefCell,
    task::{Context, Poll},
};

use super::{
    http2::Http2,
    stream::MaybeTlsStream,
    wire::{
        ExchangeContext, ExchangeError, Http1Exchange, ResponseSummary, ScratchBuffers, Timestamps,
        poll_unusable,
    },
};

/// A connection, or a place on one: it carries one request at a time.
pub(super) enum Connection {
    Http1(MaybeTlsStream),
    Http2(Box<Http2>),
}

impl Connection {
    /// Speaks the protocol that was agreed on when the connection was opened.
    pub async fn new(stream: MaybeTlsStream) -> Result<Connection, ExchangeError> {
        Ok(match stream.chose_http2() {
            Ok(stream) => Connection::Http2(Box::new(Http2::start(stream).await?)),
            Err(stream) => Connection::Http1(stream),
        })
    }

    /// Sends a request and reads its response, which says whether the connection can be reused.
    pub async fn exchange(
        &mut self,
        context: ExchangeContext<'_>,
        times: &mut Timestamps,
    ) -> Result<ResponseSummary, ExchangeError> {
        match self {
            Connection::Http1(stream) => Http1Exchange::run(stream, context, times).await,
            Connection::Http2(http2) => http2.exchange(context, times).await,
        }
    }

    /// Ready once a connection without a request on it cannot be used any more.
    pub fn poll_unusable(
        &mut self,
        scratch: &RefCell<ScratchBuffers>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        match self {
            Connection::Http1(stream) => poll_unusable(stream, scratch, cx),
            Connection::Http2(http2) => http2.poll_unusable(cx),
        }
    }
}
