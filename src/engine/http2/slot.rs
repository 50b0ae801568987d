//! What one request at a time needs of an HTTP/2 connection.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Instant,
};

use bytes::Bytes;
use h2::{
    SendStream,
    client::{ResponseFuture, SendRequest},
};
use http::Request;

use super::{
    handshake::UNTOLD,
    io::{IoTimestamps, StreamTimestamps},
};

/// A handle to send with, and what is known of the request that was sent with it.
pub(super) struct StreamSlot {
    sender: RefCell<SendRequest<Bytes>>,
    pub times: Arc<StreamTimestamps>,
    /// `times` as a waker.
    pub waker: Waker,
    sent: Cell<Option<Instant>>,
    is_withheld: Cell<bool>,
}

impl StreamSlot {
    pub fn new(sender: SendRequest<Bytes>, io: Arc<IoTimestamps>) -> StreamSlot {
        let times = Arc::new(StreamTimestamps::new(io));
        StreamSlot {
            sender: RefCell::new(sender),
            waker: Waker::from(Arc::clone(&times)),
            times,
            sent: Cell::new(None),
            is_withheld: Cell::new(false),
        }
    }

    /// Whether another request may be sent.
    pub fn takes_requests(&self) -> bool {
        matches!(self.poll_ready(), Poll::Ready(Ok(())))
    }

    fn poll_ready(&self) -> Poll<Result<(), h2::Error>> {
        let no_wake = &mut Context::from_waker(Waker::noop());
        self.sender.borrow_mut().poll_ready(no_wake)
    }

    /// Queues a request, which leaves when the connection is driven.
    pub fn send(
        &self,
        request: Request<()>,
        is_bodiless: bool,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        self.times.reset_frame();
        self.sent.set(None);
        self.is_withheld.set(false);
        let mut sender = self.sender.borrow_mut();
        sender.send_request(request, is_bodiless)
    }

    /// Notes when the request was sent, once it is: the server may allow no further stream. To be
    /// called after the connection was driven. True where it is sent.
    pub fn stamp_sent(&self) -> bool {
        self.is_withheld.set(self.poll_ready().is_pending());
        if !self.is_withheld.get() {
            self.sent.set(self.times.io.first_write());
        }
        self.sent.get().is_some()
    }

    /// When the request was sent.
    pub fn sent(&self) -> Option<Instant> {
        self.sent.get()
    }

    /// Whether the request waits because the server allows no further stream.
    pub fn is_withheld(&self) -> bool {
        self.is_withheld.get()
    }

    /// How many streams the server allows; None before it has told.
    pub fn allowed(&self) -> Option<usize> {
        let allowed = self.sender.borrow().current_max_send_streams();
        (allowed != UNTOLD).then_some(allowed)
    }
}
