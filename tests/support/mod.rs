//! What several test programs need.
// Each of them compiles all of it and needs a part.
#![allow(dead_code)]

pub mod command;
pub mod korean;
pub mod server;
pub mod stub;
