//! Asking Datadog's API, against a stub that plays scripted answers.

mod api;
mod run;
mod stub;
