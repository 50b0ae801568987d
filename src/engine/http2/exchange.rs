//! One request and its answer on an HTTP/2 connection.

use std::{
    cell::RefCell,
    future::poll_fn,
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use h2::{Reason, RecvStream, client::ResponseFuture};
use http::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Http2, io::IoTimestamps};
use crate::engine::{
    clock::RunClock,
    wire::{
        BODY_LIMIT, BadResponse, ExchangeError, INTERIM_LIMIT, RequestTemplate, ResponseSummary,
        ScratchBuffers, Timestamps, VaryingFields,
    },
};

/// A request on its way.
struct Http2Exchange<'a, T> {
    http2: &'a mut Http2<T>,
    part: ResponsePart,
    sent: bool,
    so_far: PartialResponse<'a>,
}

enum ResponsePart {
    Head(ResponseFuture),
    Body(RecvStream),
}

/// What is known of an answer that is being read.
struct PartialResponse<'a> {
    clock: &'a RunClock,
    stamps: &'a mut Timestamps,
    asked_head: bool,
    interim: u8,
    /// None until its head is there.
    answer: Option<ResponseSummary>,
    /// How long the body is to be, where the head says so.
    length: Option<u64>,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Http2<T> {
    /// Sends a request and reads its answer. The connection is of further use only if the answer
    /// says so.
    pub async fn exchange(
        &mut self,
        scratch: &RefCell<ScratchBuffers>,
        clock: &RunClock,
        stamps: &mut Timestamps,
        template: &RequestTemplate,
        varying: VaryingFields<'_>,
    ) -> Result<ResponseSummary, ExchangeError> {
        // HTTP/2 is offered only for requests that it has a form for.
        let form = template.http2().ok_or(ExchangeError::Unsent)?;
        if !self.takes_requests() {
            return Err(ExchangeError::Unsent);
        }
        let request = scratch.borrow_mut().written(
            |out| template.write_varying(varying, out),
            |lines| form.request(lines),
        );
        let bodiless = form.body().is_empty();
        let sending = self.sender.send_request(request, bodiless);
        let (response, mut body) = sending.map_err(|_| ExchangeError::Unsent)?;
        if !bodiless {
            // The body is shared by all requests, so what waits for the server's flow control
            // takes no memory.
            body.send_data(form.body().clone(), true)
                .map_err(|_| ExchangeError::Unsent)?;
        }
        drop(body);
        self.marks.forget_frame();
        let mut exchange = Http2Exchange {
            http2: self,
            part: ResponsePart::Head(response),
            sent: false,
            so_far: PartialResponse {
                clock,
                stamps,
                asked_head: template.is_head(),
                interim: 0,
                answer: None,
                length: None,
            },
        };
        poll_fn(|cx| exchange.poll(cx)).await
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Http2Exchange<'_, T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<ResponseSummary, ExchangeError>> {
        if !self.sent {
            self.http2.marks.forget_write();
        }
        let driven = Pin::new(&mut self.http2.connection).poll(cx);
        // h2 reads before it writes: on a connection that ended orderly what it still wrote was
        // its own farewell.
        if !self.sent && !matches!(driven, Poll::Ready(Ok(()))) {
            self.note_sent();
        }
        let over = driven.is_ready();
        let Http2Exchange {
            http2,
            part,
            sent,
            so_far,
        } = self;
        let mut noting = Context::from_waker(&http2.noting);
        match so_far.read(part, &http2.marks, &mut noting) {
            Poll::Ready(Ok(())) => {
                let mut answer = so_far.answer.take().unwrap_or_default();
                answer.keep_alive = !over && http2.takes_requests();
                Poll::Ready(Ok(answer))
            }
            Poll::Ready(Err(broken)) => Poll::Ready(Err(unless_unsent(broken, *sent))),
            Poll::Pending if over => Poll::Ready(Err(unless_unsent(so_far.closed(None), *sent))),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Stamps when the request left, once it has: a server may allow no stream to be opened.
    fn note_sent(&mut self) {
        let nobody = &mut Context::from_waker(Waker::noop());
        let stamps = &mut *self.so_far.stamps;
        stamps.withheld = self.http2.sender.poll_ready(nobody).is_pending();
        if stamps.withheld {
            return;
        }
        if let Some(at) = self.http2.marks.first_write() {
            self.sent = true;
            stamps.sent_us = Some(self.so_far.clock.at_us(at));
        }
    }
}

/// A connection that closes before the request has left is no loss. One that breaks TLS is.
fn unless_unsent(broken: ExchangeError, sent: bool) -> ExchangeError {
    match broken {
        ExchangeError::Closed(None) if !sent => ExchangeError::Unsent,
        ExchangeError::Closed(Some(error)) if !sent && error.kind() != ErrorKind::InvalidData => {
            ExchangeError::Unsent
        }
        broken => broken,
    }
}

impl PartialResponse<'_> {
    /// Reads on, as far as the connection has come.
    fn read(
        &mut self,
        part: &mut ResponsePart,
        marks: &IoTimestamps,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), ExchangeError>> {
        loop {
            match part {
                ResponsePart::Head(response) => {
                    let response = ready!(self.head(response, marks, cx))?;
                    *part = ResponsePart::Body(response.into_body());
                }
                ResponsePart::Body(body) => return self.body(body, cx),
            }
        }
    }

    fn head(
        &mut self,
        response: &mut ResponseFuture,
        marks: &IoTimestamps,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<RecvStream>, ExchangeError>> {
        while let Poll::Ready(Some(interim)) = response.poll_informational(cx) {
            let interim = interim.map_err(|error| self.broken(error))?;
            self.announced(interim.status())?;
            marks.forget_frame();
        }
        let response = ready!(Pin::new(response).poll(cx)).map_err(|error| self.broken(error))?;
        let first_byte = marks.first_frame();
        self.stamps.first_byte_us = first_byte.map(|at| self.clock.at_us(at));
        let (answer, length) =
            ResponseSummary::of_fields(response.status().as_u16(), response.headers())
                .map_err(|bad| self.bad(bad))?;
        self.answer = Some(answer);
        self.length = length.filter(|_| !self.asked_head);
        Poll::Ready(Ok(response))
    }

    /// The server announced that an answer will come.
    fn announced(&mut self, status: StatusCode) -> Result<(), ExchangeError> {
        if status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(self.bad(BadResponse::Upgrade));
        }
        self.interim += 1;
        match self.interim > INTERIM_LIMIT {
            true => Err(self.bad(BadResponse::Interim)),
            false => Ok(()),
        }
    }

    /// Counts the body up to its end, past any trailers.
    fn body(
        &mut self,
        body: &mut RecvStream,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), ExchangeError>> {
        while let Some(data) = ready!(body.poll_data(cx)) {
            let length = match data {
                Ok(data) => data.len(),
                Err(error) => return Poll::Ready(self.cut(error)),
            };
            // It fails when the stream has ended, and then there is nothing to allow.
            let _ = body.flow_control().release_capacity(length);
            if let Some(answer) = &mut self.answer {
                answer.bytes += length as u64;
            }
            if self.bytes() > BODY_LIMIT {
                return Poll::Ready(Err(self.bad(BadResponse::BodyTooLong)));
            }
        }
        match ready!(body.poll_trailers(cx)) {
            Err(error) => Poll::Ready(self.cut(error)),
            Ok(_) => Poll::Ready(Ok(())),
        }
    }

    /// The stream ended within the body. A server that has answered whole may still reset it, to
    /// be spared the rest of the request (RFC 9113, section 8.1).
    fn cut(&self, error: h2::Error) -> Result<(), ExchangeError> {
        let spared =
            error.is_remote() && error.is_reset() && error.reason() == Some(Reason::NO_ERROR);
        match spared && self.length.is_none_or(|length| length == self.bytes()) {
            true => Ok(()),
            false => Err(self.broken(error)),
        }
    }

    fn broken(&self, error: h2::Error) -> ExchangeError {
        if let Some(error) = error.get_io() {
            // What h2 makes of a connection that just ends.
            let told = error.kind() != ErrorKind::BrokenPipe;
            return self.closed(told.then(|| io::Error::new(error.kind(), error.to_string())));
        }
        let reason = error.reason().unwrap_or(Reason::INTERNAL_ERROR);
        if !error.is_remote() {
            return self.bad(BadResponse::Http2(reason));
        }
        match &self.answer {
            Some(answer) => ExchangeError::InBody(answer.status, answer.bytes, Some(reason)),
            // h2 gives a stream the error of a GOAWAY only where that says that the server did
            // not process it and will not.
            None if error.is_go_away() || reason == Reason::REFUSED_STREAM => {
                ExchangeError::Refused(reason)
            }
            None => ExchangeError::Reset(reason),
        }
    }

    fn closed(&self, error: Option<io::Error>) -> ExchangeError {
        match &self.answer {
            Some(answer) => ExchangeError::InBody(answer.status, answer.bytes, None),
            None => ExchangeError::Closed(error),
        }
    }

    fn bad(&self, bad: BadResponse) -> ExchangeError {
        ExchangeError::Bad(bad, self.bytes())
    }

    fn bytes(&self) -> u64 {
        self.answer.as_ref().map_or(0, |answer| answer.bytes)
    }
}
