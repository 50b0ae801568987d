//! Latencies in histograms, and percentiles no further than the count supports.

mod confidence_interval;
mod counts;
mod latency;
mod percentile;
mod quantiles;
mod tag;
mod tally;

pub use confidence_interval::ConfidenceInterval;
pub use counts::{ColdShare, OutcomeCounts, Requests, SendLag};
pub use latency::{Class, Latencies, Measure, histogram, merge, record};
pub use percentile::{ConfidenceIntervals, Summary, needed, supports};
pub use quantiles::quantiles;
pub use tag::Tag;
pub use tally::{PartTally, Tally};
