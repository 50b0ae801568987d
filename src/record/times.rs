//! When a run began and ended, even if the wall clock is set during the run.

use std::time::Duration;

use jiff::Timestamp;

use super::{Run, TargetKind};
use crate::lang::{Statement, statements::notes};

/// Two clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock's time.
    pub wall: Timestamp,
    /// The time since a fixed moment, by a clock that cannot be set and keeps running while the
    /// machine sleeps.
    pub steady: Duration,
}

/// If the two clocks differ by this much, the wall clock was set. Reading them takes far less than
/// this second, and gradual corrections reach both clocks alike.
const SET_MS: i64 = 1_000;

/// The beginning of a run, by both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Times<Read> {
    read: Read,
    began: Reading,
}

impl<Read: Fn() -> Reading> Times<Read> {
    /// A run begins now; `read` looks at the clocks.
    pub fn begin(read: Read) -> Times<Read> {
        Times {
            began: read(),
            read,
        }
    }

    /// When it began, by the wall clock at that time.
    pub fn started_at(&self) -> Timestamp {
        self.began.wall
    }

    /// The run ends now: completes its times, and notes a wall clock that was set during the run.
    /// In that case, both times are by the clock as it stands now, which Datadog's is compared
    /// with. They are as far apart as the run took, and never reversed. The time range is unchanged
    /// if the target has its own clock.
    pub fn end(&self, run: &mut Run) {
        let now = (self.read)();
        let took = now.steady.saturating_sub(self.began.steady);
        let set_ms = self.set_ms(now, took);
        run.ended_at = Some(now.wall);
        // A run that was stopped before its start took no time.
        run.started_at = run.started_at.min(now.wall.max(self.began.wall));
        if set_ms.abs() >= SET_MS {
            // No time is earlier than the minimum: a clock that was set back that far is broken.
            let started_at = now.wall.saturating_sub(took).unwrap_or(Timestamp::MIN);
            // A start time that was set refers to the clock as it stood then.
            let was_set = run.started_at != self.began.wall;
            run.started_at = match was_set {
                true => run.started_at.min(now.wall),
                false => started_at,
            };
            run.notes
                .push(about(set_ms, self.began.wall, run.target.kind));
            if run.target.kind != TargetKind::Sandbox && !was_set {
                run.target.range.from_ms = started_at.as_millisecond();
            }
        }
        if run.target.kind != TargetKind::Sandbox {
            run.target.range.to_ms = now.wall.as_millisecond();
        }
    }

    /// By how many milliseconds the wall clock was set; negative: backwards.
    fn set_ms(&self, now: Reading, took: Duration) -> i64 {
        let went = now
            .wall
            .as_millisecond()
            .saturating_sub(self.began.wall.as_millisecond());
        went.saturating_sub(i64::try_from(took.as_millis()).unwrap_or(i64::MAX))
    }
}

fn about(set_ms: i64, before: Timestamp, kind: TargetKind) -> Statement {
    let by = Duration::from_millis(set_ms.unsigned_abs());
    let searched = match kind {
        TargetKind::Sandbox => notes::sandbox_clock(),
        TargetKind::Aws | TargetKind::Http => notes::searched_by_clock(),
    };
    let times = notes::by_last_clock(searched, format!("{before:.0}"));
    match set_ms > 0 {
        true => notes::set_forward(by, times),
        false => notes::set_back(by, times),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::record::tests::run;

    const START: &str = "2026-11-26T10:00:00Z";

    /// A run of 90 s, during which the wall clock was set by so much, in seconds.
    fn ran(kind: TargetKind, set_seconds: i64) -> Run {
        let start: Timestamp = START.parse().expect("a time");
        let steady = Cell::new(Duration::from_secs(5_000));
        let set = Cell::new(0);
        let times = Times::begin(|| Reading {
            wall: start
                + (steady.get() - Duration::from_secs(5_000))
                + jiff::SignedDuration::from_secs(set.get()),
            steady: steady.get(),
        });
        let mut run = run(1.0);
        run.started_at = times.started_at();
        run.target.kind = kind;
        run.target.range.from_ms = times.started_at().as_millisecond();
        run.target.range.to_ms = run.target.range.from_ms;
        steady.set(steady.get() + Duration::from_secs(90));
        set.set(set_seconds);
        times.end(&mut run);
        run
    }

    #[test]
    fn a_clock_that_nobody_sets_is_not_mentioned() {
        let run = ran(TargetKind::Http, 0);
        assert_eq!(run.started_at.to_string(), START);
        assert_eq!(run.target.range.to_ms - run.target.range.from_ms, 90_000);
        assert_eq!(run.notes, Vec::new());
    }

    #[test]
    fn a_clock_that_was_set_leaves_the_times_in_order_and_a_note() {
        for (set, said) in [(7_200, "set 2 h forward"), (-10_800, "set 3 h back")] {
            let run = ran(TargetKind::Aws, set);
            let ended = run.ended_at.expect("it ended");
            assert_eq!(ended.as_second() - run.started_at.as_second(), 90, "{set}");
            let range = run.target.range;
            assert_eq!(range.from_ms, run.started_at.as_millisecond());
            assert_eq!(range.to_ms - range.from_ms, 90_000, "{set}");
            let start: Timestamp = START.parse().expect("a time");
            assert_eq!(range.from_ms - start.as_millisecond(), set * 1_000);
            let note = &run.notes[0].text;
            assert!(note.contains(said) && note.contains(START), "{note}");
        }
    }

    #[test]
    fn the_range_on_a_sandboxs_own_clock_is_left_alone() {
        let run = ran(TargetKind::Sandbox, -7_200);
        assert_eq!(run.target.range.from_ms, run.target.range.to_ms);
        assert!(run.notes[0].text.contains("a clock of its own"));
    }

    #[test]
    fn a_clock_at_the_end_of_time_harms_nothing() {
        let read = Cell::new(Timestamp::MAX);
        let times = Times::begin(|| Reading {
            wall: read.get(),
            steady: Duration::from_secs(u64::from(read.get() != Timestamp::MAX)),
        });
        read.set(Timestamp::MIN);
        let mut run = run(1.0);
        times.end(&mut run);
        assert_eq!(run.ended_at, Some(Timestamp::MIN));
        assert!(run.started_at <= Timestamp::MIN);
    }
}
