//! The sandbox: HTTP over the model.

pub mod store;
