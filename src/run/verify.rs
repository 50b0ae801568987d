//! Judges a completed run again: did the expected Insights appear?

use std::time::Duration;

use super::{
    Access, CompletedRun, Observer, RunError, RunErrorKind, SampleSet, functions, judge::Judge,
    served, words,
};
use crate::{
    insight::Basis,
    record::{Folder, FunctionNames, Run, TargetKind},
    sandbox::EmbeddedSandbox,
    scenario::Scenario,
    verify::Subject,
};

/// How a run is judged again.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// How long to wait for expected Insights; None: the API's default.
    pub wait: Option<Duration>,
    /// The functions behind the target, if they are named now.
    pub functions: Option<FunctionNames>,
    /// The API's address, if it is not the one that the run was made with.
    pub datadog_url: Option<String>,
}

/// The result.
pub enum Verified {
    /// The run as it is judged now. It is in its folder.
    Judged(Box<CompletedRun>),
    /// No API could be asked. The run is unchanged; the subject says what a person can look at.
    Unasked(Box<(Run, Subject)>),
}

/// Asks about a completed run, judges it again and writes it back. Blocks until everything expected
/// was seen or the wait is over.
///
/// # Errors
/// When the run cannot be read or written, or its API cannot be asked: keys, address, network.
pub fn verify(
    folder: Folder,
    options: &VerifyOptions,
    observer: &mut dyn Observer,
) -> Result<Verified, RunError> {
    let mut run = folder.read_run()?;
    let mut scenario = scenario(&run)?;
    name_functions(&mut run, options)?;
    functions::expect_of(&mut scenario.expect, &run.target.functions);
    let access = access(options, &run, &folder)?;
    let mut judge = Judge {
        run,
        scenario: &scenario,
        samples: SampleSet::of(folder),
    };
    let served = match access {
        Some((access, served)) => {
            judge.by_asking(&access, options.wait, observer)?;
            served
        }
        None => {
            if !judge.by_logs(options.wait, &observer.talk())? {
                let subject = judge.subject(Basis::Datadog)?;
                return Ok(Verified::Unasked(Box::new((judge.run, subject))));
            }
            None
        }
    };
    let completed = judge.finish()?;
    if let Some(served) = served {
        served.stop().map_err(RunErrorKind::System.caused())?;
    }
    Ok(Verified::Judged(Box::new(completed)))
}

/// Sets the run's functions as typed, and checks that the function that answered has a name.
fn name_functions(run: &mut Run, options: &VerifyOptions) -> Result<(), RunError> {
    match options.functions.clone() {
        Some(_) if run.target.kind == TargetKind::Sandbox => {
            Err(RunErrorKind::Scenario.error(words::NAMED_BY_SANDBOX))
        }
        Some(names) => {
            run.target.functions = names;
            Ok(())
        }
        None if run.target.unnamed() => {
            Err(RunErrorKind::Scenario.error(words::unnamed_function(&run.target.url)))
        }
        None => Ok(()),
    }
}

/// The scenario of the run.
pub(super) fn scenario(run: &Run) -> Result<Scenario, RunError> {
    let Some(toml) = &run.scenario.toml else {
        return Err(RunErrorKind::Scenario.error(words::no_scenario(&run.run_id)));
    };
    // These settings were valid when the run was made, so parse errors are ignored.
    let set = run.scenario.set.iter().filter_map(|set| set.parse().ok());
    Scenario::parse_with(toml, "the run's scenario", &set.collect::<Vec<_>>())
        .map_err(RunErrorKind::System.caused())
}

/// The API to ask, and the sandbox that was started to serve it, if any. None if it is Datadog's
/// API and there are no keys.
fn access(
    options: &VerifyOptions,
    run: &Run,
    folder: &Folder,
) -> Result<Option<(Access, Option<EmbeddedSandbox>)>, RunError> {
    if options.datadog_url.is_some() || run.target.kind != TargetKind::Sandbox {
        let access = match options.datadog_url.as_deref() {
            None => Access::to_datadog()?,
            named => Access::to_ask(run, named)?,
        };
        return Ok(access.map(|access| (access, None)));
    }
    // The sandbox of that run may have ended: its telemetry is served again, over HTTP.
    let served = served(folder)?;
    let recorded = served.as_ref().map(|served| &served.info().datadog_url);
    let address = recorded
        .or(run.target.datadog_url.as_ref())
        .ok_or_else(|| {
            let folder = folder.path().display().to_string();
            RunErrorKind::Scenario.error(words::unknown_sandbox(folder))
        })?;
    Ok(Some((Access::to_sandbox(address)?, served)))
}
