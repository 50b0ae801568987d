//! Progress during a run: on a terminal a few lines that are updated in place, elsewhere one line
//! per phase. Printed to stderr, because it is not output.

mod certain;
mod frame;
mod slots;
mod words;

use std::{
    collections::BTreeMap,
    io::{IsTerminal, stderr},
    iter::Peekable,
    time::{Duration, Instant},
};

pub use certain::Watch;
use certain::{Outlook, Standing};
use frame::{At, Frame, Stage};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use slots::Slots;
use words::*;

use super::out;
use crate::{
    engine::EngineEvent,
    lang::Phrase,
    medium,
    report::text::{Look, wrap},
    run::ThresholdWatch,
    sample::{Sample, Temperature},
    schedule::{PlannedArrivals, Schedule, Step},
    stats::{OutcomeCounts, Tally},
};

/// How often the terminal is redrawn: often enough to follow, rarely enough to read.
const REDRAW: Duration = Duration::from_millis(100);

/// Without a terminal, a phase in progress reports its state after this long without output.
pub const SILENCE: Duration = Duration::from_secs(30);

/// At most this many lines are printed per phase, however often it is repeated.
const MOST_LINES: u32 = 10;

/// A progress bar in the shape of `template`. None without a terminal and when `quiet`.
pub fn bar(quiet: bool, length: Option<u64>, template: &str) -> Option<ProgressBar> {
    let style = ProgressStyle::with_template(template).ok()?;
    (!quiet && stderr().is_terminal()).then(|| {
        let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        bar.with_style(style.progress_chars("━╸─"))
            .with_finish(ProgressFinish::AndClear)
    })
}

/// The display of one run.
pub struct Progress {
    steps: Vec<Step>,
    cycles: u32,
    planned: u64,
    arrivals: Peekable<PlannedArrivals>,
    due: u64,
    bar: Option<ProgressBar>,
    talks: bool,
    began: Instant,
    drawn: Option<Instant>,
    /// When a line was last printed.
    said: Instant,
    current: Option<usize>,
    step_began: Instant,
    /// Steps that have begun and still have open requests.
    open: Vec<usize>,
    idle_until: Option<Instant>,
    /// Idle time skipped since the last line. The next line reports it.
    skipped: Duration,
    /// The results of each phase since they were last printed.
    untold: BTreeMap<usize, Untold>,
    slots: Slots,
    watch: Watch,
}

/// The results of a phase over some repetitions.
struct Untold {
    /// The first of these repetitions, from 0.
    first: u32,
    /// The phase's last step so far.
    last: usize,
    counts: OutcomeCounts,
}

impl Progress {
    /// A display for the schedule; silent when `quiet`.
    pub fn new(schedule: &Schedule, watch: Watch, quiet: bool) -> Progress {
        let steps = schedule.steps().to_vec();
        let now = Instant::now();
        Progress {
            cycles: steps.last().map_or(1, |step| step.cycle + 1),
            steps,
            planned: schedule.requests(),
            arrivals: schedule.arrivals().peekable(),
            due: 0,
            bar: bar(quiet, Some(schedule.requests()), "{msg}"),
            talks: !quiet,
            began: now,
            drawn: None,
            said: now,
            current: None,
            step_began: now,
            open: Vec::new(),
            idle_until: None,
            skipped: Duration::ZERO,
            untold: BTreeMap::new(),
            slots: Slots::default(),
            watch,
        }
    }

    /// Takes in an event of the engine.
    pub fn event(&mut self, event: &EngineEvent, tally: &Tally) {
        match event {
            EngineEvent::Sample(sample) => self.sample(sample),
            EngineEvent::StepStarted { step } => self.step(*step as usize, tally),
            EngineEvent::IdleStarted { step, left, until } => {
                self.step(*step as usize, tally);
                if until.is_some() {
                    self.idle(*left);
                }
            }
            EngineEvent::IdleSkipped { by, .. } => self.skipped(*by, tally),
            EngineEvent::IdleEnded { .. } => self.idle_until = None,
        }
    }

    /// A step began.
    fn step(&mut self, step: usize, tally: &Tally) {
        self.tell_ended(tally);
        self.current = Some(step);
        self.step_began = Instant::now();
        if self.idle_until.take().is_some() || self.skipped > Duration::ZERO {
            self.slots.resume(self.began.elapsed());
        }
        self.open.push(step);
    }

    /// The run waits for an idle phase, until `length` from now.
    fn idle(&mut self, length: Duration) {
        self.idle_until = Instant::now().checked_add(length);
        if self.bar.is_none() && self.talks {
            let name = self
                .current
                .map_or_else(String::new, |step| self.name(step));
            self.say(&waiting(name, length).to_string());
        }
    }

