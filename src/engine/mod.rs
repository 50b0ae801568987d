//! How it is sent: pacing, connections, HTTP, and a stop in two steps.
//!
//! One thread sends a whole run: a pacer takes planned requests from the schedule (`pacer`) and
//! hands each to a worker, a task that owns one connection (`pool`, `serve`). What happened comes
//! out as [`Event`]s, one [`crate::sample::Sample`] per request, and an account at the end
//! ([`Ended`]). Every planned request is counted as answered, failed, timed out or not sent.

mod client;
mod clock;
mod collector;
mod connect;
mod connection;
mod deadline;
mod dispatch;
mod ending;
mod error;
mod event;
mod failure;
mod http2;
mod idle;
mod job;
mod pacer;
mod pool;
mod queue;
mod request;
mod run;
mod send;
mod serve;
mod state;
mod stop;
mod target;
mod timer;
mod trace;
mod wire;

pub use clock::{Stopwatch, WallClock};
pub use error::EngineError;
pub use event::{End, Ended, Event, Reason, Totals};
pub use job::{
    ClosedJob, FailureLimit, IdleStrategy, Job, MAX_IN_FLIGHT, RequestSpec, SignedHeaders, Signer,
    SkipIdle,
};
pub use run::{closed, run};
pub use stop::Stop;
pub use target::{Target, TargetError};
pub use trace::SamplingPriority;
pub use wire::RequestError;
