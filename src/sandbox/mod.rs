//! The sandbox: HTTP over the model.

pub mod query;
pub mod store;
