//! Writing `histograms.hlog`: one line for each tag and second of the run's clock.
//!
//! A request belongs to the second in which it ended, whenever it is taken in and by which thread or
//! machine it was sent. So the logs of a run's shards add up, bucket for bucket, to the log that one
//! recorder of all requests would have written.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, LineWriter},
    time::{Duration, Instant},
};

use hdrhistogram::serialization::interval_log::{
    IntervalLogWriter, IntervalLogWriterError, Tag as LogTag,
};

use super::{
    SEND_LAG,
    intervals::{FLOW, REQUEST},
    packed::PackedSerializer,
};
use crate::stats::{PartTally, Tally};

/// How long one interval is, but in a simulation.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);
/// An interval is written this long after its end: by then all requests that ended in it have been
/// taken in.
const GRACE: Duration = Duration::from_millis(500);

pub(super) struct IntervalLog<'a> {
    pub writer: IntervalLogWriter<'a, 'a, LineWriter<File>, PackedSerializer>,
    length: Duration,
    /// The intervals that are not written yet, and when the first request of each was taken in.
    open: BTreeMap<u64, (Instant, Tally)>,
    /// The sums of all that are written.
    written: Tally,
    /// The sums of an interval in which nothing has ended yet.
    empty: Tally,
    failed: Option<String>,
}

impl<'a> IntervalLog<'a> {
    /// A log whose intervals are of this length, counted from the run's start.
    pub fn new(
        writer: IntervalLogWriter<'a, 'a, LineWriter<File>, PackedSerializer>,
        length: Duration,
        empty: Tally,
    ) -> IntervalLog<'a> {
        IntervalLog {
            writer,
            length: length.max(INTERVAL),
            open: BTreeMap::new(),
            written: empty.clone(),
            empty,
            failed: None,
        }
    }

    /// The sums of the interval that contains this time since the run's start. Intervals older than
    /// the previous one are written, because a run of hours must not stay in memory. Requests that
    /// are taken in later for a written interval become another line, and the lines of an interval
    /// add up. Each call adds at most one line, and threads that add up themselves make some ten
    /// calls a second.
    pub fn at(&mut self, since_start: Duration) -> &mut Tally {
        let number = since_start.as_micros() / self.length.as_micros();
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        if self
            .open
            .keys()
            .next()
            .is_some_and(|oldest| oldest + 1 < number)
        {
            self.write(|open, _| open + 1 < number);
        }
        let begin = || (Instant::now(), self.empty.clone());
        &mut self.open.entry(number).or_insert_with(begin).1
    }

    /// Writes the intervals that are over. Returns whether there were any. Call it several times a
    /// second.
    pub fn tick(&mut self) -> bool {
        let over = self.length + GRACE;
        self.write(|_, opened| opened.elapsed() >= over)
    }

    /// Writes all intervals. Returns whether there were any.
    pub fn write_all(&mut self) -> bool {
        self.write(|_, _| true)
    }

    /// The sums of all written intervals.
    pub fn written(&self) -> &Tally {
        &self.written
    }

    /// Why something could not be written, once.
    pub fn failure(&mut self) -> Option<String> {
        self.failed.take()
    }

    fn write(&mut self, is_due: impl Fn(u64, Instant) -> bool) -> bool {
        let due = |(number, (opened, _)): (&u64, &mut (Instant, Tally))| {
            is_due(*number, *opened).then_some(*number)
        };
        let due: Vec<u64> = self.open.iter_mut().filter_map(due).collect();
        for number in &due {
            let Some((_, sums)) = self.open.remove(number) else {
                continue;
            };
            if let Err(error) = self.write_interval(*number, &sums) {
                self.failed
                    .get_or_insert(format!("histograms.hlog: {error}"));
            }
            self.written.merge(&sums);
        }
        !due.is_empty()
    }

    fn write_interval(&mut self, number: u64, sums: &Tally) -> io::Result<()> {
        let start = self
            .length
            .saturating_mul(u32::try_from(number).unwrap_or(u32::MAX));
        let parts = [(REQUEST, &sums.requests), (FLOW, &sums.flows)].into_iter();
        let parts = parts.flat_map(|(kind, parts)| {
            parts.iter().flat_map(move |part: &PartTally| {
                let lines = part.latencies.tagged().into_iter();
                // Only the run as such has an untagged line.
                lines.filter_map(move |(tag, histogram)| {
                    Some((Some(format!("{kind}{}.{}", part.name, tag?)), histogram))
                })
            })
        });
        let lag = (Some(SEND_LAG.to_owned()), &sums.lag);
        let lines = sums.latencies.tagged().into_iter().chain(parts);
        for (name, histogram) in lines.chain((!lag.1.is_empty()).then_some(lag)) {
            let tag = name.as_deref().and_then(LogTag::new);
            self.writer
                .write_histogram(histogram, start, self.length, tag)
                .map_err(|error| match error {
                    IntervalLogWriterError::IoError(error) => error,
                    error => io::Error::other(error.to_string()),
                })?;
        }
        Ok(())
    }
}
