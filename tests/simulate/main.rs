//! The model in virtual time: as it is typed, against theory, and against the sandbox.

mod cli;
mod memory;
mod sandbox;
#[path = "../support/mod.rs"]
mod support;
mod theory;