    /// An idle phase was skipped by advancing the sandbox clock.
    fn skipped(&mut self, length: Duration, tally: &Tally) {
        self.tell_ended(tally);
        self.skipped += length;
    }

    /// A request has completed.
    fn sample(&mut self, sample: &Sample) {
        self.watch.add(sample);
        if self.bar.is_some() {
            self.slots.add(sample);
        }
    }

    /// Shows the sums so far. Call it a few times a second.
    pub fn tick(&mut self, tally: &Tally, thresholds: &ThresholdWatch) {
        if self.bar.is_none() {
            return self.speak_after_silence(tally);
        }
        if self.drawn.is_some_and(|drawn| drawn.elapsed() < REDRAW) {
            return;
        }
        self.drawn = Some(Instant::now());
        self.come_due();
        let waits = self.idle_until.is_some() && self.due <= tally.counts.total();
        if !waits {
            self.slots.advance(self.began.elapsed());
        }
        let news = self.news(tally);
        self.say_news(&news);
        let width = usize::from(console::Term::stderr().size().1).max(1);
        let lines = self.frame(tally, thresholds).lines(width);
        if let Some(bar) = &self.bar {
            bar.set_message(lines.join("\n"));
        }
    }

    /// The run is over: prints what is left and removes the display.
    pub fn finish(mut self, tally: &Tally) {
        self.tell_ended(tally);
        for step in std::mem::take(&mut self.open) {
            self.tell(step, tally);
        }
        let untold: Vec<usize> = self.untold.keys().copied().collect();
        for phase in untold {
            self.tell_phase(phase, tally);
        }
    }

    /// Counts the arrivals that are due by the run's clock.
    fn come_due(&mut self) {
        let Some(step) = self.current.and_then(|step| self.steps.get(step)) else {
            return;
        };
        let now = step.start + self.step_began.elapsed().min(step.length);
        while self.arrivals.next_if(|arrival| arrival.at <= now).is_some() {
            self.due += 1;
        }
    }

    /// Without a terminal, reports the state of a long phase now and then.
    fn speak_after_silence(&mut self, tally: &Tally) {
        if self.talks && self.said.elapsed() >= SILENCE {
            self.say(&self.stands(tally));
        }
    }

    /// The step whose requests are in flight. A burst may stay open long after the next step began.
    fn in_flight(&self, tally: &Tally) -> usize {
        let is_open = |step: &&usize| {
            self.steps.get(**step).is_some_and(|it| it.count > 0) && !self.is_over(**step, tally)
        };
        let open = self.open.iter().find(is_open).copied();
        open.or(self.current).unwrap_or(0)
    }

    /// Whether all requests of a step have completed.
    fn is_over(&self, step: usize, tally: &Tally) -> bool {
        let planned = self.steps.get(step).map_or(0, |step| step.count);
        tally.steps.get(step).map_or(0, OutcomeCounts::total) >= planned
    }

    /// The state of the phase in flight, in a line.
    fn stands(&self, tally: &Tally) -> String {
        let step = self.in_flight(tally);
        if let Some(left) = self.left_to_idle().filter(|_| Some(step) == self.current) {
            return format!("{}: {left}", self.name(step));
        }
        let counts = tally.steps.get(step).cloned().unwrap_or_default();
        let planned = self.steps.get(step).map_or(0, |step| step.count);
        let (name, completed) = (self.name(step), counts.total());
        going_on(name, completed, planned, counts.bad()).to_string()
    }

    /// How long an idle phase is still waited for, in words.
    fn left_to_idle(&self) -> Option<String> {
        let left = self.idle_until?.saturating_duration_since(Instant::now());
        Some(to_go(Duration::from_secs(left.as_secs())).to_string())
    }

    fn frame<'a>(&'a self, tally: &'a Tally, thresholds: &ThresholdWatch) -> Frame<'a> {
        let current = self.in_flight(tally);
        let cycle = self.steps.get(current).map_or(0, |step| step.cycle);
        let stage = |(index, step): (usize, &Step)| Stage {
            name: step.name.clone(),
            at: match index.cmp(&current) {
                std::cmp::Ordering::Less => At::Past,
                std::cmp::Ordering::Equal => At::Now,
                std::cmp::Ordering::Greater => At::Ahead,
            },
        };
        let steps = self.steps.iter().enumerate();
        Frame {
            phases: steps
                .filter(|(_, step)| step.cycle == cycle)
                .map(stage)
                .collect(),
            round: (cycle + 1, self.cycles),
            waiting: self.left_to_idle(),
            planned: self.planned,
            due: self.due,
            tally,
            slots: &self.slots,
            insights: self.watch.outlook(self.to_come(tally)),
            limits: thresholds.standing(tally),
        }
    }

