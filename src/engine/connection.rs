//! An open connection, whichever protocol both sides agreed on.

use std::{
    cell::RefCell,
    task::{Context, Poll},
};

use super::{
    clock::RunClock,
    connect::{MaybeTlsStream, chose_http2},
    http2::Http2,
    wire::{
        ExchangeError, Http1Exchange, RequestTemplate, ResponseSummary, ScratchBuffers, Timestamps,
        VaryingFields, poll_spent,
    },
};

/// A connection that carries one request at a time.
pub(super) enum Connection {
    Http1(MaybeTlsStream),
    Http2(Box<Http2>),
}

impl Connection {
    /// Speaks what was agreed on when the connection was opened.
    pub async fn over(stream: MaybeTlsStream) -> Result<Connection, ExchangeError> {
        match stream {
            MaybeTlsStream::Tls(stream) if chose_http2(&stream) => {
                let http2 = Http2::start(stream).await?;
                Ok(Connection::Http2(Box::new(http2)))
            }
            stream => Ok(Connection::Http1(stream)),
        }
    }

    /// Sends a request and reads its answer. The connection is of further use only if the
    /// answer says so.
    pub async fn exchange(
        &mut self,
        scratch: &RefCell<ScratchBuffers>,
        clock: &RunClock,
        stamps: &mut Timestamps,
        template: &RequestTemplate,
        varying: VaryingFields<'_>,
    ) -> Result<ResponseSummary, ExchangeError> {
        match self {
            Connection::Http1(stream) => {
                Http1Exchange::run(stream, scratch, clock, stamps, template, varying).await
            }
            Connection::Http2(http2) => {
                http2
                    .exchange(scratch, clock, stamps, template, varying)
                    .await
            }
        }
    }

    /// Whether a connection without a request on it is over. Registers the task to be woken when
    /// that happens.
    pub fn poll_spent(
        &mut self,
        scratch: &RefCell<ScratchBuffers>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        match self {
            Connection::Http1(stream) => poll_spent(stream, scratch, cx),
            Connection::Http2(http2) => http2.poll_spent(cx),
        }
    }
}
