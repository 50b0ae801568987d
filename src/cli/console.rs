//! What a terminal shows of a run, and what it asks.

use std::sync::Arc;

use super::{
    asking::AskDisplay,
    bench_clock::Clock,
    flags::Global,
    progress::{Progress, Watch},
    prompt::confirmed,
};
use crate::{
    engine::EngineEvent,
    insight::{Basis, ClientView},
    record::{Run, TargetKind},
    report,
    run::{Observer, Plan, RunError, Talk, ThresholdWatch, settings},
    scenario::Arrivals,
    stats::Tally,
    units::show_duration,
    verify::AskProgress,
};

/// The terminal of a command that runs something. All of it is talk, on stderr.
pub struct Console {
    quiet: bool,
    /// Whether the plan is shown before it is sent.
    shows_plan: bool,
    force_cold: bool,
    length: std::time::Duration,
    progress: Option<Progress>,
    clock: Option<Clock>,
    asking: Option<AskDisplay>,
}

impl Console {
    /// The terminal of a run. `json` prints a report that other programs read, and no plan.
    pub fn of_run(global: &Global, json: bool, force_cold: bool) -> Console {
        Console {
            quiet: global.quiet,
            shows_plan: !global.quiet && !json,
            force_cold,
            length: std::time::Duration::ZERO,
            progress: None,
            clock: None,
            asking: None,
        }
    }

    /// The terminal of a benchmark of this length.
    pub fn of_bench(global: &Global, length: std::time::Duration) -> Console {
        Console {
            length,
            ..Console::of_run(global, true, false)
        }
    }

    /// What idling alone makes likely and what it does not make certain, where the plan idles on AWS.
    fn about_idling(&self, plan: &Plan<'_>) -> Option<String> {
        let lengths = plan
            .scenario
            .phases
            .iter()
            .filter_map(|phase| match phase.arrivals {
                Arrivals::Idle(length) => Some(length),
                _ => None,
            });
        let longest = lengths.max()?;
        if plan.target.kind != TargetKind::Aws || self.force_cold {
            return None;
        }
        Some(format!(
            "Idling {} makes cold starts likely, not certain: published measurements saw Lambda keep idle \
             environments for 5 to 60 minutes, and AWS promises nothing. {}",
            show_duration(longest),
            match plan.target.stack {
                Some(_) => "To be certain within seconds, add --force-cold.",
                None => "To be certain within seconds, use --stack NAME --force-cold.",
            }
        ))
    }
}

impl Observer for Console {
    fn talk(&self) -> Talk {
        match self.quiet {
            true => Arc::new(|_| {}),
            false => Arc::new(|line| eprintln!("{line}")),
        }
    }

    fn planned(&mut self, plan: &Plan<'_>) {
        if !self.shows_plan {
            return;
        }
        let (place, cost) = (plan.place(), plan.cost());
        let page = report::text::plan(plan.scenario, plan.schedule, &place, &cost, plan.predicted);
        anstream::eprint!("{page}\n");
        if let Some(note) = self.about_idling(plan) {
            anstream::eprint!("{note}\n\n");
        }
    }

    fn confirm(&mut self, host: &str, requests: u64) -> Result<bool, RunError> {
        let what = format!("{requests} requests to {host}");
        confirmed(&format!("Send {what}?"))?.ok_or_else(|| {
            RunError::refused(format!(
                "nothing was sent: {what} need a yes, and there is no terminal to ask at; add `--yes`"
            ))
        })
    }

    fn begins(&mut self, run: &Run, plan: Option<&Plan<'_>>) {
        let Some(plan) = plan else {
            if !self.quiet {
                eprintln!("{}: {}", run.target.url, run.scenario.title);
            }
            self.clock = Some(Clock::new(self.length, self.quiet));
            return;
        };
        let settings = settings(run, plan.scenario, 0);
        let view = ClientView::new(run.target.functions.entry_or_unnamed(), settings);
        let watch = Watch::new(view, plan.scenario.expect.clone());
        self.progress = Some(Progress::new(plan.schedule, watch, self.quiet));
    }

    fn event(&mut self, event: &EngineEvent, tally: &Tally) {
        if let Some(progress) = &mut self.progress {
            progress.event(event, tally);
        }
    }

    fn tick(&mut self, tally: &Tally, thresholds: &ThresholdWatch) {
        if let Some(progress) = &mut self.progress {
            progress.tick(tally, thresholds);
        }
        if let Some(clock) = &mut self.clock {
            clock.tick(tally);
        }
    }

    fn sent(&mut self, tally: &Tally) {
        if let Some(progress) = self.progress.take() {
            progress.finish(tally);
        }
        if let Some(clock) = self.clock.take() {
            clock.finish();
        }
    }

    fn asking(&mut self, of: Basis, progress: &AskProgress) {
        let quiet = self.quiet;
        let display = self
            .asking
            .get_or_insert_with(|| AskDisplay::new(of, quiet));
        display.show(progress);
    }

    fn asked(&mut self) {
        if let Some(display) = self.asking.take() {
            display.done();
        }
    }
}
