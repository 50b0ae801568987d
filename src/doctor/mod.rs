//! What a run against a real target needs, looked at before it is needed: site and keys, the API
//! and its answers, the clock, the user's `aws` command, the deployed functions, the endpoint.
//!
//! Nothing is changed anywhere, and no request reaches a function. What cannot be looked at is
//! said to be skipped, with the reason; what leaves both possible is `cannot_tell`.

mod account;
mod api;
mod certificate;
mod check;
mod endpoint;
mod function;
mod host;

pub use account::{Account, AccountFindings, account};
pub use api::{Api, api};
pub use check::{Area, Check, Report, SCHEMA, State, Topic};
pub use endpoint::endpoint;
