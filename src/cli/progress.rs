//! What happens while a run goes on: on a terminal one line that is kept up to date, elsewhere a
//! line for each step. On stderr, since it is talk.

use std::{
    io::{IsTerminal, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    report::text::said,
    sample::Temperature,
    schedule::{Schedule, Step},
    stats::{Class, Counts, Latencies, Measure, Summary, Tally},
    units::show_duration,
};

/// The display of one run.
pub struct Progress {
    steps: Vec<Step>,
    cycles: u32,
    bar: Option<ProgressBar>,
    talks: bool,
    current: Option<usize>,
    /// Steps that began and whose requests are not all over.
    open: Vec<usize>,
    idle_until: Option<Instant>,
}

impl Progress {
    /// A display for the schedule; silent when `quiet`.
    pub fn new(schedule: &Schedule, quiet: bool) -> Progress {
        let steps = schedule.steps().to_vec();
        let bar = (!quiet && stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new(schedule.total());
            bar.set_style(
                ProgressStyle::with_template("{prefix:.bold} {bar:24} {pos}/{len} {wide_msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar())
                    .progress_chars("━╸─"),
            );
            bar
        });
        Progress {
            cycles: steps.last().map_or(1, |step| step.cycle + 1),
            steps,
            bar,
            talks: !quiet,
            current: None,
            open: Vec::new(),
            idle_until: None,
        }
    }

    /// A step began.
    pub fn step(&mut self, step: usize, tally: &Tally) {
        self.tell_ended(tally);
        self.current = Some(step);
        self.open.push(step);
        let name = self.name(step);
        if let Some(bar) = &self.bar {
            bar.set_prefix(name);
        }
    }

    /// An idle phase is being waited for, until `length` from now.
    pub fn idle(&mut self, length: Duration) {
        self.idle_until = Instant::now().checked_add(length);
        if self.bar.is_none() && self.talks {
            let name = self
                .current
                .map_or_else(String::new, |step| self.name(step));
            eprintln!("{name}: waiting {} by the clock", show_duration(length));
        }
    }

    /// An idle phase was skipped on the sandbox's clock.
    pub fn skipped(&mut self, length: Duration, tally: &Tally) {
        self.tell_ended(tally);
        let name = self
            .current
            .map_or_else(String::new, |step| self.name(step));
        self.say(&format!(
            "{name}: {} skipped on the sandbox's clock",
            show_duration(length)
        ));
    }

    /// The idle phase is over.
    pub fn idle_over(&mut self) {
        self.idle_until = None;
    }

    /// Shows the sums so far. To be called a few times a second.
    pub fn tick(&mut self, tally: &Tally) {
        let Some(bar) = &self.bar else {
            return;
        };
        let counts = &tally.counts;
        bar.set_position(counts.completed + counts.failed + counts.timed_out + counts.not_sent);
        bar.set_message(match self.idle_until {
            Some(until) => format!(
                "idle, {} to go",
                show_duration(Duration::from_secs(
                    until.saturating_duration_since(Instant::now()).as_secs()
                ))
            ),
            None => live(tally),
        });
    }

    /// The run is over: the line goes away.
    pub fn finish(mut self, tally: &Tally) {
        self.tell_ended(tally);
        for step in std::mem::take(&mut self.open) {
            self.tell(step, tally);
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Tells of each step whose requests are all over. Requests of a burst may be under way long
    /// after the next step began.
    fn tell_ended(&mut self, tally: &Tally) {
        let over = |step: &usize| {
            let planned = self.steps.get(*step).map_or(0, |step| step.count);
            tally.steps.get(*step).map_or(0, Counts::total) >= planned
        };
        let (ended, open): (Vec<usize>, _) =
            std::mem::take(&mut self.open).into_iter().partition(over);
        self.open = open;
        for step in ended {
            self.tell(step, tally);
        }
    }

    fn tell(&self, step: usize, tally: &Tally) {
        // Idle steps are told when they are skipped or begin.
        if self.steps.get(step).is_some_and(|step| step.count > 0) {
            let counts = tally.steps.get(step).cloned().unwrap_or_default();
            self.say(&format!("{}: {}", self.name(step), summary(&counts)));
        }
    }

    fn name(&self, step: usize) -> String {
        match self.steps.get(step) {
            Some(step) if self.cycles > 1 => {
                format!("{} {}/{}", step.name, step.cycle + 1, self.cycles)
            }
            Some(step) => step.name.clone(),
            None => String::new(),
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(format!("  {line}")),
            None if self.talks => eprintln!("  {line}"),
            None => {}
        }
    }
}

fn live(tally: &Tally) -> String {
    let summary = response(&tally.latencies);
    let counts = &tally.counts;
    format!(
        "{} failed  p50 {}  p99 {}",
        counts.failed + counts.timed_out + counts.error_answers,
        said(summary.p50),
        said(summary.p99)
    )
}

fn response(latencies: &Latencies) -> Summary {
    latencies.summary(Measure::Response, Class::All)
}

fn summary(counts: &Counts) -> String {
    let bad = counts.error_answers + counts.failed + counts.timed_out;
    let mut text = format!("{} sent", counts.sent);
    for (count, what) in [
        (bad, "failed"),
        (counts.temperature(Temperature::Cold), "cold"),
        (counts.temperature(Temperature::Warm), "warm"),
        (counts.temperature(Temperature::Unknown), "unknown"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}
