//! What the requests of a run are sent with.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
    time::Duration,
};

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::{
    clock::WallClock,
    connect::Dialer,
    connection::Connection,
    error::EngineError,
    failure::RequestFailure,
    http2::SharedConnections,
    job::ConnectionUse,
    tls::TlsError,
    trace::{TraceContext, TraceIds},
    wire::{RequestTemplate, ScratchBuffers, TemplateParts},
};
use crate::{flow::FlowScript, lang::statements::failure, sample::Connect, sample::Outcome};

/// What all workers of a run share to send: the request, and how connections are opened.
pub(super) struct HttpClient {
    template: RequestTemplate,
    /// The requests to further functions.
    others: Vec<RequestTemplate>,
    pub timeout: Duration,
    pub new_connections: bool,
    /// The connections, where requests share them.
    shared: Option<SharedConnections>,
    pub scratch: RefCell<ScratchBuffers>,
    dialer: Dialer,
    traces: RefCell<TraceIds>,
    /// Connections opened.
    pub opened: Cell<u64>,
    /// Those of them that speak HTTP/2.
    pub opened_http2: Cell<u64>,
    /// Requests that were sent again, and how many may be.
    pub resent: Cell<u64>,
    pub most_resent: u64,
}

impl HttpClient {
    /// For so many requests in flight at most. Without `tls` the client trusts what this machine
    /// trusts.
    pub fn new(
        parts: TemplateParts<'_>,
        (connection_use, in_flight): (ConnectionUse, usize),
        tls: Option<Arc<rustls::ClientConfig>>,
        wall: &WallClock,
    ) -> Result<HttpClient, EngineError> {
        let TemplateParts { target, close, .. } = parts;
        let timeout = parts.request.timeout;
        let template = RequestTemplate::new(parts)?;
        let ConnectionUse { http1, streams, .. } = connection_use;
        let offer_http2 = !http1 && template.http2().is_some();
        if streams > 1 && !offer_http2 {
            return Err(TlsError::NotShared.into());
        }
        Ok(HttpClient {
            template,
            others: Vec::new(),
            timeout,
            new_connections: close,
            shared: (streams > 1).then(|| SharedConnections::new(streams, in_flight)),
            scratch: ScratchBuffers::new(),
            dialer: Dialer::new(target, tls, offer_http2)?,
            traces: RefCell::new(TraceIds::new(wall.clone())?),
            opened: Cell::new(0),
            opened_http2: Cell::new(0),
            resent: Cell::new(0),
            most_resent: u64::MAX,
        })
    }

    /// Adds the request to a further function of the same host, or a further one of a flow.
    ///
    /// # Errors
    /// What cannot be sent.
    pub fn add(&mut self, parts: TemplateParts<'_>) -> Result<(), EngineError> {
        self.others.push(RequestTemplate::new(parts)?);
        Ok(())
    }

    /// Puts the requests of flows together that are always the same.
    pub fn fix(&mut self, script: &FlowScript) {
        let all = std::iter::once(&mut self.template).chain(&mut self.others);
        for (place, template) in all.enumerate() {
            if let Some(fixed) = script.fixed(place) {
                *template = template.rendered(fixed);
            }
        }
    }

    /// The request to one of the run's functions, or one of a flow's requests, from 0.
    pub fn template(&self, place: u32) -> &RequestTemplate {
        let other = (place as usize).checked_sub(1);
        other
            .and_then(|place| self.others.get(place))
            .unwrap_or(&self.template)
    }

    /// Opens a connection, or finds a place on one that requests share, and says how long opening took
    /// where that was waited for.
    pub async fn open(&self) -> Result<(Connection, Option<Connect>), RequestFailure> {
        if let Some(shared) = &self.shared {
            let (http2, times) = shared.place(async || self.dial_http2().await).await?;
            return Ok((Connection::Http2(Box::new(http2)), times));
        }
        let (stream, times) = self.dialer.open().await?;
        let connection = Connection::new(stream).await?;
        self.count_opened(matches!(connection, Connection::Http2(_)));
        Ok((connection, Some(times)))
    }

    async fn dial_http2(&self) -> Result<(Box<TlsStream<TcpStream>>, Connect), RequestFailure> {
        let (stream, times) = self.dialer.open().await?;
        let http2 = stream.chose_http2();
        self.count_opened(http2.is_ok());
        let wrong = |_| RequestFailure::new(Outcome::BadResponse, failure::speaks_http1());
        Ok((http2.map_err(wrong)?, times))
    }

    fn count_opened(&self, is_http2: bool) {
        self.opened.set(self.opened.get() + 1);
        self.opened_http2
            .set(self.opened_http2.get() + u64::from(is_http2));
    }

    /// The connections, where requests share them.
    pub fn shared(&self) -> Option<&SharedConnections> {
        self.shared.as_ref()
    }

    /// Counts a request that is sent once more; false where no more may be.
    pub fn may_resend(&self) -> bool {
        let allowed = self.resent.get() < self.most_resent;
        self.resent.set(self.resent.get() + u64::from(allowed));
        allowed
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
