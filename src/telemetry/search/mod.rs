//! The search syntax of spans and logs: a subset of Datadog's, evaluated exactly.
//!
//! | written | found |
//! |---|---|
//! | `word`, `"some words"` | in the message or the span's texts, complete words, in any case |
//! | `service:web`, `env:dev` | a reserved attribute or a tag |
//! | `@http.method:GET` | an attribute |
//! | `@http.status_code:[400 TO 499]`, `@duration:>=1s` | numbers; of `@duration` also with a unit |
//! | `@http.url:*example*`, `r?d`, `@error.type:*` | `*` is any text, `?` any one character |
//! | `service:(web OR api)` | one of several values |
//! | `a b`, `a AND b`, `a OR b`, `NOT a`, `-a`, `( )` | `AND` binds tighter than `OR` |
//! | `resource_name:GET\ \/`, `"GET /"` | a backslash or quotes take special characters literally |
//!
//! Source: Datadog, "Log Search Syntax" and "Span Search Syntax". Not spoken: facets over
//! arrays of objects, `CIDR()`, calculated fields, and trace queries that join spans.

mod parse;
mod pattern;
mod query;

pub use pattern::{Pattern, PatternPiece};
pub use query::{Field, NumberRange, Predicate, Query, Searchable, trace_id};

#[cfg(test)]
mod tests;
