//! Judging a run that was merged from its shards.

use super::{CompletedRun, RunError, SampleSet, functions, judge::Judge, verify::scenario};
use crate::{
    insight::Basis,
    record::{Folder, Run},
    scenario::Scenario,
    stats::Tally,
    verify::View,
};

/// Judges a merged run by what its shards saw, and writes it into its folder. Thresholds and
/// Insights are those of the merged run. [`super::verify`] asks Datadog or a sandbox about it.
///
/// # Errors
/// When its scenario is damaged, or its folder cannot be read or written.
pub fn judge_merged(folder: Folder, run: Run, figures: Tally) -> Result<CompletedRun, RunError> {
    let mut scenario = match run.scenario.toml {
        Some(_) => scenario(&run)?,
        None => Scenario::of_nothing(run.scenario.name.clone()),
    };
    functions::expect_of(&mut scenario.expect, &run.target.functions);
    let mut judge = Judge {
        samples: SampleSet::recorded(folder, figures),
        scenario: &scenario,
        run,
    };
    if judge.run.scenario.toml.is_some() {
        let watched = judge.subject(Basis::Client)?.functions.into_iter();
        let views: Vec<View> = watched.map(|watched| watched.view).collect();
        judge.by_views(&views)?;
    } else {
        judge.conclude()?;
    }
    judge.finish()
}
