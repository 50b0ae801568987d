//! What is wrong with a response.

use crate::lang::{Statement, statements::failure};

/// Why a response cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum BadResponse {
    NotHttp,
    HeadTooLong(HeadLine),
    /// A line that is no header line, and may affect where the response ends.
    OddLine(HeadLine),
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
            BadResponse::HeadTooLong(line) => failure::head_too_long(line.number, &line.name),
            BadResponse::OddLine(line) => failure::odd_line(line.number, &line.name),
            BadResponse::Length => failure::bad_length(),
            BadResponse::Chunking => failure::bad_chunks(),
            BadResponse::Interim => failure::only_announced(),
            BadResponse::Upgrade => failure::switched(),
            BadResponse::BodyTooLong => failure::body_too_long(),
            BadResponse::Http2(reason) => failure::bad_http2(&reason.to_string()),
        }
    }
}

/// A line of a response's head, as errors name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct HeadLine {
    /// Its place in the head, from 1, which is the status line.
    number: u64,
    /// Its beginning, without characters that a terminal would act on.
    name: String,
}

impl HeadLine {
    pub fn new(number: usize, line: &[u8]) -> HeadLine {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let begin = String::from_utf8_lossy(&name[..name.len().min(60)]);
        HeadLine {
            number: number as u64,
            name: begin.chars().filter(|c| !c.is_control()).take(40).collect(),
        }
    }

    /// The line at this place of a head.
    pub fn at(head: &[u8], place: usize) -> HeadLine {
        let before = &head[..place.min(head.len())];
        let begin = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let number = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        HeadLine::new(number, &before[begin..])
    }
}
