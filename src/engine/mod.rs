//! Sending: pacing, connections, HTTP, and a stop in two steps.
//!
//! One thread sends a run, or a part of it: a pacer takes planned requests from the schedule (`pacer`) and
//! hands each to a worker, a task that owns one connection (`pool`, `serve`). The caller gets
//! [`EngineEvent`]s, one [`crate::sample::Sample`] per request, and an account at the end
//! ([`EngineSummary`]). Several threads are several engines, each with a part of the requests and of
//! the connections, that start and end together ([`TeamMember`]). Every planned request is counted as answered, failed, timed out or not sent.

mod clock;
mod connect;
mod connection;
mod deadline;
mod descriptors;
mod dispatch;
mod ending;
mod error;
mod event;
mod failure;
mod flow;
mod flow_state;
mod http2;
mod http_client;
mod idle;
mod job;
mod leg;
mod pacer;
mod pool;
mod queue;
mod request;
mod run;
mod run_counter;
mod send;
mod serve;
mod start;
mod state;
mod stop;
mod stream;
mod team;
mod timer;
mod tls;
mod tls_failure;
mod trace;
mod wire;

pub use clock::{Stopwatch, WallClock};
pub use descriptors::most_connections;
pub use error::EngineError;
pub use event::{EndReason, EngineEvent, EngineSummary, FailureReason, SignInCounts};
pub use job::{
    ClosedJob, ConnectionUse, FailureLimit, IdleStrategy, Job, JobPart, RequestSpec, SignedHeaders,
    Signer, SkipIdle,
};
pub use run::{closed, run};
pub use stop::StopSignal;
pub use team::TeamMember;
pub use tls::TlsError;
pub use trace::SamplingPriority;
pub use wire::RequestError;
