//! Asking Datadog's API, against a stub that plays scripted answers.

mod api;
mod bad_input;
mod command;
mod doctor;
#[path = "../support/environment.rs"]
mod environment;
mod init;
mod reports;
mod run;
mod stub;
mod traces;
