//! Asking Datadog's API, against a stub that plays scripted answers.

mod api;
mod bad_input;
mod command;
mod doctor;
mod init;
mod recorded;
mod reports;
mod run;
#[path = "../support/mod.rs"]
mod support;
mod traces;
