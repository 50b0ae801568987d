//! Trace ids, in hexadecimal or decimal.

use std::{fmt, str::FromStr};

use super::words;
use crate::lang::Phrase;

/// A trace id of 128 bits; older tracers and some answers have only the low 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId(u128);

impl TraceId {
    /// The id with these bits.
    pub fn new(id: u128) -> TraceId {
        TraceId(id)
    }

    /// All 128 bits.
    pub fn bits(self) -> u128 {
        self.0
    }

    /// The low 64 bits, which every form of the id has: spans are joined by them.
    pub fn low(self) -> u64 {
        self.0 as u64
    }
}

impl FromStr for TraceId {
    type Err = Phrase;

    /// Reads 32 hexadecimal digits, or up to 20 decimal ones.
    fn from_str(text: &str) -> Result<TraceId, Phrase> {
        let id = if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            u128::from_str_radix(text, 16).ok()
        } else if text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse::<u64>().ok().map(u128::from)
        } else {
            None
        };
        id.map(TraceId)
            .ok_or_else(|| words::no_trace_id(&text.chars().take(40).collect::<String>()))
    }
}

impl fmt::Display for TraceId {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_is_read_back_in_both_forms(bits: u128) {
            let id = TraceId::new(bits);
            prop_assert_eq!(id.to_string().parse::<TraceId>(), Ok(id));
            let low: TraceId = id.low().to_string().parse().expect("a decimal id");
            prop_assert_eq!(low.low(), id.low());
        }
    }

    #[test]
    fn what_is_no_trace_id_is_refused() {
        for text in ["", "0x1", "g", "-1", "123456789012345678901", "é"] {
            assert!(text.parse::<TraceId>().is_err(), "{text}");
        }
    }
}
