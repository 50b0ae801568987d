//! What came of a run: late evidence, limits, Insights, the verdict.

use super::{Failure, target::Target};
use crate::{
    insight::{ClientView, Settings, predict::Prediction},
    record::{Folder, Run, ThresholdResult},
    sample::Temperature,
    scenario::{Scenario, Threshold},
    schedule::Schedule,
    stats::Tally,
    verify::{self, Overall, Structure, View},
};

/// Judges a run that has ended, and writes what it finds into `run`.
///
/// # Errors
/// When the run's files cannot be read or written.
pub fn judge(
    run: &mut Run,
    scenario: &Scenario,
    schedule: &Schedule,
    folder: &Folder,
    target: &Target,
    predicted: Prediction,
) -> Result<(), Failure> {
    let tally = with_structure(run, schedule, folder, target)?;
    run.thresholds = thresholds(scenario, &tally, run.requests.planned);
    let functions = run.target.functions.clone();
    let mut client = ClientView::new(&functions.entry, settings(scenario, target));
    for sample in folder.samples()? {
        client.add(&sample);
    }
    let mut views = vec![View {
        function: functions.entry,
        entry: true,
        predicted: Some(predicted.entry),
        client: Some(client.observation()),
        observed: None,
    }];
    if let Some(consumer) = functions.consumer {
        views.push(View {
            function: consumer,
            entry: false,
            predicted: predicted.consumer,
            client: None,
            observed: None,
        });
    }
    run.insights = verify::judge(&scenario.expect, &views);
    let kept = run.thresholds.iter().all(|limit| limit.met == Some(true));
    run.verdict = match run.interrupted {
        true => Overall::NotVerified,
        false => verify::overall(&run.insights, kept),
    };
    Ok(())
}

/// The scenario's limits held against the figures of a run that planned so many requests.
pub(super) fn thresholds(scenario: &Scenario, tally: &Tally, planned: u64) -> Vec<ThresholdResult> {
    let held = |threshold: &Threshold| ThresholdResult {
        metric: threshold.metric.to_string(),
        limit: threshold.written.clone(),
        value: verify::figure(threshold.metric, tally, planned),
        met: verify::kept(threshold, tally, planned),
    };
    scenario.thresholds.iter().map(held).collect()
}

/// What is known of the entry function's settings.
fn settings(scenario: &Scenario, target: &Target) -> Settings {
    match target.entry() {
        Some(entry) => Settings::of_sandbox(entry),
        None => Settings::demanded(&scenario.function, false),
    }
}

/// Adds the evidence that the scenario's structure gives, where the sandbox was ours alone, and
/// sums up anew.
fn with_structure(
    run: &mut Run,
    schedule: &Schedule,
    folder: &Folder,
    target: &Target,
) -> Result<Tally, Failure> {
    let mut tally = folder.tally()?;
    let unknown = tally.counts.temperature(Temperature::Unknown) > 0;
    if let Some(info) = target.embedded_info().filter(|_| unknown) {
        let mut structure = Structure::of(schedule.steps(), info.expiry.usual_range().1);
        for sample in folder.samples()? {
            structure.observe(&sample);
        }
        let mut changed = false;
        folder.rewrite_samples(|sample| changed |= structure.judge(sample))?;
        if changed {
            tally = folder.tally()?;
            run.fill(&tally);
        }
    }
    Ok(tally)
}
