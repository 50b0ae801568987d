//! One request and its response on an open connection.

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    BadResponse, ParseStatus, RequestTemplate, ResponseParser, ResponseSummary, VaryingFields,
    response::CloseStatus,
};
use crate::engine::{clock::RunClock, stream::MaybeTlsStream};

/// How many bytes are read at once.
const READ_SIZE: usize = 16 * 1024;

/// The buffers that all connections of a thread share, each for the length of one system call.
/// A connection keeps only what could not be written or parsed at once.
pub(in crate::engine) struct ScratchBuffers {
    out: Vec<u8>,
    input: Box<[u8]>,
}

impl ScratchBuffers {
    pub fn new() -> RefCell<ScratchBuffers> {
        RefCell::new(ScratchBuffers {
            out: Vec::new(),
            input: vec![0; READ_SIZE].into(),
        })
    }

    /// Lets `write` fill the output buffer and `read` read it.
    pub fn with_output<T>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>),
        read: impl FnOnce(&[u8]) -> T,
    ) -> T {
        self.out.clear();
        write(&mut self.out);
        read(&self.out)
    }
}

/// The times of an exchange in microseconds on the run's clock. Kept apart from the exchange, so
/// that they survive when it is dropped.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Timestamps {
    /// When the first byte was written to the socket.
    pub sent_us: Option<u64>,
    /// When the first byte of the final response was read.
    pub first_byte_us: Option<u64>,
    /// Whether the request waits because the server allows no further HTTP/2 stream.
    pub is_withheld: bool,
}

/// What an exchange needs besides its connection.
#[derive(Clone, Copy)]
pub(in crate::engine) struct ExchangeContext<'a> {
    pub scratch: &'a RefCell<ScratchBuffers>,
    pub clock: &'a RunClock,
    pub template: &'a RequestTemplate,
    pub fields: VaryingFields<'a>,
}

/// How an exchange failed.
#[derive(Debug)]
pub(in crate::engine) enum ExchangeError {
    /// No byte of the request was sent: it may be sent again on another connection.
    Unsent,
    /// The server did not process the request and will not: it may be sent again on another
    /// connection (RFC 9113, section 8.7).
    Refused(h2::Reason),
    /// The server reset the request's stream before the end of the response head.
    Reset(h2::Reason),
    /// The connection ended before the end of the response head.
    Closed(Option<io::Error>),
    /// The connection ended within the body, or the server reset the stream there.
    InBody {
        status: u16,
        /// Bytes of the body that arrived.
        bytes: u64,
        reset: Option<h2::Reason>,
    },
    /// The response cannot be read; so many bytes of its body arrived.
    Bad(BadResponse, u64),
}

/// An exchange by HTTP/1.1.
pub(in crate::engine) struct Http1Exchange<'a> {
    stream: &'a mut MaybeTlsStream,
    context: ExchangeContext<'a>,
    times: &'a mut Timestamps,
    parser: ResponseParser,
    unsent: Bytes,
    writable: bool,
}

impl<'a> Http1Exchange<'a> {
    /// Sends a request and reads its response, which says whether the connection can be reused.
    pub async fn run(
        stream: &'a mut MaybeTlsStream,
        context: ExchangeContext<'a>,
        times: &'a mut Timestamps,
    ) -> Result<ResponseSummary, ExchangeError> {
        let mut exchange = Http1Exchange {
            stream,
            context,
            times,
            parser: ResponseParser::new(context.template.is_head())
                .keeping(context.template.wanted()),
            unsent: Bytes::new(),
            writable: true,
        };
        let mut begun = false;
        let outcome = poll_fn(|cx| {
            if !begun {
                begun = true;
                exchange.begin(cx)?;
            }
            exchange.poll(cx)
        });
        outcome.await?;
        let mut response = exchange.parser.into_response();
        response.keep_alive &= exchange.writable && exchange.unsent.is_empty();
        Ok(response)
    }

    /// The first write, mostly the only one.
    fn begin(&mut self, cx: &mut Context<'_>) -> Result<(), ExchangeError> {
        let context = self.context;
        let scratch = &mut *context.scratch.borrow_mut();
        scratch.out.clear();
        context.template.write(context.fields, &mut scratch.out);
        let now = context.clock.now_us();
        let wrote = match Pin::new(&mut *self.stream).poll_write(cx, &scratch.out) {
            Poll::Ready(Ok(0) | Err(_)) => return Err(ExchangeError::Unsent),
            Poll::Ready(Ok(wrote)) => wrote,
            Poll::Pending => 0,
        };
        self.times.sent_us = Some(now);
        if let Some(rest) = scratch.out.get(wrote..).filter(|rest| !rest.is_empty()) {
            self.unsent = Bytes::copy_from_slice(rest);
        }
        Ok(())
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ExchangeError>> {
        // A server may respond and close before it has read the request: reading continues.
        if self.writable && self.poll_send(cx).is_err() {
            self.writable = false;
        }
        loop {
            match ready!(self.poll_read(cx)) {
                Ok(ParseStatus::Partial) => {}
                Ok(ParseStatus::Complete) => return Poll::Ready(Ok(())),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match Pin::new(&mut *self.stream).poll_write(cx, &self.unsent) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(wrote)) => self.unsent.advance(wrote),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => return Ok(()),
            }
        }
        match Pin::new(&mut *self.stream).poll_flush(cx) {
            Poll::Ready(flushed) => flushed,
            Poll::Pending => Ok(()),
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<ParseStatus, ExchangeError>> {
        let scratch = &mut *self.context.scratch.borrow_mut();
        let mut buffer = ReadBuf::new(&mut scratch.input);
        let read = ready!(Pin::new(&mut *self.stream).poll_read(cx, &mut buffer));
        if let Err(error) = read {
            return Poll::Ready(Err(self.interrupted(Some(error))));
        }
        if buffer.filled().is_empty() {
            return Poll::Ready(match self.parser.close() {
                CloseStatus::Complete => Ok(ParseStatus::Complete),
                CloseStatus::InHead | CloseStatus::InBody => Err(self.interrupted(None)),
            });
        }
        if self.parser.is_fresh() {
            self.times.first_byte_us = Some(self.context.clock.now_us());
        }
        let fed = self.parser.feed(buffer.filled());
        Poll::Ready(fed.map_err(|bad| ExchangeError::Bad(bad, self.parser.response().bytes)))
    }

    fn interrupted(&self, error: Option<io::Error>) -> ExchangeError {
        let response = self.parser.response();
        match self.parser.close() {
            CloseStatus::InHead => ExchangeError::Closed(error),
            CloseStatus::InBody | CloseStatus::Complete => ExchangeError::InBody {
                status: response.status,
                bytes: response.bytes,
                reset: None,
            },
        }
    }
}

/// Ready once a connection without a request on it was closed, or the server sends something.
pub(in crate::engine) fn poll_unusable(
    stream: &mut MaybeTlsStream,
    scratch: &RefCell<ScratchBuffers>,
    cx: &mut Context<'_>,
) -> Poll<()> {
    let scratch = &mut *scratch.borrow_mut();
    let mut buffer = ReadBuf::new(&mut scratch.input);
    Pin::new(stream).poll_read(cx, &mut buffer).map(|_| ())
}
