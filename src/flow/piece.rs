//! The pieces of a request that differs: text as it is, and values with how they are written.

use std::{io::Write, time::SystemTime};

use jiff::Timestamp;
use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::Value;
use uuid::Builder;

use crate::units::percent_encoded;

/// A part of a path, a header or a body.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(Vec<u8>),
    Value {
        source: ValueSource,
        number: bool,
        escape: Escape,
    },
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(super) enum ValueSource {
    /// A capture, by its place among all.
    Captured(usize),
    /// A capture of the sign-in.
    Token(usize),
    Column {
        feed: usize,
        column: usize,
    },
    /// Random values have an ordinal each, so that no two of a request are the same.
    Uuid(u64),
    Random(u64, i64, i64),
    Now,
    NowUnix,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// As it is.
    Plain,
    /// Percent-encoded, in a path or a form.
    Percent,
    /// Within a JSON string.
    JsonText,
    /// As a JSON value of its own.
    Json,
}

impl Escape {
    /// Appends a text.
    pub fn text(self, text: &str, out: &mut Vec<u8>) {
        match self {
            Escape::Plain => out.extend_from_slice(text.as_bytes()),
            Escape::Percent => out.extend_from_slice(percent_encoded(text).as_bytes()),
            Escape::JsonText => {
                let quoted = Value::from(text).to_string();
                let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
                out.extend_from_slice(inner.as_bytes());
            }
            // Writing to a Vec cannot fail.
            Escape::Json => drop(write!(out, "{}", Value::from(text))),
        }
    }

    /// Appends a value: a text as it is within others, anything else as JSON has it.
    pub fn value(self, value: &Value, number: bool, out: &mut Vec<u8>) {
        match (value, self) {
            (Value::String(text), Escape::Json) if number => {
                let number: Option<serde_json::Number> = serde_json::from_str(text.trim()).ok();
                let number =
                    number.or_else(|| serde_json::Number::from_f64(text.trim().parse().ok()?));
                match number {
                    Some(number) => drop(write!(out, "{number}")),
                    None => self.text(text, out),
                }
            }
            (Value::String(text), _) => self.text(text, out),
            (value, Escape::Json) => drop(write!(out, "{value}")),
            (value, _) => self.text(&value.to_string(), out),
        }
    }
}

/// Numbers that follow from the seed, the arrival, the request's place in its flow and the value's
/// ordinal, and from nothing else.
pub(super) fn random(seed: u64, index: u64, turn: u32, ordinal: u64) -> Xoshiro256PlusPlus {
    let key = [index, u64::from(turn), ordinal]
        .into_iter()
        .fold(seed, |key, part| {
            (key ^ part)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(31)
        });
    Xoshiro256PlusPlus::seed_from_u64(key)
}

/// Appends a value that no feed and no answer has.
pub(super) fn made(
    source: &ValueSource,
    seed: u64,
    (index, turn): (u64, u32),
    escape: Escape,
    out: &mut Vec<u8>,
) {
    match *source {
        ValueSource::Uuid(ordinal) => {
            let mut bytes = [0; 16];
            random(seed, index, turn, ordinal).fill_bytes(&mut bytes);
            escape.text(
                &Builder::from_random_bytes(bytes).into_uuid().to_string(),
                out,
            );
        }
        ValueSource::Random(ordinal, least, most) => {
            let drawn = random(seed, index, turn, ordinal).random_range(least..=most);
            escape.value(&drawn.into(), false, out);
        }
        ValueSource::Now => escape.text(&now().to_string(), out),
        ValueSource::NowUnix => escape.value(&now().as_second().into(), false, out),
        ValueSource::Captured(_) | ValueSource::Token(_) | ValueSource::Column { .. } => {}
    }
}

fn now() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or_default()
}
