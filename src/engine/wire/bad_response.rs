//! What is wrong with a response.

use crate::{
    lang::Text,
    sample::reason::{
        BAD_CHUNKS, BAD_HTTP2, BAD_LENGTH, BODY_TOO_LONG, HEAD_TOO_LONG, NOT_HTTP, ONLY_ANNOUNCED,
        SWITCHED,
    },
};

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
    /// The sentence for it, and the value that goes into the sentence.
    pub fn sentence(self) -> (Text, String) {
        let text = match self {
            BadResponse::NotHttp => NOT_HTTP,
            BadResponse::HeadTooLong => HEAD_TOO_LONG,
            BadResponse::Length => BAD_LENGTH,
            BadResponse::Chunking => BAD_CHUNKS,
            BadResponse::Interim => ONLY_ANNOUNCED,
            BadResponse::Upgrade => SWITCHED,
            BadResponse::BodyTooLong => BODY_TOO_LONG,
            BadResponse::Http2(reason) => return (BAD_HTTP2, reason.to_string()),
        };
        (text, String::new())
    }
}
