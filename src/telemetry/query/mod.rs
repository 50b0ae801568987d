//! The query languages of Datadog's API, as far as the sandbox speaks them, and their
//! evaluation over a store.
//!
//! Parsers take any text and never panic; what they do not speak they refuse with a reason.

pub mod aggregate;
pub mod evaluate;
pub mod events;
pub mod expression;
pub mod metric;
pub mod rollup;
pub mod time;
