//! Asking Datadog's API, against a stub that plays scripted answers.

mod api;
mod command;
mod reports;
mod run;
mod stub;
mod traces;
