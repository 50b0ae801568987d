//! What a cold start is made of, from whatever evidence there is. Pure functions.
//!
//! The client measures how long it waited and connected, Lambda's REPORT line how long it initialised
//! and ran, spans what was done meanwhile. A part is named only where evidence measures it; all else
//! is one part, [`ColdPart::Unknown`], and is never spread over the others. The parts up to the answer add
//! up to the response time, to the microsecond.

mod dissect;
mod imports;
mod part;
mod span;
mod sum;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use dissect::MeasuredTimes;
pub use part::ColdPart;
pub use span::AnatomySpan;
pub use sum::{AnatomySum, ImportSum, PartSum};

/// The parts of one cold start, in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Anatomy {
    /// How long each part took; a part that no evidence names is absent.
    pub parts: BTreeMap<ColdPart, u64>,
    /// The modules that were imported, by their own time, longest first; at most 40.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<ImportTime>,
}

/// One imported module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportTime {
    /// Its name: `numpy.linalg`, `/var/task/app.js`.
    pub module: String,
    /// How long it took without the modules that it imported, in microseconds.
    pub own_us: u64,
}

impl Anatomy {
    /// How long a part took, in microseconds; 0 where no evidence names it.
    pub fn us(&self, part: ColdPart) -> u64 {
        self.parts.get(&part).copied().unwrap_or(0)
    }

    /// The response time: all parts up to the answer, in microseconds.
    pub fn response_us(&self) -> u64 {
        let parts = self.parts.iter().filter(|(part, _)| !part.is_after());
        parts.map(|(_, us)| us).sum()
    }
}
