//! One request and its response on an HTTP/2 connection.

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use h2::{Reason, RecvStream, client::ResponseFuture};
use http::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Driver, Http2, io::StreamTimestamps, slot::StreamSlot};
use crate::{
    engine::{
        clock::RunClock,
        wire::{
            BODY_LIMIT, BadResponse, ExchangeContext, ExchangeError, INTERIM_LIMIT,
            ResponseSummary, Timestamps,
        },
    },
    flow::WantedParts,
};

/// An exchange by HTTP/2.
struct Http2Exchange<'a, T> {
    http2: &'a mut Http2<T>,
    part: ResponsePart,
    sent: bool,
    partial: PartialResponse<'a>,
}

enum ResponsePart {
    Head(ResponseFuture),
    Body(RecvStream),
}

/// What is known of a response that is being read.
struct PartialResponse<'a> {
    clock: &'a RunClock,
    times: &'a mut Timestamps,
    asked_head: bool,
    wanted: WantedParts,
    interim: u8,
    /// Whether something may have arrived. When a request's own task has just written it, nothing has,
    /// and h2 need not be asked for interim responses.
    may_have_arrived: bool,
    /// None until the end of its head.
    response: Option<ResponseSummary>,
    /// The length of the body, if the head gives one.
    length: Option<u64>,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Http2<T> {
    /// Sends a request and reads its response, which says whether the connection can be reused.
    pub async fn exchange(
        &mut self,
        context: ExchangeContext<'_>,
        times: &mut Timestamps,
    ) -> Result<ResponseSummary, ExchangeError> {
        let template = context.template;
        // HTTP/2 is offered only for requests that it can carry.
        let form = template.http2().ok_or(ExchangeError::Unsent)?;
        let request = context.scratch.borrow_mut().with_output(
            |out| template.write_varying(context.fields, out),
            |lines| form.request(lines),
        );
        let bodiless = form.body().is_empty();
        let Ok((response, mut body)) = self.slot.send(request, bodiless) else {
            if let Driver::Own(place) = &self.driver {
                place.connection.retire();
            }
            return Err(ExchangeError::Unsent);
        };
        if let Driver::Own(place) = &mut self.driver {
            place.begin();
        }
        if !bodiless {
            // All requests share the body, so a body that waits for flow control takes no memory.
            body.send_data(form.body().clone(), true)
                .map_err(|_| ExchangeError::Unsent)?;
        }
        drop(body);
        let may_have_arrived = matches!(self.driver, Driver::Own(_));
        let mut exchange = Http2Exchange {
            http2: self,
            part: ResponsePart::Head(response),
            sent: false,
            partial: PartialResponse {
                clock: context.clock,
                times,
                asked_head: template.is_head(),
                wanted: template.wanted(),
                interim: 0,
                may_have_arrived,
                response: None,
                length: None,
            },
        };
        poll_fn(|cx| exchange.poll(cx)).await
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Http2Exchange<'_, T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<ResponseSummary, ExchangeError>> {
        let is_closed = self.http2.drive(self.sent, cx);
        let Http2Exchange {
            http2,
            part,
            sent,
            partial,
        } = self;
        if !*sent {
            *sent = partial.sent(&http2.slot);
        }
        let mut stamping = Context::from_waker(&http2.slot.waker);
        let response = match partial.read(part, &http2.slot.times, &mut stamping) {
            Poll::Ready(Ok(())) => {
                let mut response = partial.response.take().unwrap_or_default();
                response.keep_alive = !is_closed && http2.slot.takes_requests();
                Ok(response)
            }
            Poll::Ready(Err(error)) => Err(unless_unsent(error, *sent)),
            Poll::Pending if is_closed => Err(unless_unsent(partial.closed(None), *sent)),
            Poll::Pending => return Poll::Pending,
        };
        if let Driver::Own(place) = &mut http2.driver {
            place.end();
        }
        Poll::Ready(response)
    }
}

/// A request may be sent again if its connection closed before it was sent, unless the server
/// violated TLS.
fn unless_unsent(error: ExchangeError, sent: bool) -> ExchangeError {
    match error {
        ExchangeError::Closed(None) if !sent => ExchangeError::Unsent,
        ExchangeError::Closed(Some(error)) if !sent && error.kind() != ErrorKind::InvalidData => {
            ExchangeError::Unsent
        }
        error => error,
    }
}

