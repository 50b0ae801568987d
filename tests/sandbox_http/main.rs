//! The sandbox as its clients see it: real HTTP on a free loopback port.

mod client;
mod control;
mod entry;
mod guards;
mod invoke;
mod telemetry;
