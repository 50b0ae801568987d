//! Two runs side by side: what differs, and whether this many requests can show it. Pure functions.
//!
//! A burst counts as one observation and steady traffic as slices of time, because requests that
//! met the same moment are not independent. Each figure is bounded by order statistics or Wilson's
//! interval with that scatter, and differences by Zou and Donner's MOVER. Holm's correction makes
//! the verdict over all figures call two alike runs different in at most about one of twenty
//! comparisons.

mod comparison;
mod conclusion;
mod context;
mod difference;
mod estimate;
mod figure;
mod figures;
mod limit;
mod power;
mod scatter;
mod selection;
mod side;
mod side_estimates;
mod units;

pub use comparison::{Comparison, compare};
pub use conclusion::Conclusion;
pub use context::{InsightChange, different_scenarios};
pub use figure::ComparedFigure;
pub use limit::{ChangeLimit, ChangeLimitResult};
pub use power::bursts_needed;
pub use scatter::Scatters;
pub use side::Side;

#[cfg(test)]
mod tests;
