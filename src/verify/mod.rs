//! Did the expected Insights appear? Expectation and observation become verdicts.
//!
//! What may be claimed: no public API lists Insights, so a verdict says that the documented
//! condition is met in the data of its basis, and no more.

mod advice;
mod checklist;
mod conclude;
mod dissect;
mod history;
mod init;
mod monitor;
mod observe;
mod poll;
mod reports;
mod sentence;
mod structure;
mod subject;
mod threshold;
mod trace;
mod verdict;

pub use advice::{about_traces, advice};
pub use checklist::{ManualCheck, checklist};
pub use conclude::conclude;
pub use dissect::dissect;
pub use history::{fetch_history, fetch_idle};
pub use init::{FoundInits, fetch_inits};
pub use monitor::{ask_monitors, monitors_unasked};
pub use observe::{observe, questions};
pub use poll::{AskProgress, Asked, Patience, ask, findings};
pub use reports::Reports;
pub use sentence::sentence;
pub use structure::Structure;
pub use subject::{Subject, Watched, range_asked};
pub use threshold::{counted, figure, support};
pub use trace::{Traces, fetch_traces, fetch_whole, records};
pub use verdict::{View, demand, judge, verdict};