    /// How many requests are not completed.
    fn to_come(&self, tally: &Tally) -> u64 {
        self.planned.saturating_sub(tally.counts.total())
    }

    /// What has become certain since the last call.
    fn news(&mut self, tally: &Tally) -> Vec<Outlook> {
        let open = self.to_come(tally);
        self.watch.news(open)
    }

    /// Reports each step whose requests have all completed. Requests of a burst may be in flight
    /// long after the next step began.
    fn tell_ended(&mut self, tally: &Tally) {
        let all = std::mem::take(&mut self.open).into_iter();
        let (ended, open): (Vec<usize>, _) = all.partition(|step| self.is_over(*step, tally));
        self.open = open;
        for step in ended {
            self.tell(step, tally);
        }
    }

    fn tell(&mut self, step: usize, tally: &Tally) {
        // An idle step is reported with the step after it, or when the wait for it begins.
        let Some(ended) = self.steps.get(step).filter(|step| step.count > 0) else {
            return;
        };
        let (phase, cycle) = (ended.phase, ended.cycle);
        let counts = tally.steps.get(step).cloned().unwrap_or_default();
        self.untold
            .entry(phase)
            .and_modify(|untold| {
                untold.counts.add(&counts);
                untold.last = step;
            })
            .or_insert(Untold {
                first: cycle,
                last: step,
                counts,
            });
        // With many repetitions, a line for each would bury what matters.
        let together = self.cycles.div_ceil(MOST_LINES);
        if (cycle + 1).is_multiple_of(together) || cycle + 1 == self.cycles {
            self.tell_phase(phase, tally);
        }
    }

    /// Prints the results of a phase since they were last printed.
    fn tell_phase(&mut self, phase: usize, tally: &Tally) {
        let Some(untold) = self.untold.remove(&phase) else {
            return;
        };
        let mut line = self.name(untold.last);
        if let Some(last) = self.steps.get(untold.last)
            && last.cycle > untold.first
        {
            let (from, to, of) = (untold.first + 1, last.cycle + 1, self.cycles);
            line = rounds(&last.name, from, to, of).to_string();
        }
        line.push_str(&format!(": {}", summary(&untold.counts)));
        let skipped = std::mem::take(&mut self.skipped);
        if skipped > Duration::ZERO {
            line.push_str(&after_skipping(skipped).to_string());
        }
        let news = self.news(tally);
        if self.bar.is_some() {
            self.say(&line);
            self.say_news(&news);
        } else {
            // One line per phase: a log is read from the top, and its lines cannot be updated.
            line.extend(news.iter().map(|news| format!("; {}", news_of(news))));
            self.say(&line);
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

    fn say_news(&mut self, news: &[Outlook]) {
        for news in news {
            self.say(&format!("{}: {}", news_of(news), news.why));
        }
    }

    fn say(&mut self, line: &str) {
        self.said = Instant::now();
        for (place, line) in wrap(line, 76).into_iter().enumerate() {
            let indent = if place == 0 { "  " } else { "    " };
            match &self.bar {
                Some(bar) => bar.println(medium::terminal(&format!("{indent}{line}"))),
                None if self.talks => out::say(format!("{indent}{line}")),
                None => {}
            }
        }
    }
}

/// What has become certain, in a few words.
fn news_of(outlook: &Outlook) -> String {
    let id = outlook.id.key();
    let (look, phrase) = match outlook.standing {
        Standing::Certain => (Look::Good, is_certain(id)),
        Standing::Lost => (Look::Bad, is_lost(id)),
        Standing::Unwanted => (Look::Bad, is_unwanted(id)),
        Standing::Open => return String::new(),
    };
    format!("{} {phrase}", look.mark())
}

fn summary(counts: &OutcomeCounts) -> String {
    let bad = counts.bad();
    let counted = [
        (bad, n_failed as fn(u64) -> Phrase),
        (counts.temperature(Temperature::Cold), n_cold),
        (counts.temperature(Temperature::Warm), n_warm),
        (counts.temperature(Temperature::Unknown), n_unknown_so_far),
    ];
    let mut text = n_sent(counts.requests.sent).to_string();
    for (count, phrase) in counted.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!(", {}", phrase(count)));
    }
    text
}

#[cfg(test)]
mod tests;
