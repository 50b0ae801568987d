//! What was measured, kept and asked: the store of telemetry, the search syntax, and metric queries.
//!
//! - [`store`] keeps metric points, spans, logs and deployments in one SQLite file.
//! - [`search`] reads Datadog's search syntax.
//! - [`query`] reads metric queries and formulas, and evaluates them over a store.

mod problem;
pub mod query;
mod scanner;
pub mod search;
pub mod store;

pub use scanner::QuerySyntaxError;
