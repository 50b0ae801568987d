//! Parsing responses, whatever a server may send: a state machine over bytes, without a socket or a
//! clock. It keeps at most a head; bodies are counted and discarded.

use super::{
    bad_response::{BadResponse, HeadLine},
    chunked::ChunkedDecoder,
    head::{BodyFraming, ResponseHead, ResponseSummary},
};
use crate::flow::WantedParts;

/// The most bytes that a head may have.
pub(in crate::engine) const HEAD_LIMIT: usize = 256 * 1024;
/// The most bytes that a body may have. Lambda's responses end at 6 MB, streamed ones at 200 MB
/// (AWS Lambda developer guide, "Lambda quotas").
pub(in crate::engine) const BODY_LIMIT: u64 = 256 * 1024 * 1024;
/// How many interim (1xx) responses may come before the final one.
pub(in crate::engine) const INTERIM_LIMIT: u8 = 16;

/// How far a response is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum ParseStatus {
    /// More bytes are needed.
    Partial,
    /// The response is complete.
    Complete,
}

/// How far a response was parsed when its connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum CloseStatus {
    /// To its end, which may be the connection's end.
    Complete,
    /// Not to the end of its body.
    InBody,
    /// Not to the end of its head.
    InHead,
}

/// Parses one response.
#[derive(Debug)]
pub(in crate::engine) struct ResponseParser {
    asked_head: bool,
    wanted: WantedParts,
    interim: u8,
    /// The part of a head that came in earlier reads.
    held: Vec<u8>,
    state: ParserState,
    response: ResponseSummary,
}

#[derive(Debug)]
enum ParserState {
    Head,
    Length { left: u64 },
    Chunked(ChunkedDecoder),
    UntilClose,
    Complete,
}

impl ResponseParser {
    /// For the response to one request; `asked_head` if its method was HEAD.
    pub fn new(asked_head: bool) -> ResponseParser {
        ResponseParser {
            asked_head,
            wanted: WantedParts::default(),
            interim: 0,
            held: Vec::new(),
            state: ParserState::Head,
            response: ResponseSummary::default(),
        }
    }

    /// The same, which keeps these parts of the response.
    pub fn keeping(self, wanted: WantedParts) -> ResponseParser {
        ResponseParser { wanted, ..self }
    }

    /// Whether no byte of the final response has come yet.
    pub fn is_fresh(&self) -> bool {
        matches!(self.state, ParserState::Head) && self.held.is_empty()
    }

    /// The response so far. It has a status after the end of its head.
    pub fn response(&self) -> &ResponseSummary {
        &self.response
    }

    pub fn into_response(self) -> ResponseSummary {
        self.response
    }

    /// Parses the next bytes.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<ParseStatus, BadResponse> {
        if matches!(self.state, ParserState::Head) {
            let held = std::mem::take(&mut self.held);
            if held.is_empty() {
                bytes = match self.feed_head(bytes, true)? {
                    Some(used) => bytes.get(used..).unwrap_or_default(),
                    None => return Ok(ParseStatus::Partial),
                };
            } else {
                return self.feed_held(held, bytes);
            }
        }
        self.feed_body(bytes)
    }

    /// Parses a head that comes in parts.
    fn feed_held(&mut self, mut held: Vec<u8>, bytes: &[u8]) -> Result<ParseStatus, BadResponse> {
        held.extend_from_slice(bytes);
        // Only a line end can complete a head: a server that sends it byte by byte must not make us
        // parse all of it again for each byte.
        let may_be_complete = bytes.contains(&b'\n') || held.len() < 16;
        match self.feed_head(&held, may_be_complete)? {
            Some(used) => self.feed_body(held.get(used..).unwrap_or_default()),
            None => Ok(ParseStatus::Partial),
        }
    }

    /// Parses heads, also interim ones, and returns how many bytes they took; None if the final
    /// head is not complete, and then its part is held.
    fn feed_head(
        &mut self,
        bytes: &[u8],
        may_be_complete: bool,
    ) -> Result<Option<usize>, BadResponse> {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let head = match may_be_complete && !rest.is_empty() {
                true => ResponseHead::parse(rest, self.asked_head, self.wanted)?,
                false => None,
            };
            let Some(head) = head else {
                if rest.len() > HEAD_LIMIT {
                    return Err(too_long(rest));
                }
                self.held = rest.to_vec();
                return Ok(None);
            };
            if head.length > HEAD_LIMIT {
                return Err(too_long(rest));
            }
            used += head.length;
            match head.response.status {
                101 => return Err(BadResponse::Upgrade),
                100..200 => {
                    self.interim += 1;
                    if self.interim > INTERIM_LIMIT {
                        return Err(BadResponse::Interim);
                    }
                }
                _ => {
                    self.begin_body(head);
                    return Ok(Some(used));
                }
            }
        }
    }

    fn begin_body(&mut self, head: ResponseHead) {
        self.state = match head.framing {
            BodyFraming::Length(left) => ParserState::Length { left },
            BodyFraming::Chunked => ParserState::Chunked(ChunkedDecoder::new()),
            BodyFraming::UntilClose => ParserState::UntilClose,
        };
        self.response = head.response;
    }

    fn feed_body(&mut self, bytes: &[u8]) -> Result<ParseStatus, BadResponse> {
        let response = &mut self.response;
        let (used, is_complete) = match &mut self.state {
            ParserState::Length { left } => {
                let here = (*left).min(bytes.len() as u64);
                response.take_body(bytes.get(..here as usize).unwrap_or_default());
                *left -= here;
                (here as usize, *left == 0)
            }
            ParserState::Chunked(chunks) => chunks.feed(bytes, |data| response.take_body(data))?,
            ParserState::UntilClose => {
                response.take_body(bytes);
                (bytes.len(), false)
            }
            ParserState::Head | ParserState::Complete => (0, true),
        };
        if self.response.bytes > BODY_LIMIT {
            return Err(BadResponse::BodyTooLong);
        }
        if !is_complete {
            return Ok(ParseStatus::Partial);
        }
        self.state = ParserState::Complete;
        // No request asked for bytes after the response's end.
        self.response.keep_alive &= used == bytes.len();
        Ok(ParseStatus::Complete)
    }

    /// How far the response was parsed, given that the connection has ended.
    pub fn close(&self) -> CloseStatus {
        match self.state {
            ParserState::UntilClose | ParserState::Complete => CloseStatus::Complete,
            ParserState::Head => CloseStatus::InHead,
            ParserState::Length { .. } | ParserState::Chunked(_) => CloseStatus::InBody,
        }
    }
}

fn too_long(head: &[u8]) -> BadResponse {
    BadResponse::HeadTooLong(HeadLine::at(head, HEAD_LIMIT))
}
