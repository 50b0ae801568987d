//! `histograms.hlog`: the latencies of each second, as any HdrHistogram tool reads them.
//!
//! Each line is one interval of one tag: `response.cold` and its like ([`Tag`]), or [`SEND_LAG`]. One
//! without a tag is of all answers once more, and passed over. Values are microseconds.

use std::{
    io::{self, BufRead, BufReader, Read},
    path::Path,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::read::ZlibDecoder;
use hdrhistogram::{
    Histogram,
    serialization::{
        Deserializer,
        interval_log::{IntervalLogIterator, LogEntry},
    },
};

use super::error::READ;
use super::{RecordError, lines::read_line, packed::COOKIE};
use crate::{
    files,
    stats::{self, PartTally, Tag, Tally},
};

/// The tag of how late requests were sent.
pub const SEND_LAG: &str = "send_lag";

/// What stands before the tag of a named request's latencies: `request.order.response.cold`.
pub(super) const REQUEST: &str = "request.";
/// The same of a flow.
pub(super) const FLOW: &str = "flow.";

/// The longest line that is read: a histogram of every bucket from 1 µs to 1 h, uncompressible.
const LONGEST_LINE: usize = 1024 * 1024;

/// One histogram of one interval.
#[derive(Clone, Debug)]
pub struct Interval {
    /// What it is of: `response.cold`, or [`SEND_LAG`].
    pub tag: String,
    /// When the interval began, since the run's start.
    pub start: Duration,
    /// How long it is.
    pub length: Duration,
    /// The values, in microseconds.
    pub histogram: Histogram<u64>,
}

impl Interval {
    /// Its values as sums of requests.
    pub fn sums(&self) -> Tally {
        let mut sums = Tally::default();
        self.add_to(&mut sums);
        sums
    }

    /// Adds it to these sums. Exact, bucket by bucket, since all have the same bounds.
    fn add_to(&self, sums: &mut Tally) {
        if self.tag == SEND_LAG {
            stats::merge(&mut sums.lag, &self.histogram);
            return;
        }
        let of_request = self
            .tag
            .strip_prefix(REQUEST)
            .map(|rest| (&mut sums.requests, rest));
        let part = of_request.or_else(|| Some((&mut sums.flows, self.tag.strip_prefix(FLOW)?)));
        let (latencies, tag) =
            match part.and_then(|(parts, rest)| Some((parts, rest.split_once('.')?))) {
                Some((parts, (name, tag))) => (&mut PartTally::of(parts, name).latencies, tag),
                None => (&mut sums.latencies, self.tag.as_str()),
            };
        if let Ok(Tag { measure, class }) = tag.parse() {
            latencies.add(measure, class, &self.histogram);
        }
    }
}

/// The intervals of a log, one line at a time. Damaged or cut lines are skipped.
pub struct Intervals {
    lines: Option<Box<dyn BufRead>>,
    line: Vec<u8>,
    reader: Deserializer,
}

impl Intervals {
    /// # Errors
    /// When the file cannot be opened; a run without one has no intervals.
    pub(super) fn open(path: &Path) -> Result<Intervals, RecordError> {
        let file = match files::open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(RecordError::io(READ, path)(error)),
        };
        Ok(Intervals::over(file.map(|file| {
            Box::new(BufReader::new(file)) as Box<dyn BufRead>
        })))
    }

    /// Those of a log that is at hand.
    pub fn of(log: Vec<u8>) -> Intervals {
        Intervals::over(Some(Box::new(io::Cursor::new(log))))
    }

    /// All intervals added up, exact: latencies and send lag.
    pub fn sums(self) -> Tally {
        let mut sums = Tally::default();
        for interval in self {
            interval.add_to(&mut sums);
        }
        sums
    }

    fn over(lines: Option<Box<dyn BufRead>>) -> Intervals {
        Intervals {
            lines,
            line: Vec::new(),
            reader: Deserializer::new(),
        }
    }

    fn read(&mut self) -> Option<Interval> {
        let Some(Ok(LogEntry::Interval(entry))) = IntervalLogIterator::new(&self.line).next()
        else {
            return None;
        };
        let bytes = STANDARD.decode(entry.encoded_histogram()).ok()?;
        let bytes = unpacked(&bytes).filter(|bytes| is_bounded(bytes))?;
        Some(Interval {
            tag: entry.tag()?.as_str().to_owned(),
            start: entry.start_timestamp(),
            length: entry.duration(),
            histogram: self.reader.deserialize(&mut bytes.as_slice()).ok()?,
        })
    }
}

impl Iterator for Intervals {
    type Item = Interval;

    fn next(&mut self) -> Option<Interval> {
        loop {
            let lines = self.lines.as_mut()?;
            match read_line(lines, &mut self.line, LONGEST_LINE) {
                Ok(0) | Err(_) => return None,
                Ok(length) if length > LONGEST_LINE => {}
                Ok(_) => {
                    if let Some(interval) = self.read() {
                        return Some(interval);
                    }
                }
            }
        }
    }
}

/// HdrHistogram's V2 encoding: 40 bytes of head, then the counts.
const HEAD: usize = 40;

/// What the compressed encoding holds, of at most [`LONGEST_LINE`] bytes: few bytes may stand for
/// very many.
fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let (cookie, compressed) = packed.split_at_checked(8)?;
    if cookie[..4] != COOKIE.to_be_bytes() {
        return None;
    }
    let mut plain = Vec::new();
    let limited = ZlibDecoder::new(compressed).take(LONGEST_LINE as u64);
    let mut limited = limited;
    limited.read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// Whether the head says that the histogram takes no more memory than ours may: three significant
/// digits, and at most twice an hour in microseconds, since the upper bound grows by doubling.
fn is_bounded(plain: &[u8]) -> bool {
    let number = |from: usize, length: usize| {
        let bytes = plain.get(from..from + length)?;
        Some(
            bytes
                .iter()
                .fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte)),
        )
    };
    let most = 2 * 3_600_000_000;
    plain.len() >= HEAD
        && number(12, 4).is_some_and(|digits| digits <= 3)
        && number(24, 8).is_some_and(|highest| highest <= most)
}
