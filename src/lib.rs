#![forbid(unsafe_code)]
//! `loadgen`: the load generator that knows what a cold start is.

pub mod aws;
pub mod cli;
pub mod control;
pub mod datadog;
pub mod engine;
pub mod insight;
pub mod lambda;
pub mod lang;
pub mod look;
pub mod record;
pub mod report;
pub mod sample;
pub mod sandbox;
pub mod scenario;
pub mod schedule;
pub mod simulate;
pub mod stats;
pub mod units;
pub mod verify;
