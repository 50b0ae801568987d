//! The catalogue of Datadog's Insights.

mod id;

pub use id::{Id, UnknownInsight};
