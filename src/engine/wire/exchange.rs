//! One request and its answer on an open connection.

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
use crate::engine::{clock::RunClock, connect::MaybeTlsStream};

/// How much is read at once.
const READ_SIZE: usize = 16 * 1024;

/// The buffers that all connections of a thread share, each for the length of one system call:
/// a connection keeps only what could not be written or read whole.
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

    /// What `write` writes, for as long as `read` reads it.
    pub fn written<T>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>),
        read: impl FnOnce(&[u8]) -> T,
    ) -> T {
        self.out.clear();
        write(&mut self.out);
        read(&self.out)
    }
}

/// When things happened, in microseconds on the run's clock. Kept apart from the exchange, so
/// that they outlive one that was given up.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Timestamps {
    /// When the first byte was handed to the system.
    pub sent_us: Option<u64>,
    /// When the final answer's first byte was read.
    pub first_byte_us: Option<u64>,
    /// Whether the server lets no stream be opened for it yet, so that it could not leave.
    pub withheld: bool,
}

/// How an exchange failed.
#[derive(Debug)]
pub(in crate::engine) enum ExchangeError {
    /// Not a byte of the request went out: it may be sent again elsewhere.
    Unsent,
    /// The server said that it did not process the request and will not: it may be sent again
    /// elsewhere (RFC 9113, section 8.7).
    Refused(h2::Reason),
    /// The server reset the request's stream without a whole answer head.
    Reset(h2::Reason),
    /// The connection ended without a whole answer head.
    Closed(Option<io::Error>),
    /// The connection, or for this reason the stream, ended within the body of an answer with this
    /// status, after so many bytes.
    InBody(u16, u64, Option<h2::Reason>),
    /// What came is no answer.
    Bad(BadResponse, u64),
}

/// A request on its way.
pub(in crate::engine) struct Http1Exchange<'a> {
    stream: &'a mut MaybeTlsStream,
    scratch: &'a RefCell<ScratchBuffers>,
    clock: &'a RunClock,
    stamps: &'a mut Timestamps,
    reader: ResponseParser,
    unsent: Bytes,
    writable: bool,
}

impl<'a> Http1Exchange<'a> {
    /// Sends a request and reads its answer. The connection is of further use only if the
    /// answer says so.
    pub async fn run(
        stream: &'a mut MaybeTlsStream,
        scratch: &'a RefCell<ScratchBuffers>,
        clock: &'a RunClock,
        stamps: &'a mut Timestamps,
        template: &RequestTemplate,
        varying: VaryingFields<'_>,
    ) -> Result<ResponseSummary, ExchangeError> {
        let mut exchange = Http1Exchange {
            stream,
            scratch,
            clock,
            stamps,
            reader: ResponseParser::new(template.is_head()),
            unsent: Bytes::new(),
            writable: true,
        };
        let mut begun = false;
        let outcome = poll_fn(|cx| {
            if !begun {
                begun = true;
                exchange.begin(cx, template, varying)?;
            }
            exchange.poll(cx)
        });
        outcome.await?;
        let mut answer = exchange.reader.into_answer();
        answer.keep_alive &= exchange.writable && exchange.unsent.is_empty();
        Ok(answer)
    }

    /// The first write: mostly the last one too.
    fn begin(
        &mut self,
        cx: &mut Context<'_>,
        template: &RequestTemplate,
        varying: VaryingFields<'_>,
    ) -> Result<(), ExchangeError> {
        let scratch = &mut *self.scratch.borrow_mut();
        scratch.out.clear();
        template.write(varying, &mut scratch.out);
        let now = self.clock.now_us();
        let wrote = match Pin::new(&mut *self.stream).poll_write(cx, &scratch.out) {
            Poll::Ready(Ok(0) | Err(_)) => return Err(ExchangeError::Unsent),
            Poll::Ready(Ok(wrote)) => wrote,
            Poll::Pending => 0,
        };
        self.stamps.sent_us = Some(now);
        if let Some(rest) = scratch.out.get(wrote..).filter(|rest| !rest.is_empty()) {
            self.unsent = Bytes::copy_from_slice(rest);
        }
        Ok(())
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ExchangeError>> {
        // A server may answer and close before it has read all: a failed write is not the end.
        if self.writable && self.poll_send(cx).is_err() {
            self.writable = false;
        }
        loop {
            match ready!(self.poll_read(cx)) {
                Ok(ParseStatus::More) => {}
                Ok(ParseStatus::Whole { .. }) => return Poll::Ready(Ok(())),
                Err(broken) => return Poll::Ready(Err(broken)),
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
        let scratch = &mut *self.scratch.borrow_mut();
        let mut buffer = ReadBuf::new(&mut scratch.input);
        let read = ready!(Pin::new(&mut *self.stream).poll_read(cx, &mut buffer));
        if let Err(error) = read {
            return Poll::Ready(Err(self.broken(Some(error))));
        }
        if buffer.filled().is_empty() {
            return Poll::Ready(match self.reader.close() {
                CloseStatus::Whole => Ok(ParseStatus::Whole { leftover: false }),
                CloseStatus::InHead | CloseStatus::InBody => Err(self.broken(None)),
            });
        }
        if self.reader.is_fresh() {
            self.stamps.first_byte_us = Some(self.clock.now_us());
        }
        let fed = self.reader.feed(buffer.filled());
        Poll::Ready(fed.map_err(|bad| ExchangeError::Bad(bad, self.reader.answer().bytes)))
    }

    fn broken(&self, error: Option<io::Error>) -> ExchangeError {
        let answer = self.reader.answer();
        match self.reader.close() {
            CloseStatus::InHead => ExchangeError::Closed(error),
            CloseStatus::InBody | CloseStatus::Whole => {
                ExchangeError::InBody(answer.status, answer.bytes, None)
            }
        }
    }
}

/// Whether a connection without a request on it is over: closed, or sending what nobody asked
/// for. Registers the task to be woken when that happens.
pub(in crate::engine) fn poll_spent(
    stream: &mut MaybeTlsStream,
    scratch: &RefCell<ScratchBuffers>,
    cx: &mut Context<'_>,
) -> Poll<()> {
    let scratch = &mut *scratch.borrow_mut();
    let mut buffer = ReadBuf::new(&mut scratch.input);
    Pin::new(stream).poll_read(cx, &mut buffer).map(|_| ())
}
