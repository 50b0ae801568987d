//! A scenario's traffic, ready to be sent.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use rand::RngExt;
use serde_json::Value;

use super::{
    FlowCursor, KeptAnswer, Miss, SignedIn, WantedParts,
    answer::AnswerReading,
    piece::{Piece, ValueSource, made, random},
};
use crate::{
    lang::Statement,
    scenario::{Feed, FeedOrder, Flow, FlowStep},
};

/// A scenario's traffic, ready to be sent, with its secrets filled in. It is never logged, stored or
/// shown.
pub struct FlowScript {
    pub(super) seed: u64,
    /// The requests; that of the sign-in last.
    pub(super) requests: Vec<ScriptRequest>,
    pub(super) flows: Vec<Flow>,
    pub(super) feeds: Vec<Feed>,
    pub(super) auth: Option<ScriptAuth>,
    /// How many values are captured, of all requests.
    pub(super) slots: usize,
}

/// The sign-in of a script.
pub(super) struct ScriptAuth {
    pub lifetime: Option<Duration>,
    pub per_row: Option<usize>,
    pub tokens: usize,
}

/// One request of a script.
pub struct ScriptRequest {
    /// Its name.
    pub name: String,
    /// The method.
    pub method: String,
    /// The headers that are always the same.
    pub headers: Vec<(String, String)>,
    /// The names of those that differ.
    pub varying: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// The statuses that count as success; empty: those of 2xx.
    pub expected_status: Vec<u16>,
    /// Which of the run's functions answers it.
    pub function: u32,
    /// Whether it uses the sign-in.
    pub uses_auth: bool,
    /// What is kept of its answers.
    pub wanted: WantedParts,
    pub(super) path: Vec<Piece>,
    pub(super) lines: Vec<Piece>,
    pub(super) body: Vec<Piece>,
    pub(super) reading: AnswerReading,
}

impl ScriptRequest {
    /// Whether it is always the same, but for cookies.
    fn is_fixed(&self) -> bool {
        let fixed = |pieces: &[Piece]| pieces.iter().all(|it| matches!(it, Piece::Text(_)));
        fixed(&self.path) && fixed(&self.lines) && fixed(&self.body)
    }
}

/// What of a request differs, as bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RenderedRequest {
    /// Path and query.
    pub path: String,
    /// Header lines, each with its CRLF.
    pub lines: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

impl FlowScript {
    /// The requests, in the order of the scenario; that of the sign-in, if there is one, last.
    pub fn requests(&self) -> &[ScriptRequest] {
        &self.requests
    }

    /// The place of the request that signs in.
    pub fn sign_in(&self) -> Option<usize> {
        self.auth
            .as_ref()
            .and_then(|_| self.requests.len().checked_sub(1))
    }

    /// The beginning of a flow.
    pub fn begin(&self, flow: u32) -> FlowCursor {
        let of = self.flows.get(flow as usize);
        FlowCursor {
            flow,
            captured: vec![Value::Null; self.slots],
            cookies: of.filter(|of| of.cookies).map(|_| BTreeMap::new()),
            ..FlowCursor::default()
        }
    }

    /// A step of a flow.
    pub fn step(&self, flow: u32, step: usize) -> Option<FlowStep> {
        self.flows.get(flow as usize)?.steps.get(step).copied()
    }

    /// For what the sign-in of this arrival is made: a row, or 0 for the run.
    pub fn signs_in_for(&self, index: u64) -> u64 {
        let feed = self.auth.as_ref().and_then(|auth| auth.per_row);
        feed.map_or(0, |feed| self.row(feed, index) as u64)
    }

    /// Whether each row has a sign-in of its own.
    pub fn signs_in_each_row(&self) -> bool {
        self.auth
            .as_ref()
            .is_some_and(|auth| auth.per_row.is_some())
    }

    /// The row of a feed that an arrival gets, by its ordinal.
    fn row(&self, feed: usize, index: u64) -> usize {
        let Some(of) = self.feeds.get(feed) else {
            return 0;
        };
        let rows = of.rows.len().max(1) as u64;
        let row = match of.order {
            FeedOrder::Next | FeedOrder::Once => index % rows,
            FeedOrder::Random => {
                random(self.seed, index, u32::MAX, feed as u64).random_range(0..rows)
            }
        };
        row as usize
    }

    /// Whether a request is all of its flow, always the same, and nothing wants its answer.
    pub fn stands_alone(&self, flow: u32, request: usize) -> bool {
        let flow = self.flows.get(flow as usize);
        let is_all = flow.is_some_and(|flow| flow.steps.len() == 1 && !flow.cookies);
        let of = self.requests.get(request).filter(|_| is_all);
        of.is_some_and(|of| of.is_fixed() && !of.uses_auth && of.reading.is_empty())
    }

