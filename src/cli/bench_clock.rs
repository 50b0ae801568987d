//! How far a benchmark is, on a terminal: one line that is kept up to date.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::progress::{SILENCE, bar};
use crate::{
    lang::texts,
    report::text::said,
    stats::{Class, Measure, Tally},
};

texts! {
    const;
    so_far(seconds: u64, completed: u64, failed: u64, p50: String): "{} s  {} answers, {} failed, service time p50 {}",
        "{} s  응답 {}회, 실패 {}회, 서비스 시간 p50 {}";
}

/// How often the line is drawn: a benchmark has better uses for the processor.
const REDRAW: Duration = Duration::from_millis(250);

/// The line.
pub struct Clock {
    bar: Option<ProgressBar>,
    talks: bool,
    began: Instant,
    drawn: Instant,
}

impl Clock {
    /// For a benchmark of this length; nothing is shown when `quiet`; without a
    /// terminal it is said after each silence.
    pub fn new(length: Duration, quiet: bool) -> Clock {
        let millis = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        let now = Instant::now();
        Clock {
            bar: bar(quiet, Some(millis), "{bar:24} {wide_msg}"),
            talks: !quiet,
            began: now,
            drawn: now,
        }
    }

    /// Shows the sums so far. To be called a few times a second.
    pub fn tick(&mut self, tally: &Tally) {
        let pause = match self.bar {
            Some(_) => REDRAW,
            None => SILENCE,
        };
        if !self.talks || self.drawn.elapsed() < pause {
            return;
        }
        self.drawn = Instant::now();
        let counts = &tally.counts;
        let bad = counts.bad();
        let p50 = tally.latencies.summary(Measure::Service, Class::All).p50;
        let began = self.began.elapsed();
        let line = so_far(began.as_secs(), counts.requests.completed, bad, said(p50)).to_string();
        match &self.bar {
            Some(bar) => {
                bar.set_position(u64::try_from(began.as_millis()).unwrap_or(u64::MAX));
                bar.set_message(line);
            }
            None => super::out::say(format!("  {line}")),
        }
    }
}
