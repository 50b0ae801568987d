//! What the requests of a run are sent with.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use super::{
    connect::Dialer,
    connection::Connection,
    failure::RequestFailure,
    trace::{TraceContext, TraceIds},
    wire::{RequestTemplate, ScratchBuffers},
};
use crate::sample::Connect;

/// What all workers of a run share to send: the request, and how connections are opened.
pub(super) struct HttpClient {
    pub template: RequestTemplate,
    pub timeout: Duration,
    pub new_connections: bool,
    pub scratch: RefCell<ScratchBuffers>,
    dialer: Dialer,
    traces: RefCell<TraceIds>,
    /// Connections opened.
    pub opened: Cell<u64>,
    /// Those of them that speak HTTP/2.
    pub opened_http2: Cell<u64>,
    /// Requests that were sent again on a new connection.
    pub resent: Cell<u64>,
}

impl HttpClient {
    pub fn new(
        template: RequestTemplate,
        dialer: Dialer,
        timeout: Duration,
        new_connections: bool,
        traces: TraceIds,
    ) -> HttpClient {
        HttpClient {
            template,
            timeout,
            new_connections,
            scratch: ScratchBuffers::new(),
            dialer,
            traces: RefCell::new(traces),
            opened: Cell::new(0),
            opened_http2: Cell::new(0),
            resent: Cell::new(0),
        }
    }

    /// Opens a connection, and says how long that took.
    pub async fn open(&self) -> Result<(Connection, Connect), RequestFailure> {
        let (stream, times) = self.dialer.open(self.timeout).await?;
        let connection = Connection::new(stream).await?;
        self.opened.set(self.opened.get() + 1);
        if matches!(connection, Connection::Http2(_)) {
            self.opened_http2.set(self.opened_http2.get() + 1);
        }
        Ok((connection, times))
    }

    /// The trace of the next request, where requests are traced.
    pub fn next_trace(&self) -> Option<TraceContext> {
        let is_traced = self.template.is_traced();
        is_traced.then(|| self.traces.borrow_mut().next())
    }

    /// Connections that resumed an earlier TLS session.
    pub fn tls_resumed(&self) -> u64 {
        self.dialer.resumed()
    }
}