    /// What differs of a request; None where nothing does.
    pub fn render(
        &self,
        request: usize,
        index: u64,
        cursor: &FlowCursor,
    ) -> Option<RenderedRequest> {
        let of = self.requests.get(request)?;
        let is_same = of.is_fixed() && cursor.cookie_line().is_empty();
        (!is_same).then(|| self.written(of, index, cursor))
    }

    /// What follows where the answer to a sign-in redirects: the address, and the request with the
    /// cookies that the answer set.
    pub fn redirected<'a>(
        &self,
        index: u64,
        cursor: &mut FlowCursor,
        answer: &'a KeptAnswer,
    ) -> Option<(&'a str, RenderedRequest)> {
        let location = str::from_utf8(answer.header("location").next()?).ok()?;
        cursor.cookies.get_or_insert_default();
        cursor.take_cookies(answer);
        let of = self.requests.get(self.sign_in()?)?;
        Some((location, self.written(of, index, cursor)))
    }

    /// A request that is always the same; None where it differs.
    pub fn fixed(&self, request: usize) -> Option<RenderedRequest> {
        let of = self.requests.get(request).filter(|of| of.is_fixed())?;
        Some(self.written(of, 0, &FlowCursor::default()))
    }

    fn written(&self, of: &ScriptRequest, index: u64, cursor: &FlowCursor) -> RenderedRequest {
        let write = |pieces: &[Piece]| {
            // Most have no body, and an empty buffer takes no memory.
            let mut out = Vec::with_capacity(if pieces.is_empty() { 0 } else { 128 });
            for piece in pieces {
                self.write(piece, index, cursor, &mut out);
            }
            out
        };
        let mut lines = write(&of.lines);
        let cookies = cursor.cookie_line();
        if !cookies.is_empty() {
            lines.extend_from_slice(format!("cookie: {cookies}\r\n").as_bytes());
        }
        RenderedRequest {
            path: String::from_utf8(write(&of.path)).unwrap_or_default(),
            lines,
            body: write(&of.body),
        }
    }

    fn write(&self, piece: &Piece, index: u64, cursor: &FlowCursor, out: &mut Vec<u8>) {
        let (source, number, escape) = match piece {
            Piece::Text(text) => return out.extend_from_slice(text),
            Piece::Value {
                source,
                number,
                escape,
            } => (source, *number, *escape),
        };
        let value = match *source {
            ValueSource::Captured(slot) => cursor.captured.get(slot),
            ValueSource::Token(slot) => cursor
                .signed_in
                .as_ref()
                .and_then(|signed_in| signed_in.values.get(slot)),
            ValueSource::Column { feed, column } => {
                let row = self.row(feed, index);
                self.feeds
                    .get(feed)
                    .map(|feed| feed.rows.value(row, column))
            }
            _ => return made(source, self.seed, (index, cursor.turn), escape, out),
        };
        escape.value(value.unwrap_or(&Value::Null), number, out);
    }

    /// Reads an answer that ended well.
    ///
    /// # Errors
    /// What it lacks.
    pub fn read(
        &self,
        request: usize,
        cursor: &mut FlowCursor,
        answer: &KeptAnswer,
    ) -> Result<(), Miss> {
        let Some(of) = self.requests.get(request) else {
            return Ok(());
        };
        cursor.take_cookies(answer);
        let captured = &mut cursor.captured;
        of.reading.read(&of.name, answer, |slot, value| {
            if let Some(place) = captured.get_mut(slot) {
                *place = value;
            }
        })
    }

    /// Whether later requests need something of the answer to this one.
    pub fn captures(&self, request: usize) -> bool {
        let of = self.requests.get(request);
        of.is_some_and(|of| !of.reading.captures.is_empty())
    }

    /// What the answer to a sign-in gives.
    ///
    /// # Errors
    /// What it lacks.
    pub fn signed_in(
        &self,
        answer: &KeptAnswer,
        now: SystemTime,
    ) -> Result<Arc<SignedIn>, Statement> {
        let (Some(auth), Some(of)) = (&self.auth, self.requests.last()) else {
            return Ok(Arc::new(SignedIn::new(Vec::new(), None, None, now)));
        };
        let mut values = vec![Value::Null; auth.tokens];
        let read = of.reading.read(&of.name, answer, |slot, value| {
            if let Some(place) = values.get_mut(slot) {
                *place = value;
            }
        });
        read.map_err(|(Miss::Expected(why) | Miss::Capture(why))| why)?;
        Ok(Arc::new(SignedIn::new(
            values,
            auth.lifetime,
            answer.json(),
            now,
        )))
    }
}
