//! Did the expected Insights appear? Expectation and observation become verdicts.
//!
//! What may be claimed: no public API lists Insights, so a verdict says that the documented
//! condition is met in the data of its basis, and no more.

mod verdict;

pub use verdict::{Demand, Finding, Overall, Verdict, View, judge, overall, verdict};
