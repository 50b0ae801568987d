//! What a run is told to do.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{clock::WallClock, target::Target, trace::SamplingPriority};
use crate::schedule::{Arrival, Step};

/// At most this many requests are in flight unless a job says otherwise.
pub const MAX_IN_FLIGHT: usize = 2_000;

/// A run: what is sent, where, and how.
pub struct Job {
    /// Where requests go.
    pub target: Target,
    /// How each request looks.
    pub request: RequestSpec,
    /// The steps that [`Arrival::step`] counts.
    pub steps: Vec<Step>,
    /// What is sent when, in the order of time. Taken one at a time, so a line that forms costs no memory.
    pub arrivals: Box<dyn Iterator<Item = Arrival> + Send>,
    /// The run's id, sent with every request.
    pub run_id: String,
    /// The secret that makes the sample app honour faults.
    pub fault_key: Option<String>,
    /// Trace headers with this priority; None sends none.
    pub trace: Option<SamplingPriority>,
    /// At most this many requests at a time, at least 1. Arrivals beyond wait in line with their
    /// planned time kept.
    pub max_in_flight: usize,
    /// A new connection for every request.
    pub new_connections: bool,
    /// HTTP/1.1 even where a server offers HTTP/2.
    pub http1: bool,
    /// What idle steps do.
    pub idle: IdleStrategy,
    /// When to give up.
    pub give_up: Option<FailureLimit>,
    /// The wall clock. No time of the run itself is taken from it.
    pub wall: WallClock,
    /// TLS other than what the machine trusts.
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

/// A closed loop.
pub struct ClosedJob {
    /// Where requests go.
    pub target: Target,
    /// How each request looks.
    pub request: RequestSpec,
    /// How many connections, at least 1, each with one request at a time.
    pub connections: usize,
    /// For how long requests are begun.
    pub length: Duration,
    /// A new connection for every request.
    pub new_connections: bool,
    /// HTTP/1.1 even where a server offers HTTP/2.
    pub http1: bool,
    /// TLS other than what the machine trusts.
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

/// How each request looks, with secrets filled in. Never logged, stored or shown.
#[derive(Clone)]
pub struct RequestSpec {
    /// The method.
    pub method: String,
    /// The Host header, where it is not the target's.
    pub host: Option<String>,
    /// Header lines.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// After this long without a whole answer a request has timed out; its connecting counts,
    /// its waiting in line does not.
    pub timeout: Duration,
    /// What signs each request, where that is asked for.
    pub signer: Option<Signer>,
}

/// Makes the header lines that sign a request at a time.
#[derive(Clone)]
pub struct Signer(Arc<dyn Fn(SystemTime) -> SignedHeaders + Send + Sync>);

/// Header lines, or why there are none.
pub type SignedHeaders = Result<Vec<(String, String)>, String>;

impl Signer {
    /// Signs by calling this.
    pub fn new(sign: impl Fn(SystemTime) -> SignedHeaders + Send + Sync + 'static) -> Signer {
        Signer(Arc::new(sign))
    }

    pub(super) fn headers(&self, at: SystemTime) -> SignedHeaders {
        (self.0)(at)
    }
}

/// What idle steps do.
#[derive(Clone, Debug)]
pub enum IdleStrategy {
    /// They are waited for. A machine that slept has idled.
    Wait,
    /// They are skipped: this has the effect of idling on the target, and the run's clock moves to
    /// the idle step's end.
    Skip(SkipIdle),
}

/// What has the effect of idling. It is called with the time left to idle, on a thread of its own,
/// once no request is in flight. An error is the reason why the run ends.
#[derive(Clone)]
pub struct SkipIdle(Arc<dyn Fn(Duration) -> Result<(), String> + Send + Sync>);

impl SkipIdle {
    /// Calls this instead of idling.
    pub fn new(call: impl Fn(Duration) -> Result<(), String> + Send + Sync + 'static) -> SkipIdle {
        SkipIdle(Arc::new(call))
    }

    pub(super) async fn call(&self, left: Duration) -> Result<(), String> {
        let call = Arc::clone(&self.0);
        let called = tokio::task::spawn_blocking(move || call(left)).await;
        called.unwrap_or_else(|error| Err(error.to_string()))
    }
}

impl fmt::Debug for SkipIdle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SkipIdle")
    }
}

/// When a phase has failed so often that sending more of it would only do harm. Counted are
/// requests that did not ask for a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailureLimit {
    /// The share of failures above which the run ends; 0 to 1.
    pub share: f64,
    /// So many requests of the step must be over first.
    pub after: u64,
}
