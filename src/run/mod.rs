//! The life of a run: plan, send, gather evidence, judge, conclude.
//!
//! [`run`] is what every command that sends a scenario calls, [`bench()`] is the same for a plain
//! server, and [`verify`] judges a completed run again. An [`Observer`] watches; nothing here
//! prints.

mod access;
mod annotate;
mod asking;
mod background;
mod bench;
mod blocking;
mod error;
mod force_cold;
mod functions;
mod guard;
mod inits;
mod interleave;
mod invoke;
mod invoked;
mod job;
mod judge;
mod lane;
mod life;
mod logs;
mod measure;
mod merged;
mod notes;
mod observer;
mod options;
mod plan;
mod record;
mod region;
mod samples;
mod send;
mod sharing;
mod signing;
mod simulated;
mod stack;
mod subject;
mod target;
mod thresholds;
mod told;
mod verify;
mod watch;
mod words;

pub use access::{Access, keys, served, site};
pub use bench::{Benchmark, bench};
pub use blocking::block_on;
pub use error::{RunError, RunErrorKind};
pub use force_cold::ForceCold;
pub use functions::functions_behind;
pub use interleave::{PairProgress, interleave};
pub use invoke::InvokeQuery;
pub use invoked::Invoked;
pub use lane::{Contender, Interleaving};
pub use life::run;
pub use merged::judge_merged;
pub use notes::notes;
pub use observer::{Observer, Talk};
pub use options::{GuardRails, RecordPlace, RunOptions};
pub use plan::{PaidPath, Plan, cost, model_of, predict_of, prediction};
pub use samples::{CompletedRun, SampleSet};
pub use sharing::Sharing;
pub use simulated::{simulated, write_simulated};
pub use stack::{AwsQuery, Stack};
pub use subject::{settings, subject};
pub use target::{Destination, RunTarget, sandbox_at};
pub use thresholds::{ThresholdStanding, ThresholdWatch};
pub use verify::{Verified, VerifyOptions, verify};
pub use watch::{WatchOptions, watch};
