//! The difference between two clocks, by the `Date` header of an answer.

use reqwest::header::{DATE, HeaderMap};

/// How far another machine's clock is ahead of this one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// Milliseconds; negative: it is behind.
    pub ms: i64,
    /// The uncertainty in milliseconds: half the time that the answer took, and half of the second
    /// that the header rounds to.
    pub uncertain_ms: i64,
}

impl Skew {
    /// Whether the clocks are certainly more than this many milliseconds apart.
    pub fn exceeds(self, ms: i64) -> bool {
        self.ms.saturating_abs().saturating_sub(self.uncertain_ms) > ms
    }
}

/// The skew by an answer's `headers`: sent and answered at these moments, in milliseconds since
/// 1970. None without a readable `Date`.
pub fn skew(headers: &HeaderMap, asked_ms: i64, answered_ms: i64) -> Option<Skew> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    // The header rounds down to full seconds.
    let theirs = date.timestamp().as_millisecond().saturating_add(500);
    let took = answered_ms.saturating_sub(asked_ms).max(0);
    Some(Skew {
        ms: theirs.saturating_sub(asked_ms.saturating_add(took / 2)),
        uncertain_ms: took / 2 + 500,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dated(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, date.parse().expect("a value"))])
    }

    #[test]
    fn a_date_header_tells_how_far_the_clocks_are_apart() {
        let headers = dated("Thu, 26 Nov 2026 10:00:00 GMT");
        let at: jiff::Timestamp = "2026-11-26T09:53:00Z".parse().expect("a time");
        let asked = at.as_millisecond();
        let found = skew(&headers, asked, asked + 1_000).expect("a skew");
        assert_eq!((found.ms, found.uncertain_ms), (420_000, 1_000));
        assert!(found.exceeds(418_000) && !found.exceeds(419_000));
    }

    #[test]
    fn a_slow_answer_says_little_and_a_bad_date_nothing() {
        let headers = dated("Thu, 26 Nov 2026 10:00:00 GMT");
        let at: jiff::Timestamp = "2026-11-26T09:59:30Z".parse().expect("a time");
        let asked = at.as_millisecond();
        let slow = skew(&headers, asked, asked + 60_000).expect("a skew");
        assert!(!slow.exceeds(0));
        for date in ["", "yesterday", "2026-11-26"] {
            assert_eq!(skew(&dated(date), 0, 0), None, "{date}");
        }
        assert_eq!(skew(&HeaderMap::new(), 0, 0), None);
    }
}
