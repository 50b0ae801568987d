//! What came of a run: late evidence, limits, Insights, the verdict.

use std::time::Duration;

use super::{Failure, ask::Place, target::Target};
use crate::{
    insight::{Basis, ClientView, Observation, Settings, predict::Prediction},
    record::{Folder, Run, TargetKind, ThresholdResult},
    sandbox::store::{Retention, Store},
    scenario::Scenario,
    schedule::Schedule,
    stats::Tally,
    verify::{self, Overall, Structure, Subject, View, Watched},
};

/// Judges a run that has ended, and writes what it finds into `run`. Without a `place` to ask,
/// the client's own evidence is all there is.
///
/// # Errors
/// When the run's files cannot be read or written, or the place does not answer.
pub fn judge(
    run: &mut Run,
    scenario: &Scenario,
    folder: &Folder,
    predicted: Option<Prediction>,
    place: Option<Place>,
    wait: Option<Duration>,
    quiet: bool,
) -> Result<(), Failure> {
    let (entry, consumer) = match predicted {
        Some(predicted) => (Some(predicted.entry), predicted.consumer),
        None => (None, None),
    };
    let mut subject = subject(run, scenario, folder, entry, consumer)?;
    match &place {
        Some(place) => {
            subject.basis = place.basis;
            with_traces(run, scenario, folder, place, &mut subject)?;
            let asked = place.insights(&subject, wait, quiet)?;
            run.insights = asked.findings;
            run.notes
                .extend(asked.trouble.map(|trouble| trouble.to_string()));
        }
        None => {
            let views: Vec<View> = subject.functions.into_iter().map(|f| f.view).collect();
            run.insights = verify::judge(&scenario.expect, &views);
        }
    }
    let tally = folder.tally()?;
    run.thresholds = thresholds(scenario, &tally, run.requests.planned);
    let kept = run.thresholds.iter().all(|limit| limit.met == Some(true));
    run.verdict = match run.interrupted {
        true => Overall::NotVerified,
        false => verify::overall(&run.insights, kept),
    };
    Ok(())
}

fn thresholds(scenario: &Scenario, tally: &Tally, planned: u64) -> Vec<ThresholdResult> {
    scenario
        .thresholds
        .iter()
        .map(|threshold| ThresholdResult {
            metric: threshold.metric.to_string(),
            limit: threshold.written.clone(),
            value: verify::figure(threshold.metric, tally, planned),
            met: verify::kept(threshold, tally, planned),
        })
        .collect()
}

/// What is verified of the run.
fn subject(
    run: &Run,
    scenario: &Scenario,
    folder: &Folder,
    entry: Option<Observation>,
    consumer: Option<Observation>,
) -> Result<Subject, Failure> {
    let settings = |place: usize| match run.target.configured.get(place) {
        Some(function) => Settings::of_sandbox(function),
        None if place == 0 => {
            Settings::demanded(&scenario.function, run.target.kind == TargetKind::Aws)
        }
        None => Settings::default(),
    };
    let client = client_view(run, folder, settings(0))?;
    let mut functions = Vec::new();
    let names = &run.target.functions;
    if let Some(name) = &names.consumer {
        functions.push(Watched::consumer(name, settings(1), consumer, &client));
    }
    functions.insert(0, Watched::entry(settings(0), entry, client));
    Ok(Subject {
        run_id: run.run_id.clone(),
        from_ms: run.target.range.from_ms,
        to_ms: run.target.range.to_ms,
        basis: Basis::Client,
        expect: scenario.expect.clone(),
        functions,
    })
}

fn client_view(run: &Run, folder: &Folder, settings: Settings) -> Result<Observation, Failure> {
    let mut client = ClientView::new(&run.target.functions.entry, settings);
    for sample in folder.samples()? {
        client.add(&sample);
    }
    Ok(client.observation())
}

/// Joins the run's traces into its samples, and keeps what was fetched from elsewhere in the
/// run's folder, so that every view works on it.
fn with_traces(
    run: &mut Run,
    scenario: &Scenario,
    folder: &Folder,
    place: &Place,
    subject: &mut Subject,
) -> Result<(), Failure> {
    let answers = place.traces(subject)?;
    let mut changed = false;
    if !answers.traces.is_empty() {
        folder.rewrite_samples(|sample| changed |= answers.traces.improve(sample))?;
    }
    if changed {
        run.fill(&folder.tally()?);
        let mut functions = std::mem::take(&mut subject.functions).into_iter();
        let predicted = |watched: Option<Watched>| watched.and_then(|w| w.view.predicted);
        let (entry, consumer) = (predicted(functions.next()), predicted(functions.next()));
        let basis = subject.basis;
        *subject = self::subject(run, scenario, folder, entry, consumer)?;
        subject.basis = basis;
    }
    // The embedded sandbox has written the file itself.
    if !folder.telemetry_file().exists() {
        let store =
            Store::open(folder.telemetry_file(), Retention::default()).map_err(Failure::new)?;
        store
            .writer()
            .put_all(verify::records(answers.spans).collect());
        store.close().map_err(Failure::new)?;
    }
    Ok(())
}

/// Adds the evidence that the scenario's structure gives, where the sandbox was ours alone.
///
/// # Errors
/// When the run's files cannot be read or written.
pub fn with_structure(
    run: &mut Run,
    schedule: &Schedule,
    folder: &Folder,
    target: &Target,
) -> Result<(), Failure> {
    let unknown = run.cold.unknown > 0;
    let Some(info) = target.embedded_info().filter(|_| unknown) else {
        return Ok(());
    };
    let mut structure = Structure::of(schedule.steps(), info.expiry.usual_range().1);
    for sample in folder.samples()? {
        structure.observe(&sample);
    }
    let mut changed = false;
    folder.rewrite_samples(|sample| changed |= structure.judge(sample))?;
    if changed {
        run.fill(&folder.tally()?);
    }
    Ok(())
}
