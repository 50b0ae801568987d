//! The command as a person types it.

mod bad_input;
mod bench;
mod colours;
mod comparing;
mod faults;
mod foreign;
mod headline;
mod importing;
mod interruption;
mod invoke_api;
mod korean;
mod limits;
mod many;
mod paired;
mod place;
mod planted;
mod record;
mod sandbox;
mod sandbox_killed;
mod screen;
mod shards;
#[path = "../support/mod.rs"]
mod support;
mod view;
mod watch;
