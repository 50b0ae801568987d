//! HTTP/1.1 on a connection: writing requests, parsing responses, timestamps taken at the socket.
//!
//! A general client hands requests to a connection task and gets responses back from it. That costs
//! a wake-up per request and hides when the first byte was sent or received. Here one task writes
//! and reads; a response's body is counted, never kept. Requests and responses have the same types
//! for HTTP/2 (`engine::http2`).

mod bad_response;
mod chunked;
mod exchange;
mod head;
mod lenient;
mod request;
mod response;

pub use request::RequestError;

pub(super) use bad_response::BadResponse;
pub(super) use exchange::{
    ExchangeContext, ExchangeError, Http1Exchange, ScratchBuffers, Timestamps, poll_unusable,
};
pub(super) use head::{AwsHeaders, Markers, ResponseSummary};
pub(super) use request::{RequestTemplate, TemplateParts, VaryingFields};
pub(super) use response::{BODY_LIMIT, HEAD_LIMIT, INTERIM_LIMIT, ParseStatus, ResponseParser};

#[cfg(test)]
mod tests;
