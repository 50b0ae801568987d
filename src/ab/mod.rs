//! Two targets side by side, request by request: whether a change helped, and where. Pure functions.
//!
//! Cold starts of A and B alternate, in an order that the seed draws, so that what changes with time
//! meets both alike; the two of a pair are compared with each other. After each fifth of the planned
//! pairs [`SequentialDesign`] says whether a difference, or its absence, is certain.

mod confounders;
mod design;
mod figures;
mod hopeless;
mod limits;
mod parts;
mod plan;
mod result;
mod sides;
#[cfg(test)]
mod tests;

pub use design::{FEWEST_PAIRS, LOOKS, PairedFinding, RatioEstimate, SequentialDesign};
pub use figures::AbFigure;
pub use hopeless::{NO_MORE_COLD, PairNeed, hopeless};
pub use limits::{AbLimit, is_paired};
pub use parts::AbPart;
pub use plan::{AbPlan, PlannedDifference};
pub use result::{AbLook, AbResult, AbSide};
pub use sides::{COLD_STEP, PairedSide, STEPS, WARM_STEP};
