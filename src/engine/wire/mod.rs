//! HTTP/1.1 on a connection: requests written, answers read, every time stamped at the socket.
//!
//! A general client hands requests to a connection task and answers back, which costs a wake-up
//! per request and hides when the first byte left or arrived. Here one task writes and reads;
//! an answer's body is counted, never kept. What a request holds and what is kept of an answer is
//! the same for HTTP/2, which [`super::http2`] speaks.

mod bad_response;
mod chunked;
mod exchange;
mod head;
mod request;
mod response;

pub use request::RequestError;

pub(super) use bad_response::BadResponse;
pub(super) use exchange::{ExchangeError, Http1Exchange, ScratchBuffers, Timestamps, poll_spent};
pub(super) use head::{AwsHeaders, Markers};
pub(super) use request::{RequestTemplate, TemplateParts, VaryingFields};
pub(super) use response::{
    BODY_LIMIT, HEAD_LIMIT, INTERIM_LIMIT, ParseStatus, ResponseParser, ResponseSummary,
};

#[cfg(test)]
mod tests;
