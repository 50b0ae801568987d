//! A client of Datadog's API: sites, keys, metric queries, span search, links, trace ids.
//!
//! The same code talks to Datadog and to the sandbox; only the base address differs.

mod access;
mod client;
mod columns;
mod error;
mod grouped;
mod keys;
mod links;
mod logs;
mod metrics;
mod monitors;
mod request;
mod scope;
mod series;
mod site;
mod skew;
mod spans;
mod time;
mod trace_id;
mod words;

pub use client::Client;
pub use error::{ApiError, ApiRefusal};
pub use grouped::Grouped;
pub use keys::Keys;
pub use links::Links;
pub use logs::FoundLog;
pub use metrics::Question;
pub use monitors::{FoundMonitor, NewEvent};
pub use scope::Scope;
pub use series::Series;
pub use site::Site;
pub use skew::{Skew, skew};
pub use spans::{FoundSpan, FoundSpans};
pub use time::{Sleep, Time, WallTime};
pub use trace_id::TraceId;
