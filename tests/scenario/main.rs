//! Scenarios: the built-in ones, the format and its mistakes, and the schedule that each becomes.

mod builtin;
mod model;
mod schedule;
#[path = "../support/mod.rs"]
mod support;
