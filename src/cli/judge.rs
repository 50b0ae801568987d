//! What came of a run: late evidence, limits, Insights, the verdict.

use std::time::Duration;

use super::{
    Failure, limits,
    target::Target,
    verifying::{Access, note, subject, verifying},
};
use crate::{
    insight::Basis,
    predict::Prediction,
    record::{
        Finding, Folder, Run, Verification,
        words::{NOT_VERIFIED, TOO_LATE},
    },
    scenario::Scenario,
    schedule::Schedule,
    stats::Tally,
    verify::{self, Structure, View},
};

/// Judges a run that has ended by what the client saw and the plan foretold.
///
/// # Errors
/// When the run's files cannot be read.
pub fn by_client(
    run: &mut Run,
    scenario: &Scenario,
    folder: &Folder,
    predicted: Prediction,
) -> Result<(), Failure> {
    let mut predicted = [Some(predicted.entry), predicted.consumer].into_iter();
    let views: Vec<View> = subject(run, scenario, folder, Basis::Client)?
        .functions
        .into_iter()
        .map(|watched| View {
            predicted: predicted.next().flatten(),
            ..watched.view
        })
        .collect();
    run.insights = verify::judge(&scenario.expect, &views);
    conclude(run, &folder.figures(run)?);
    Ok(())
}

/// Judges a run by what `access` answers about it.
///
/// # Errors
/// When it does not answer, or the run's files cannot be read or written.
pub fn by_asking(
    run: &mut Run,
    scenario: &Scenario,
    folder: &Folder,
    access: &Access,
    wait: Option<Duration>,
    quiet: bool,
) -> Result<(), Failure> {
    verifying(run, scenario, folder, access, wait, quiet)?;
    run.verification = Verification::Done;
    conclude(run, &folder.figures(run)?);
    Ok(())
}

/// The same at the end of a run, which must not be lost because nobody answers: then the verdicts
/// stay as the client saw them, and the run says why it is not verified.
///
/// # Errors
/// When the run's files cannot be read or written.
pub fn by_asking_if_it_can(
    run: &mut Run,
    scenario: &Scenario,
    folder: &Folder,
    access: &Access,
    wait: Option<Duration>,
    quiet: bool,
) -> Result<(), Failure> {
    let Err(failure) = by_asking(run, scenario, folder, access, wait, quiet) else {
        return Ok(());
    };
    note(run, NOT_VERIFIED, &[&failure.to_string()]);
    run.verification = Verification::Failed;
    conclude(run, &folder.figures(run)?);
    Ok(())
}

/// Judges a run by what is known of its functions.
///
/// # Errors
/// When the run's files cannot be read.
pub fn by_views(
    run: &mut Run,
    scenario: &Scenario,
    folder: &Folder,
    views: &[View],
) -> Result<(), Failure> {
    let before = std::mem::replace(&mut run.insights, verify::judge(&scenario.expect, views));
    for finding in &mut run.insights {
        let same = |old: &&Finding| old.id == finding.id && old.function == finding.function;
        finding.predicted = before.iter().find(same).and_then(|old| old.predicted);
    }
    conclude(run, &folder.figures(run)?);
    Ok(())
}

/// Holds the limits against the figures, and concludes.
pub fn conclude(run: &mut Run, figures: &Tally) {
    limits::hold(run, figures);
    verify::conclude(run);
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
    let forced = target
        .stack
        .as_ref()
        .is_some_and(|stack| stack.force_cold().is_some());
    let expiry = match target.embedded_info() {
        Some(info) => info.expiry.usual_range().1,
        // A forced update leaves no environment, however short the idle phase that it replaced.
        None if forced => Duration::ZERO,
        None => return Ok(()),
    };
    if !unknown {
        return Ok(());
    }
    if !run.samples.is_whole() {
        run.notes.push(TOO_LATE.en.to_owned());
        return Ok(());
    }
    let mut structure = Structure::of(schedule.steps(), expiry);
    for sample in folder.samples()? {
        structure.observe(&sample);
    }
    let mut changed = false;
    folder.rewrite_samples(|sample| changed |= structure.judge(sample))?;
    if changed {
        run.fill(&folder.figures(run)?);
    }
    Ok(())
}
