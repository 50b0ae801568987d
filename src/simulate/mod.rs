//! The Lambda model in virtual time: hours of idling in milliseconds, deterministic for a seed.
//!
//! [`steady`] holds one function under arrivals without end, for comparison with theory and with
//! other simulators. [`scenario`] runs a scenario through the whole sample app, and [`sweep`]
//! does so again and again while one assumption moves.

mod arrivals;
mod cpu;
mod estimate;
mod observe;
pub mod scenario;
pub mod steady;
pub mod sweep;

pub use arrivals::{ArrivalsError, SteadyArrivals};
pub use estimate::Estimate;
pub use observe::Tally;
pub use scenario::{SimulateError, Simulation, run};
