//! An HTTP/2 connection that requests share.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Instant,
};

use bytes::Bytes;
use h2::client::{Connection, SendRequest};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::OnceCell,
};

use super::{
    handshake::{SHARED_WINDOW, handshake},
    io::{IoTimestamps, TimestampedIo},
    slot::StreamSlot,
};
use crate::{
    engine::{clock::micros, failure::RequestFailure, wire::ExchangeError},
    sample::Connect,
};

/// A connection that requests share. A task of its own drives it, from when it is open until it is
/// closed.
#[derive(Default)]
pub(super) struct SharedConnection {
    pub opened: OnceCell<Result<OpenedConnection, RequestFailure>>,
    /// How many places are taken, also by requests that wait for it to open.
    taken: Cell<usize>,
    /// Whether it takes no further request.
    is_retired: Cell<bool>,
    is_closed: Cell<bool>,
    slots: RefCell<Vec<Rc<StreamSlot>>>,
    /// Those of `slots` whose request was queued and not written yet.
    unsent: RefCell<Vec<Rc<StreamSlot>>>,
    driver: RefCell<Option<Waker>>,
}

/// What opening a connection came to.
pub(super) struct OpenedConnection {
    sender: SendRequest<Bytes>,
    times: Arc<IoTimestamps>,
    pub connect: Connect,
}

impl SharedConnection {
    /// Speaks HTTP/2 on a stream. The server's settings are waited for: they say how many may share
    /// the connection.
    pub async fn start<T: AsyncRead + AsyncWrite + Unpin + 'static>(
        self: &Rc<Self>,
        stream: T,
        connect: Connect,
    ) -> Result<OpenedConnection, RequestFailure> {
        let began = Instant::now();
        let (sender, mut connection, times) = handshake(stream, SHARED_WINDOW).await?;
        let slot = StreamSlot::new(sender.clone(), Arc::clone(&times));
        let told = poll_fn(|cx| match Pin::new(&mut connection).poll(cx) {
            Poll::Ready(_) => Poll::Ready(Err(ExchangeError::Unsent)),
            Poll::Pending if slot.allowed().is_none() => Poll::Pending,
            Poll::Pending => Poll::Ready(Ok(())),
        });
        told.await?;
        tokio::task::spawn_local(Rc::clone(self).drive(connection, slot));
        Ok(OpenedConnection {
            sender,
            times,
            connect: Connect {
                tls_us: connect.tls_us + micros(began.elapsed()),
                ..connect
            },
        })
    }

    /// Drives the connection until it is closed, or is retired and has no request on it.
    async fn drive<T: AsyncRead + AsyncWrite + Unpin>(
        self: Rc<Self>,
        mut connection: Connection<TimestampedIo<T>, Bytes>,
        slot: StreamSlot,
    ) {
        poll_fn(|cx| self.poll(&mut connection, &slot, cx)).await;
        self.is_closed.set(true);
        self.retire();
    }

    fn poll<T: AsyncRead + AsyncWrite + Unpin>(
        &self,
        connection: &mut Connection<TimestampedIo<T>, Bytes>,
        slot: &StreamSlot,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        slot.times.io.reset_write();
        let driven = Pin::new(connection).poll(cx).map(|ended| ended.is_ok());
        if driven != Poll::Ready(true) {
            self.unsent.borrow_mut().retain(|slot| !slot.stamp_sent());
        }
        if driven.is_pending() && !slot.takes_requests() {
            self.retire();
        }
        let mut driver = self.driver.borrow_mut();
        if !driver.as_ref().is_some_and(|it| it.will_wake(cx.waker())) {
            *driver = Some(cx.waker().clone());
        }
        match driven.is_ready() || self.is_abandoned() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    fn is_abandoned(&self) -> bool {
        self.is_retired.get() && self.taken.get() == 0
    }

    /// Takes no further request. Those on it continue, and workers that wait with a place leave it.
    pub fn retire(&self) {
        if !self.is_retired.replace(true) || self.is_closed.get() {
            for slot in self.slots.borrow().iter() {
                slot.times.wake_task();
            }
        }
    }

    pub fn is_retired(&self) -> bool {
        self.is_retired.get()
    }

    pub fn taken(&self) -> usize {
        self.taken.get()
    }
}

impl OpenedConnection {
    /// How many requests the server allows at a time.
    pub fn allowed(&self) -> usize {
        self.sender.current_max_send_streams()
    }
}

/// A place on a shared connection, for one request at a time.
pub(super) struct StreamPlace {
    pub connection: Rc<SharedConnection>,
    /// None while the connection is being opened.
    slot: Option<Rc<StreamSlot>>,
    /// While a request is on it: the last read before that.
    read_before: Option<u64>,
}

impl StreamPlace {
    pub fn on(connection: &Rc<SharedConnection>) -> StreamPlace {
        connection.taken.set(connection.taken.get() + 1);
        StreamPlace {
            connection: Rc::clone(connection),
            slot: None,
            read_before: None,
        }
    }

    /// What requests are sent with, once the connection is open.
    pub fn open(&mut self, opened: &OpenedConnection) -> Rc<StreamSlot> {
        let slot = StreamSlot::new(opened.sender.clone(), Arc::clone(&opened.times));
        let slot = Rc::new(slot);
        self.connection.slots.borrow_mut().push(Rc::clone(&slot));
        self.slot = Some(Rc::clone(&slot));
        slot
    }

    pub fn is_closed(&self) -> bool {
        self.connection.is_closed.get()
    }

    /// A request was queued.
    pub fn begin(&mut self) {
        let Some(slot) = &self.slot else { return };
        self.read_before = Some(slot.times.io.last_read());
        self.connection.unsent.borrow_mut().push(Rc::clone(slot));
    }

    /// It was answered, or has failed.
    pub fn end(&mut self) {
        self.read_before = None;
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let connection = &self.connection;
        if let Some(slot) = &self.slot {
            for slots in [&connection.slots, &connection.unsent] {
                slots.borrow_mut().retain(|other| !Rc::ptr_eq(other, slot));
            }
            // A request was given up, and nothing was read since it began: the peer may be gone.
            if self.read_before == Some(slot.times.io.last_read()) {
                connection.retire();
            }
        }
        connection.taken.set(connection.taken.get() - 1);
        if connection.is_abandoned()
            && let Some(driver) = connection.driver.borrow().as_ref()
        {
            driver.wake_by_ref();
        }
    }
}
