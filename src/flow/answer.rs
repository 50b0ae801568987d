//! What is read of an answer: captures and expectations.

use regex::bytes::Regex;
use serde_json::Value;
use serde_json_path::JsonPath;

use crate::{
    lang::{Statement, statements::failure},
    scenario::{Capture, CaptureSource, is_unfit_for_header, json_path, one_group},
};

/// So much of a body is kept where something wants it, in bytes: 1 MiB.
pub const LARGEST_KEPT: usize = 1024 * 1024;

/// Which parts of an answer are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WantedParts {
    /// Its header lines.
    pub headers: bool,
    /// Its body, up to [`LARGEST_KEPT`].
    pub body: bool,
}

impl WantedParts {
    /// Whether anything is.
    pub fn any(self) -> bool {
        self.headers || self.body
    }
}

/// The parts of an answer that were wanted.
#[derive(Debug, Default)]
pub struct KeptAnswer {
    /// Header names and values.
    pub headers: Vec<(Box<str>, Box<[u8]>)>,
    /// The body, or its beginning.
    pub body: Vec<u8>,
    /// Whether the body was larger than [`LARGEST_KEPT`].
    pub is_cut: bool,
}

impl KeptAnswer {
    /// Keeps the next bytes of the body, as far as there is room.
    pub fn keep(&mut self, bytes: &[u8]) {
        let room = LARGEST_KEPT.saturating_sub(self.body.len());
        self.is_cut |= bytes.len() > room;
        self.body.extend(bytes.iter().take(room));
    }

    /// The values of the headers of this name.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = self
            .headers
            .iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_ref())
    }

    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// What an answer lacks. It says what was looked for, and never what was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Miss {
    /// It is not as `expect.json` says.
    Expected(Statement),
    /// Something that later requests need is not in it.
    Capture(Statement),
}

/// What is read of the answers to one request.
#[derive(Debug, Default)]
pub(super) struct AnswerReading {
    pub expected: Vec<(String, JsonPath, Value)>,
    pub captures: Vec<Captured>,
}

/// A capture, and where its value goes.
#[derive(Debug)]
pub(super) struct Captured {
    pub capture: Capture,
    extract: Extract,
    /// The place among all captures.
    pub slot: usize,
    /// Whether a header of a later request has it.
    pub in_header: bool,
}

#[derive(Debug)]
enum Extract {
    Json(JsonPath),
    Header,
    Group(Regex),
}

impl Captured {
    /// None where the scenario's reader lets a capture through that is none.
    pub fn new(capture: &Capture, slot: usize, in_header: bool) -> Option<Captured> {
        let extract = match &capture.source {
            CaptureSource::Json(path) => Extract::Json(json_path(path).ok()?),
            CaptureSource::Header(_) => Extract::Header,
            CaptureSource::Regex(pattern) => Extract::Group(one_group(pattern).ok()?),
        };
        Some(Captured {
            capture: capture.clone(),
            extract,
            slot,
            in_header,
        })
    }

    fn value(&self, answer: &KeptAnswer, json: Option<&Value>) -> Option<Value> {
        let text = |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes));
        match (&self.extract, &self.capture.source) {
            (Extract::Json(path), _) => path.query(json?).first().cloned(),
            (Extract::Group(regex), _) => {
                Some(text(regex.captures(&answer.body)?.get(1)?.as_bytes()))
            }
            (Extract::Header, CaptureSource::Header(name)) => answer.header(name).next().map(text),
            (Extract::Header, _) => None,
        }
    }
}

impl AnswerReading {
    /// Whether it needs nothing.
    pub fn is_empty(&self) -> bool {
        self.expected.is_empty() && self.captures.is_empty()
    }

    /// What of an answer it needs.
    pub fn wanted(&self) -> WantedParts {
        let of_header = |one: &Captured| matches!(one.extract, Extract::Header);
        WantedParts {
            headers: self.captures.iter().any(of_header),
            body: !self.expected.is_empty() || !self.captures.iter().all(of_header),
        }
    }

    /// Reads an answer to the request of this name, and gives each value with its place.
    ///
    /// # Errors
    /// The first thing that it lacks.
    pub fn read(
        &self,
        request: &str,
        answer: &KeptAnswer,
        mut keep: impl FnMut(usize, Value),
    ) -> Result<(), Miss> {
        let of_json = |one: &Captured| matches!(one.extract, Extract::Json(_));
        let wants_json = !self.expected.is_empty() || self.captures.iter().any(of_json);
        let json = answer.json().filter(|_| wants_json);
        let why = |found: Statement| match (answer.is_cut, wants_json && json.is_none()) {
            (true, _) => failure::answer_too_large(request, LARGEST_KEPT as u64 >> 20),
            (false, true) => failure::answer_no_json(request),
            (false, false) => found,
        };
        for (written, path, expected) in &self.expected {
            let found = json.as_ref().and_then(|json| path.query(json).first());
            if found.is_none_or(|found| !same(found, expected)) {
                return Err(Miss::Expected(why(failure::not_as_expected(
                    request, written,
                ))));
            }
        }
        for one in &self.captures {
            let value = one.value(answer, json.as_ref());
            let unfit = |value: &Value| {
                one.in_header
                    && value
                        .as_str()
                        .is_some_and(|it| it.contains(is_unfit_for_header))
            };
            let sought = one.capture.source.to_string();
            match value {
                Some(value) if unfit(&value) => {
                    return Err(Miss::Capture(failure::captured_unfit(request, &sought)));
                }
                Some(value) => keep(one.slot, value),
                None => return Err(Miss::Capture(why(failure::not_captured(request, &sought)))),
            }
        }
        Ok(())
    }
}

/// Whether a value is what was expected: 1 is 1.0.
fn same(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => found == expected,
        _ => found == expected,
    }
}
