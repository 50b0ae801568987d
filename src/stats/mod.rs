//! Latencies in histograms, and percentiles no further than the count supports.

mod bounds;
mod counts;
mod latency;
mod percentile;
mod quantiles;
mod tag;
mod tally;

pub use bounds::Bounds;
pub use counts::{ColdShare, Counts, SendLag};
pub use latency::{Class, Latencies, Measure, histogram, merge, record};
pub use percentile::{ConfidenceIntervals, Summary, needed, supports};
pub use quantiles::quantiles;
pub use tag::{Tag, TagError};
pub use tally::Tally;