impl PartialResponse<'_> {
    /// Notes when the request was sent; false while it is not.
    fn sent(&mut self, slot: &StreamSlot) -> bool {
        self.times.is_withheld = slot.is_withheld();
        let sent_us = slot.sent().map(|at| self.clock.at_us(at));
        self.times.sent_us = sent_us.or(self.times.sent_us);
        sent_us.is_some()
    }

    /// Reads what has arrived.
    fn read(
        &mut self,
        part: &mut ResponsePart,
        stream_times: &StreamTimestamps,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), ExchangeError>> {
        loop {
            match part {
                ResponsePart::Head(response) => {
                    let response = ready!(self.head(response, stream_times, cx))?;
                    *part = ResponsePart::Body(response.into_body());
                }
                ResponsePart::Body(body) => return self.body(body, cx),
            }
        }
    }

    fn head(
        &mut self,
        response: &mut ResponseFuture,
        stream_times: &StreamTimestamps,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<RecvStream>, ExchangeError>> {
        while self.may_have_arrived
            && let Poll::Ready(Some(interim)) = response.poll_informational(cx)
        {
            let interim = interim.map_err(|error| self.failed(error))?;
            self.count_interim(interim.status())?;
            stream_times.reset_frame();
        }
        self.may_have_arrived = true;
        let response = ready!(Pin::new(response).poll(cx)).map_err(|error| self.failed(error))?;
        let first_byte = stream_times.first_frame();
        self.times.first_byte_us = first_byte.map(|at| self.clock.at_us(at));
        let (summary, length) =
            ResponseSummary::of_fields(response.status().as_u16(), response.headers(), self.wanted)
                .map_err(|bad| self.bad(bad))?;
        self.response = Some(summary);
        self.length = length.filter(|_| !self.asked_head);
        Poll::Ready(Ok(response))
    }

    fn count_interim(&mut self, status: StatusCode) -> Result<(), ExchangeError> {
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
        // Asked first: without trailers it saves asking for more data, and for them.
        while !body.is_end_stream() {
            let data = match ready!(body.poll_data(cx)) {
                Some(Ok(data)) => data,
                Some(Err(error)) => return Poll::Ready(self.cut(error)),
                None => match ready!(body.poll_trailers(cx)) {
                    Err(error) => return Poll::Ready(self.cut(error)),
                    Ok(_) => return Poll::Ready(Ok(())),
                },
            };
            // It fails when the stream has ended, and then no capacity is needed.
            let _ = body.flow_control().release_capacity(data.len());
            if let Some(response) = &mut self.response {
                response.take_body(&data);
            }
            if self.bytes() > BODY_LIMIT {
                return Poll::Ready(Err(self.bad(BadResponse::BodyTooLong)));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// The stream ended within the body. A server that has sent its full response may reset the
    /// stream to stop the rest of the request (RFC 9113, section 8.1).
    fn cut(&self, error: h2::Error) -> Result<(), ExchangeError> {
        let stops_request =
            error.is_remote() && error.is_reset() && error.reason() == Some(Reason::NO_ERROR);
        match stops_request && self.length.is_none_or(|length| length == self.bytes()) {
            true => Ok(()),
            false => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: h2::Error) -> ExchangeError {
        if let Some(error) = error.get_io() {
            // h2 reports a connection that just ends as a broken pipe.
            let is_told = error.kind() != ErrorKind::BrokenPipe;
            return self.closed(is_told.then(|| io::Error::new(error.kind(), error.to_string())));
        }
        let reason = error.reason().unwrap_or(Reason::INTERNAL_ERROR);
        if !error.is_remote() {
            return self.bad(BadResponse::Http2(reason));
        }
        match &self.response {
            Some(response) => in_body(response, Some(reason)),
            // h2 gives a stream the error of a GOAWAY only if the GOAWAY says that the server did not
            // process the stream and will not.
            None if error.is_go_away() || reason == Reason::REFUSED_STREAM => {
                ExchangeError::Refused(reason)
            }
            None => ExchangeError::Reset(reason),
        }
    }

    fn closed(&self, error: Option<io::Error>) -> ExchangeError {
        match &self.response {
            Some(response) => in_body(response, None),
            None => ExchangeError::Closed(error),
        }
    }

    fn bad(&self, bad: BadResponse) -> ExchangeError {
        ExchangeError::Bad(bad, self.bytes())
    }

    fn bytes(&self) -> u64 {
        self.response.as_ref().map_or(0, |response| response.bytes)
    }
}

fn in_body(response: &ResponseSummary, reset: Option<Reason>) -> ExchangeError {
    ExchangeError::InBody {
        status: response.status,
        bytes: response.bytes,
        reset,
    }
}
