//! The Lambda model in virtual time: hours of idling in milliseconds, deterministic for a seed.
//!
//! [`steady`] holds one function under arrivals without end, for comparison with theory and with
//! other simulators. [`scenario`] runs a scenario through the whole sample app, and [`sweep`]
//! does so again and again while one assumption moves.

mod arrivals;
mod cpu;
mod cpu_share;
mod observe;
pub mod scenario;
mod seed_mean;
pub mod steady;
pub mod sweep;

pub use arrivals::{ArrivalsError, SteadyArrivals};
pub use cpu_share::CpuShare;
pub use observe::FunctionTotals;
pub use scenario::{SimulateError, Simulation, run};
pub use seed_mean::SeedMean;
