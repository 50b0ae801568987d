//! Reading an answer, whatever a server may send: a state machine over bytes, without a socket
//! or a clock. It keeps at most a head; bodies are counted and thrown away.

use http::HeaderMap;

use super::{
    bad_response::BadResponse,
    chunked::ChunkedDecoder,
    head::{AwsHeaders, BodyFraming, HEADER_LIMIT, HeaderFields, Markers, ResponseHead},
};

/// A head may take this many bytes.
pub(in crate::engine) const HEAD_LIMIT: usize = 64 * 1024;
/// A body may have this many bytes. Lambda's answers end at 6 MB, streamed ones at 200 MB
/// (AWS Lambda developer guide, "Lambda quotas").
pub(in crate::engine) const BODY_LIMIT: u64 = 256 * 1024 * 1024;
/// So many interim (1xx) answers may come before the real one.
pub(in crate::engine) const INTERIM_LIMIT: u8 = 16;

/// A whole answer, without its body.
#[derive(Debug, Default)]
pub(in crate::engine) struct ResponseSummary {
    /// The HTTP status.
    pub status: u16,
    /// Bytes of the body, framing left out.
    pub bytes: u64,
    /// Whether the connection can carry another request.
    pub keep_alive: bool,
    /// Whether it said `Retry-After`.
    pub retry_after: bool,
    /// Where a redirect leads to, as its `Location` says.
    pub location: Option<Box<str>>,
    /// What it says of the environment that served.
    pub markers: Option<Box<Markers>>,
    /// What AWS says of it.
    pub aws: Option<Box<AwsHeaders>>,
}

impl ResponseSummary {
    /// An answer of HTTP/2, its body still to come, from its status and header fields; and how
    /// long that body is to be, where they say so.
    pub fn of_fields(
        status: u16,
        fields: &HeaderMap,
    ) -> Result<(ResponseSummary, Option<u64>), BadResponse> {
        if fields.len() > HEADER_LIMIT {
            return Err(BadResponse::HeadTooLong);
        }
        let fields = fields.iter();
        let found =
            HeaderFields::of(fields.map(|(name, value)| (name.as_str(), value.as_bytes())))?;
        let answer = ResponseSummary {
            status,
            bytes: 0,
            keep_alive: true,
            retry_after: found.retry_after,
            location: found.location,
            markers: found.markers,
            aws: found.aws,
        };
        Ok((answer, found.length))
    }
}

/// What some bytes led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum ParseStatus {
    /// The answer goes on.
    More,
    /// The answer is whole.
    Whole {
        /// Whether bytes came after its end, which nobody asked for.
        leftover: bool,
    },
}

/// How an answer ended when its connection did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum CloseStatus {
    /// Its end is the connection's end: it is whole.
    Whole,
    /// It had a head, and its body ended early.
    InBody,
    /// There was no whole head.
    InHead,
}

/// Reads one answer.
#[derive(Debug)]
pub(in crate::engine) struct ResponseParser {
    asked_head: bool,
    interim: u8,
    /// The part of a head that came in an earlier read.
    held: Vec<u8>,
    state: ParserState,
    answer: ResponseSummary,
}

#[derive(Debug)]
enum ParserState {
    Head,
    Length { left: u64 },
    Chunked(ChunkedDecoder),
    UntilClose,
    Whole,
}

impl ResponseParser {
    /// For the answer to one request; `asked_head` when its method was HEAD.
    pub fn new(asked_head: bool) -> ResponseParser {
        ResponseParser {
            asked_head,
            interim: 0,
            held: Vec::new(),
            state: ParserState::Head,
            answer: ResponseSummary::default(),
        }
    }

    /// Whether nothing of the final answer has come yet.
    pub fn is_fresh(&self) -> bool {
        matches!(self.state, ParserState::Head) && self.held.is_empty()
    }

    /// The answer so far: with its status once its head is there, whole after [`ParseStatus::Whole`].
    pub fn answer(&self) -> &ResponseSummary {
        &self.answer
    }

    /// The answer, taken out.
    pub fn into_answer(self) -> ResponseSummary {
        self.answer
    }

    /// Reads on.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<ParseStatus, BadResponse> {
        if matches!(self.state, ParserState::Head) {
            let held = std::mem::take(&mut self.held);
            if held.is_empty() {
                bytes = match self.feed_head(bytes, true)? {
                    Some(used) => bytes.get(used..).unwrap_or_default(),
                    None => return Ok(ParseStatus::More),
                };
            } else {
                return self.feed_held(held, bytes);
            }
        }
        self.feed_body(bytes)
    }

    /// A head that comes in parts is put together first.
    fn feed_held(&mut self, mut held: Vec<u8>, bytes: &[u8]) -> Result<ParseStatus, BadResponse> {
        held.extend_from_slice(bytes);
        // A head changes its meaning at line ends only: a server that sends it byte by byte
        // must not make us read it all again for each of them.
        let worth_reading = bytes.contains(&b'\n') || held.len() < 16;
        match self.feed_head(&held, worth_reading)? {
            Some(used) => self.feed_body(held.get(used..).unwrap_or_default()),
            None => Ok(ParseStatus::More),
        }
    }

    /// Reads heads, interim ones too, from `bytes`; how many of them, or None when the final
    /// head is not whole, and then its part is held.
    fn feed_head(
        &mut self,
        bytes: &[u8],
        worth_reading: bool,
    ) -> Result<Option<usize>, BadResponse> {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let head = match worth_reading && !rest.is_empty() {
                true => ResponseHead::parse(rest, self.asked_head)?,
                false => None,
            };
            let Some(head) = head else {
                if rest.len() > HEAD_LIMIT {
                    return Err(BadResponse::HeadTooLong);
                }
                self.held = rest.to_vec();
                return Ok(None);
            };
            if head.length > HEAD_LIMIT {
                return Err(BadResponse::HeadTooLong);
            }
            used += head.length;
            match head.status {
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
        self.answer = ResponseSummary {
            status: head.status,
            bytes: 0,
            keep_alive: head.keep_alive,
            retry_after: head.retry_after,
            location: head.location,
            markers: head.markers,
            aws: head.aws,
        };
    }

    fn feed_body(&mut self, bytes: &[u8]) -> Result<ParseStatus, BadResponse> {
        let (used, data, whole) = match &mut self.state {
            ParserState::Length { left } => {
                let here = (*left).min(bytes.len() as u64);
                *left -= here;
                (here as usize, here, *left == 0)
            }
            ParserState::Chunked(chunks) => {
                let taken = chunks.feed(bytes)?;
                (taken.used, taken.data, taken.done)
            }
            ParserState::UntilClose => (bytes.len(), bytes.len() as u64, false),
            ParserState::Head | ParserState::Whole => (0, 0, true),
        };
        self.answer.bytes += data;
        if self.answer.bytes > BODY_LIMIT {
            return Err(BadResponse::BodyTooLong);
        }
        if !whole {
            return Ok(ParseStatus::More);
        }
        self.state = ParserState::Whole;
        let leftover = used < bytes.len();
        self.answer.keep_alive &= !leftover;
        Ok(ParseStatus::Whole { leftover })
    }

    /// The connection has ended.
    pub fn close(&self) -> CloseStatus {
        match self.state {
            ParserState::UntilClose | ParserState::Whole => CloseStatus::Whole,
            ParserState::Head => CloseStatus::InHead,
            ParserState::Length { .. } | ParserState::Chunked(_) => CloseStatus::InBody,
        }
    }
}
