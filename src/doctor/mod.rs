//! Checks what a run against a real target needs: site and keys, the API and its answers, the clock,
//! the user's `aws` command, the deployed functions, the endpoint.
//!
//! Nothing is changed, and no request reaches a function. A check that cannot be made is skipped, with
//! the reason; a check without a clear result is `cannot_tell`.

mod account;
mod api;
mod check;
mod endpoint;
mod function;
mod host;
mod title;
mod words;

pub use account::{Account, AccountFindings, account};
pub use api::{Api, api};
pub use check::{Area, Check, Report, SCHEMA, Sentence, State, Topic};
pub use endpoint::endpoint;
