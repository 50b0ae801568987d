//! The work that the engine is given.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{clock::WallClock, team::TeamMember, tls::TlsError, trace::SamplingPriority};
use crate::{
    flow::{FlowScript, WantedParts},
    lang::Statement,
    schedule::{Arrival, Shard, Step},
    units::Address,
};

/// An open model: what is sent, when, where and how.
pub struct Job {
    /// Where requests go.
    pub target: Address,
    /// What each request is made of.
    pub request: RequestSpec,
    /// The addresses of further functions, and the content of their requests: those of
    /// [`Arrival::function`] 1 and up.
    pub others: Vec<(Address, RequestSpec)>,
    /// What users do, where an arrival starts a flow: its requests are `request` and `others`, in their
    /// order.
    pub flows: Option<Arc<FlowScript>>,
    /// The steps that [`Arrival::step`] counts.
    pub steps: Vec<Step>,
    /// The planned requests, sorted by time. They are taken one at a time, so that a queue takes no
    /// memory.
    pub arrivals: Box<dyn Iterator<Item = Arrival> + Send>,
    /// The run's id, which every request carries.
    pub run_id: String,
    /// The secret that makes the sample app honour faults.
    pub fault_key: Option<String>,
    /// The priority in the trace headers; None sends no trace headers.
    pub trace: Option<SamplingPriority>,
    /// At most this many requests are in flight; at least 1. Further requests are queued and keep
    /// their planned time.
    pub max_in_flight: usize,
    /// How requests use connections.
    pub connection_use: ConnectionUse,
    /// How idle steps pass.
    pub idle: IdleStrategy,
    /// When the run ends because too many requests fail.
    pub give_up: Option<FailureLimit>,
    /// At most this many requests are sent again after their connection closed.
    pub most_resent: u64,
    /// The wall clock. The times of samples do not depend on it.
    pub wall: WallClock,
    /// TLS configuration; None trusts what the machine trusts.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// What is done of a run that several engines share.
    pub part: JobPart,
}

/// A closed loop: each connection sends its next request once the last one was answered.
pub struct ClosedJob {
    /// Where requests go.
    pub target: Address,
    /// What each request is made of.
    pub request: RequestSpec,
    /// How many connections; at least 1. Each has [`ConnectionUse::streams`] requests in flight.
    pub connections: usize,
    /// For how long requests are sent.
    pub length: Duration,
    /// How requests use connections.
    pub connection_use: ConnectionUse,
    /// TLS configuration; None trusts what the machine trusts.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// What is done of a run that several engines share.
    pub part: JobPart,
}

/// How requests use connections. By default one request at a time is on a connection, which is kept,
/// and the protocol is the one that the server chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionUse {
    /// Whether every request opens a new connection.
    pub is_new: bool,
    /// Whether HTTP/1.1 is used even if the server offers HTTP/2.
    pub http1: bool,
    /// How many requests at a time share a connection, by HTTP/2; at least 1.
    pub streams: usize,
}

impl Default for ConnectionUse {
    fn default() -> ConnectionUse {
        ConnectionUse {
            is_new: false,
            http1: false,
            streams: 1,
        }
    }
}

impl ConnectionUse {
    /// # Errors
    /// Connections that are shared, to a target without TLS, or without HTTP/2; None is an embedded
    /// sandbox.
    pub fn check(&self, target: Option<&Address>) -> Result<(), TlsError> {
        let can_share = !self.http1 && !self.is_new && target.is_some_and(Address::is_https);
        match self.streams == 1 || can_share {
            true => Ok(()),
            false => Err(TlsError::NotShared),
        }
    }
}

/// One engine's part of a run that several share. The default is a complete run that starts as soon
/// as possible.
#[derive(Debug, Default)]
pub struct JobPart {
    /// The index of the part. It numbers the requests of a closed loop, so that no two parts share
    /// an index.
    pub shard: Shard,
    /// When the run's clock starts, by the wall clock. An engine that is late does not send what
    /// was due before it started.
    pub start_at: Option<SystemTime>,
    /// The engines of this process that send the run together.
    pub team: Option<TeamMember>,
}

/// The content of each request, with secrets filled in. It is never logged, stored or shown.
#[derive(Clone, Default)]
pub struct RequestSpec {
    /// The method.
    pub method: String,
    /// The Host header, if it is not the target's.
    pub host: Option<String>,
    /// Header lines.
    pub headers: Vec<(String, String)>,
    /// The names of headers that each request of a flow sets by itself.
    pub varying: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
    /// What is kept of an answer for its flow.
    pub wanted: WantedParts,
    /// How long a request may take until its full response. Connecting counts, queueing does not.
    pub timeout: Duration,
    /// The statuses that count as success; empty: those of 2xx.
    pub expected_status: Vec<u16>,
    /// Signs each request, if anything does.
    pub signer: Option<Signer>,
}

impl RequestSpec {
    /// The Host header among the header lines.
    pub fn own_host(&self) -> Option<&str> {
        let mut lines = self.headers.iter();
        let host = lines.find(|(name, _)| name.eq_ignore_ascii_case("host"));
        host.map(|(_, value)| value.as_str())
    }
}

/// Makes the headers that sign a request sent at a given time.
#[derive(Clone)]
pub struct Signer(Arc<dyn Fn(SystemTime) -> SignedHeaders + Send + Sync>);

/// The headers of a signature, or why the request cannot be signed.
pub type SignedHeaders = Result<Vec<(String, String)>, String>;

impl Signer {
    /// Signs by calling `sign`.
    pub fn new(sign: impl Fn(SystemTime) -> SignedHeaders + Send + Sync + 'static) -> Signer {
        Signer(Arc::new(sign))
    }

    pub(super) fn headers(&self, at: SystemTime) -> SignedHeaders {
        (self.0)(at)
    }
}

/// How idle steps pass.
#[derive(Clone)]
pub enum IdleStrategy {
    /// By waiting. Time that this machine slept counts.
    Wait,
    /// By a call that has the effect of idling on the target. Then the run's clock advances to the
    /// step's end.
    Skip(SkipIdle),
}

/// A call that has the effect of idling. It is made with the time left to idle, on its own thread,
/// once no request is in flight. An error ends the run.
#[derive(Clone)]
pub struct SkipIdle(Arc<dyn Fn(Duration) -> Result<(), Statement> + Send + Sync>);

impl SkipIdle {
    /// From a function.
    pub fn new(
        call: impl Fn(Duration) -> Result<(), Statement> + Send + Sync + 'static,
    ) -> SkipIdle {
        SkipIdle(Arc::new(call))
    }

    pub(super) async fn call(&self, left: Duration) -> Result<(), Statement> {
        let call = Arc::clone(&self.0);
        let called = tokio::task::spawn_blocking(move || call(left)).await;
        called.unwrap_or_else(|error| Err(Statement::verbatim(error.to_string())))
    }
}

/// The share of failures in one step that ends a run, because more requests would only do harm.
/// Requests with a fault do not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailureLimit {
    /// The run ends above this share of failures; 0 to 1.
    pub share: f64,
    /// At least this many requests of the step must have completed.
    pub after: u64,
}
