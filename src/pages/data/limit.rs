//! What an Insight looks at, over time, and the limit that it must not pass.

use super::{Bins, FunctionMetrics, observed};
use crate::{
    insight::{Condition, Quantity},
    pages::show,
};

/// Values over time, and the limit that the condition compares them with.
pub(in crate::pages) struct AgainstLimit {
    /// One value for each bin; 0 where there is none.
    pub(in crate::pages) values: Vec<f64>,
    /// The limit.
    pub(in crate::pages) limit: f64,
    /// Says a value.
    pub(in crate::pages) show: fn(f64) -> String,
}

/// What `condition` compares on a function. None if no metric has it.
pub(in crate::pages) fn against_limit(
    function: &FunctionMetrics,
    condition: Condition,
    bins: &Bins,
) -> Option<AgainstLimit> {
    let binned = |quantity| observed::binned(function, quantity, bins);
    let (quantity, values, limit) = match condition {
        Condition::ShareAbove(of) => {
            let share = |(part, whole): (f64, f64)| {
                let whole = if of.is_beside { whole + part } else { whole };
                if whole > 0.0 { part / whole } else { 0.0 }
            };
            return Some(AgainstLimit {
                values: binned(of.part)
                    .into_iter()
                    .zip(binned(of.whole))
                    .map(share)
                    .collect(),
                limit: of.percent as f64 / 100.0,
                show: show::percent,
            });
        }
        Condition::AtLeastOne(quantity) => (quantity, binned(quantity), 1.0),
        Condition::MoreThan(quantity, limit) => (quantity, binned(quantity), limit as f64),
        Condition::PeakAbove(of) | Condition::PeakNotAbove(of) => {
            let whole = observed::value(function, of.whole)?;
            (of.part, binned(of.part), whole * of.percent as f64 / 100.0)
        }
        // The limit is in parts per million, the metric a share.
        Condition::LessThan { value, limit, .. } => (value, binned(value), limit as f64 / 1e6),
        Condition::Unmeasured => return None,
    };
    Some(AgainstLimit {
        values,
        limit,
        show: shown(quantity),
    })
}

/// How a metric's value of this quantity is said.
fn shown(quantity: Quantity) -> fn(f64) -> String {
    match quantity {
        Quantity::LongestDuration | Quantity::Timeout => show::seconds,
        Quantity::IteratorAge => |ms| show::seconds(ms / 1e3),
        Quantity::MemoryUsed | Quantity::MemorySize => show::memory,
        Quantity::ProvisionedUtilization => show::percent,
        _ => show::count,
    }
}
