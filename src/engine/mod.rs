//! How it is sent: pacing, connections, HTTP, and a stop in two steps.
//!
//! One thread sends a whole run: a pacer takes planned requests from the schedule (`pace`) and
//! hands each to a slot, a task that owns one connection (`slot`, `pool`). What happened comes
//! out as [`Event`]s, one [`crate::sample::Sample`] per request, and an account at the end
//! ([`Ended`]). Every planned request is counted as answered, failed, timed out or not sent.

mod alarm;
mod clock;
mod connect;
mod connection;
mod event;
mod http2;
mod idle;
mod job;
mod pace;
mod patience;
mod pool;
mod run;
mod shared;
mod slot;
mod stop;
mod tally;
mod target;
mod trace;
mod wire;

pub use clock::{SleepProof, WallClock};
pub use event::{End, Ended, Event, Reason, Totals};
pub use job::{
    ClosedJob, EngineError, FailureLimit, IdleStrategy, Job, MAX_IN_FLIGHT, Replacement,
    RequestSpec, SignedHeaders, Signer,
};
pub use run::{closed, run};
pub use stop::Stop;
pub use target::{Target, TargetError};
pub use trace::SamplingPriority;
pub use wire::RequestError;
