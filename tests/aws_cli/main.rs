//! `loadgen aws` against an `aws` command that plays each case.

mod breaking;
mod cooling;
mod deploying;
mod doctor;
mod dry_run;
mod failures;
mod own;
mod running;
mod stage;
#[path = "../support/mod.rs"]
mod support;
