//! The Lambda model in virtual time: hours of idling in milliseconds, deterministic for a seed.
//!
//! [`steady`] holds one function under arrivals without end, for comparison with theory and with
//! other simulators.

mod arrivals;
mod cpu;
mod estimate;
pub mod steady;

pub use arrivals::{ArrivalsError, SteadyArrivals};
pub use estimate::Estimate;
