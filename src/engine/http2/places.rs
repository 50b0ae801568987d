//! The HTTP/2 connections of a run whose requests share them.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Instant,
};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    Http2,
    shared::{SharedConnection, StreamPlace},
};
use crate::{
    engine::{clock::micros, failure::RequestFailure},
    sample::Connect,
};

/// The connections of a run whose requests share them.
pub(in crate::engine) struct SharedConnections {
    /// How many requests at a time are to share a connection.
    streams: usize,
    /// How many connections at most.
    most: usize,
    /// The fewest that a server allowed at a time on a connection.
    allowed: Cell<usize>,
    list: RefCell<Vec<Rc<SharedConnection>>>,
}

impl SharedConnections {
    /// For so many requests in flight at most.
    pub fn new(streams: usize, in_flight: usize) -> SharedConnections {
        SharedConnections {
            streams,
            most: in_flight.div_ceil(streams.max(1)),
            allowed: Cell::new(usize::MAX),
            list: RefCell::default(),
        }
    }

    /// How many requests at a time are to share a connection.
    pub fn streams(&self) -> u64 {
        self.streams as u64
    }

    /// How many requests at a time a server allowed on a connection, where those were fewer than wanted.
    pub fn fewer(&self) -> Option<u64> {
        let allowed = self.allowed.get();
        (allowed < self.streams).then_some(allowed as u64)
    }

    /// A place on a connection, and the times of opening that, as far as this request had to wait for
    /// it. `dial` opens a connection.
    ///
    /// # Errors
    /// A connection that cannot be opened is the failure of all that wait for it.
    pub async fn place<T: AsyncRead + AsyncWrite + Unpin + 'static>(
        &self,
        dial: impl AsyncFn() -> Result<(T, Connect), RequestFailure>,
    ) -> Result<(Http2<T>, Option<Connect>), RequestFailure> {
        let asked = Instant::now();
        let mut waited = None;
        loop {
            let mut place = self.take();
            let connection = Rc::clone(&place.connection);
            let was_open = connection.opened.initialized();
            let opening = connection.opened.get_or_init(|| async {
                let (stream, times) = dial().await?;
                connection.start(stream, times).await
            });
            let opened = match opening.await {
                Ok(opened) => opened,
                Err(failure) => {
                    connection.retire();
                    return Err(failure.clone());
                }
            };
            if !was_open {
                waited = Some(opened.connect.last(micros(asked.elapsed())));
            }
            self.allowed.set(self.allowed.get().min(opened.allowed()));
            // More asked for a place than the server turned out to allow.
            if connection.taken() > self.places() && self.may_open() {
                continue;
            }
            let slot = place.open(opened);
            return Ok((Http2::on(place, slot), waited));
        }
    }

    /// How many may share a connection.
    fn places(&self) -> usize {
        self.streams.min(self.allowed.get()).max(1)
    }

    fn may_open(&self) -> bool {
        self.list.borrow().len() < self.most
    }

    /// A place on the connection with the most room; on a new one where none has any. Where there may
    /// be no further connection, the server's limit makes requests wait on those that there are.
    fn take(&self) -> StreamPlace {
        let mut list = self.list.borrow_mut();
        list.retain(|connection| !connection.is_retired());
        let roomy = list.iter().min_by_key(|connection| connection.taken());
        let roomy = roomy.filter(|it| it.taken() < self.places() || list.len() >= self.most);
        if let Some(connection) = roomy {
            return StreamPlace::on(connection);
        }
        let connection = Rc::default();
        let place = StreamPlace::on(&connection);
        list.push(connection);
        place
    }
}
