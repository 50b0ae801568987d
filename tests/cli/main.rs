//! The command as a person types it.

mod bad_input;
mod bench;
mod colours;
mod comparing;
#[path = "../support/environment.rs"]
mod environment;
mod faults;
mod headline;
mod interruption;
mod limits;
mod place;
mod record;
mod sandbox;
mod sandbox_killed;
mod view;
