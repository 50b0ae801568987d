//! An open connection, by HTTP/1.1 or HTTP/2.

use std::{
    cell::RefCell,
    task::{Context, Poll},
};

use super::{
    connect::HTTP2,
    http2::Http2,
    stream::MaybeTlsStream,
    wire::{
        ExchangeContext, ExchangeError, Http1Exchange, ResponseSummary, ScratchBuffers, Timestamps,
        poll_unusable,
    },
};

/// A connection that carries one request at a time.
pub(super) enum Connection {
    Http1(MaybeTlsStream),
    Http2(Box<Http2>),
}

impl Connection {
    /// Speaks the protocol that was agreed on when the connection was opened.
    pub async fn new(stream: MaybeTlsStream) -> Result<Connection, ExchangeError> {
        match stream {
            MaybeTlsStream::Tls(stream) if stream.get_ref().1.alpn_protocol() == Some(HTTP2) => {
                let http2 = Http2::start(stream).await?;
                Ok(Connection::Http2(Box::new(http2)))
            }
            stream => Ok(Connection::Http1(stream)),
        }
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
