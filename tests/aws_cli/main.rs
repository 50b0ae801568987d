//! `loadgen aws` against an `aws` command that plays each case.

mod breaking;
mod cooling;
mod deploying;
mod doctor;
mod dry_run;
#[path = "../support/environment.rs"]
mod environment;
mod failures;
mod own;
mod running;
mod server;
mod stage;
