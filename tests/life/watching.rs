//! An observer that keeps what it is told, and runs to watch.

use std::path::Path;

use loadgen::{
    engine::EngineEvent,
    insight::{Basis, Id},
    record::{Finding, Folder, Run},
    run::{CompletedRun, Observer, Plan, RunError, RunOptions, RunTarget, ThresholdWatch, run},
    scenario::Scenario,
    stats::Tally,
    verify::AskProgress,
};
use tempfile::TempDir;

pub const ENTRY: &str = "datadog-sample-entry-function";
pub const CONSUMER: &str = "datadog-sample-sqs-consumer-function";

type Reaction = Box<dyn FnMut(u64) + Send>;

/// What a run told, in order, and what is done meanwhile.
#[derive(Default)]
pub struct Watching {
    /// The calls, repetitions left out.
    pub calls: Vec<&'static str>,
    /// Whether load on another machine is agreed to.
    pub agrees: bool,
    /// What it was asked to agree to.
    pub asked: Option<(String, u64)>,
    /// Called with the number of requests that have completed.
    pub on_sample: Option<Reaction>,
    /// Called before an API is asked.
    pub on_asking: Option<Box<dyn FnMut() + Send>>,
}

impl Watching {
    fn note(&mut self, call: &'static str) {
        if self.calls.last() != Some(&call) {
            self.calls.push(call);
        }
    }
}

impl Observer for Watching {
    fn planned(&mut self, _: &Plan<'_>) {
        self.note("planned");
    }

    fn confirm(&mut self, host: &str, requests: u64) -> Result<bool, RunError> {
        self.note("confirm");
        self.asked = Some((host.to_owned(), requests));
        Ok(self.agrees)
    }

    fn begins(&mut self, _: &Run, _: Option<&Plan<'_>>) {
        self.note("begins");
    }

    fn event(&mut self, event: &EngineEvent, tally: &Tally) {
        if let (EngineEvent::Sample(_), Some(react)) = (event, &mut self.on_sample) {
            react(tally.counts.total());
        }
    }

    fn tick(&mut self, _: &Tally, _: &ThresholdWatch) {}

    fn sent(&mut self, _: &Tally) {
        self.note("sent");
    }

    fn asking(&mut self, _: Basis, _: &AskProgress) {
        self.note("asking");
        if let Some(mut react) = self.on_asking.take() {
            react();
        }
    }

    fn asked(&mut self) {
        self.note("asked");
    }
}

/// A scenario in TOML, its name left out.
pub fn scenario(toml: &str) -> Scenario {
    Scenario::parse(&format!("name = \"own\"\n{toml}"), "own.toml").expect("a scenario")
}

/// A built-in scenario whose phases run once.
pub fn once(name: &str) -> Scenario {
    let mut scenario = Scenario::load(name).expect("a built-in scenario");
    scenario.repeat = 1;
    scenario
}

pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Where the tests keep the record of a run.
pub fn record(folder: &TempDir) -> Folder {
    Folder::at(folder.path().join("run"))
}

pub fn options(folder: &Path) -> RunOptions {
    RunOptions::in_folder(folder.join("run"))
}

/// Runs a scenario in an embedded sandbox.
#[track_caller]
pub fn completed(scenario: &Scenario) -> CompletedRun {
    let folder = folder();
    let ended = run(
        scenario,
        RunTarget::Embedded,
        &options(folder.path()),
        &mut (),
    );
    ended.expect("a run")
}

/// The finding of an Insight on a function.
#[track_caller]
pub fn finding<'a>(run: &'a Run, id: Id, function: &str) -> &'a Finding {
    let mut findings = run.insights.iter();
    let found = findings.find(|finding| finding.id == id && finding.function == function);
    found.unwrap_or_else(|| panic!("no finding for {id} of {function}"))
}

/// The folder holds this very run.
#[track_caller]
pub fn is_recorded(folder: &TempDir, run: &Run) {
    let kept = record(folder).read_run().expect("the record");
    // A mean may lose its last bit on the way through JSON.
    assert_eq!((&kept.run_id, &kept.requests), (&run.run_id, &run.requests));
    assert_eq!(
        (&kept.sentence, &kept.insights),
        (&run.sentence, &run.insights)
    );
    assert_eq!(
        (&kept.thresholds, &kept.notes),
        (&run.thresholds, &run.notes)
    );
}
