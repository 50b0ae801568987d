//! What is wrong with a response.

use crate::lang::{Statement, statements::failure};

/// Why a response cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum BadResponse {
    NotHttp,
    HeadTooLong,
    Length,
    Chunking,
    /// More interim responses than [`super::INTERIM_LIMIT`].
    Interim,
    Upgrade,
    BodyTooLong,
    Http2(h2::Reason),
}

impl BadResponse {
    /// What is wrong, for people.
    pub fn statement(self) -> Statement {
        match self {
            BadResponse::NotHttp => failure::not_http(),
            BadResponse::HeadTooLong => failure::head_too_long(),
            BadResponse::Length => failure::bad_length(),
            BadResponse::Chunking => failure::bad_chunks(),
            BadResponse::Interim => failure::only_announced(),
            BadResponse::Upgrade => failure::switched(),
            BadResponse::BodyTooLong => failure::body_too_long(),
            BadResponse::Http2(reason) => failure::bad_http2(&reason.to_string()),
        }
    }
}
