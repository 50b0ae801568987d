//! The sandbox: HTTP over the model.

pub mod api;
pub mod intake;
pub mod query;
pub mod store;
