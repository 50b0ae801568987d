//! The Lambda model in virtual time: hours of idling in milliseconds, deterministic for a seed.
//!
//! [`steady`] runs one function under endless arrivals, for comparison with theory and with other
//! simulators. [`scenario`] runs a scenario through the complete sample app, and [`sweep`] repeats
//! that while one assumption changes.

mod arrivals;
mod cpu;
mod cpu_share;
mod observe;
pub mod scenario;
mod seed_mean;
pub mod steady;
pub mod sweep;

pub use arrivals::SteadyArrivals;
pub use cpu_share::CpuShare;
pub use observe::FunctionTotals;
pub use scenario::{Simulation, run};
pub use seed_mean::SeedMean;
