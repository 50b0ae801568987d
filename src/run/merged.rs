//! Judging a run that was merged from its shards.

use super::{
    CompletedRun, RunError, SampleSet, functions, judge::Judge, thresholds, verify::scenario,
};
use crate::{
    insight::Basis,
    record::{Folder, Run},
    stats::Tally,
    verify,
};

/// Judges a merged run by what its shards saw, and writes it into its folder. Thresholds and
/// Insights are those of the merged run. [`super::verify`] asks Datadog or a sandbox about it.
///
/// # Errors
/// When its scenario is damaged, or its folder cannot be read or written.
pub fn judge_merged(
    folder: Folder,
    mut run: Run,
    figures: Tally,
) -> Result<CompletedRun, RunError> {
    let mut samples = SampleSet::recorded(&folder, figures);
    if run.scenario.toml.is_some() {
        let mut scenario = scenario(&run)?;
        functions::expect_of(&mut scenario.expect, &run.target.functions);
        let mut judge = Judge {
            run: &mut run,
            scenario: &scenario,
            samples: &mut samples,
        };
        let watched = judge.subject(Basis::Client)?.functions.into_iter();
        let views: Vec<verify::View> = watched.map(|watched| watched.view).collect();
        judge.by_views(&views)?;
    } else {
        let figures = samples.figures(&run)?;
        thresholds::hold(&mut run, figures);
        verify::conclude(&mut run);
    }
    folder.write_run(&run)?;
    let latencies = samples.figures(&run)?.latencies.clone();
    Ok(CompletedRun {
        run,
        latencies,
        folder,
    })
}
