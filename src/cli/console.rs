//! What a terminal shows of a run, and what it asks.

use std::time::Duration;

use super::{
    asking::AskDisplay,
    bench_clock::Clock,
    flags::{Global, talk},
    out,
    progress::{Progress, Watch},
    prompt::confirmed,
};
use crate::{
    engine::EngineEvent,
    insight::{Basis, ClientView},
    lang::{Phrase, texts},
    record::{Run, TargetKind},
    report,
    run::{Observer, Plan, RunError, Talk, ThresholdWatch, settings},
    scenario::{Arrivals, Expect},
    stats::Tally,
    verify::AskProgress,
};

texts! {
    const;
    idling_on_aws(longest: Duration, force: &str): "Idling {} makes cold starts likely, not certain: published measurements saw Lambda keep idle environments for 5 to 60 minutes, and AWS promises nothing. To be certain within seconds, use {}.",
        "{} 동안 유휴이면 콜드 스타트가 일어나기 쉽지만 확실하지는 않습니다. 공개된 측정에서 Lambda는 유휴 환경을 5~60분 유지했으며 AWS는 아무것도 보장하지 않습니다. 몇 초 안에 확실히 하려면 {:을} 쓰세요.";
    may_send(requests: u64, host: &str): "Send {} {0?request|requests} to {}?", "{1}에 요청 {0}회를 보낼까요?";
    no_terminal(requests: u64, host: &str): "nothing was sent: {0} {0?request needs|requests need} a yes to go to {1}, and there is no terminal to ask at; add `--yes`",
        "아무것도 보내지 않았습니다. {1}에 요청 {0}회를 보내려면 확인이 필요하지만 물어볼 터미널이 없습니다. `--yes`를 추가하세요";
}

/// The terminal of a command that runs something. All of it is talk, on stderr.
pub struct Console {
    quiet: bool,
    /// Whether the plan is shown before it is sent.
    shows_plan: bool,
    full: bool,
    force_cold: bool,
    length: Duration,
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
            full: global.full,
            force_cold,
            length: Duration::ZERO,
            progress: None,
            clock: None,
            asking: None,
        }
    }

    /// The terminal of a benchmark of this length.
    pub fn of_bench(global: &Global, length: Duration) -> Console {
        Console {
            length,
            ..Console::of_run(global, true, false)
        }
    }

    /// What idling makes likely and what it does not make certain, if the plan idles on AWS.
    fn about_idling(&self, plan: &Plan<'_>) -> Option<Phrase> {
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
        let force = match plan.target.stack {
            Some(_) => "--force-cold",
            None => "--stack NAME --force-cold",
        };
        Some(idling_on_aws(longest, force))
    }
}

impl Observer for Console {
    fn talk(&self) -> Talk {
        talk(self.quiet)
    }

    fn planned(&mut self, plan: &Plan<'_>) {
        if !self.shows_plan {
            return;
        }
        let (place, cost) = (plan.target.place(), plan.cost());
        let at = (place.as_str(), cost.as_str());
        let page = report::text::plan(plan.scenario, plan.schedule, at, plan.predicted, self.full);
        out::say(page);
        if let Some(note) = self.about_idling(plan) {
            out::say(format!("{note}\n"));
        }
    }

    fn confirm(&mut self, host: &str, requests: u64) -> Result<bool, RunError> {
        let question = may_send(requests, host).to_string();
        confirmed(&question)?.ok_or_else(|| RunError::refused(no_terminal(requests, host)))
    }

    fn begins(&mut self, run: &Run, plan: Option<&Plan<'_>>) {
        let Some(plan) = plan else {
            if !self.quiet {
                out::say(format!("{}: {}", run.target.url, run.scenario.title));
            }
            self.clock = Some(Clock::new(self.length, self.quiet));
            return;
        };
        let settings = settings(run, plan.scenario);
        let view = ClientView::new(run.target.functions.entry_or_unnamed(), settings);
        // What is certain is told of a single function.
        let expect = match run.target.functions.sent_to().len() {
            ..=1 => plan.scenario.expect.clone(),
            _ => Expect::default(),
        };
        let watch = Watch::new(view, expect);
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
        self.clock = None;
    }

    fn asking(&mut self, of: Basis, progress: &AskProgress) {
        let quiet = self.quiet;
        let display = self
            .asking
            .get_or_insert_with(|| AskDisplay::new(of, quiet));
        display.show(progress);
    }

    fn asked(&mut self) {
        self.asking = None;
    }
}
