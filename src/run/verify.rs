//! Judges a completed run again: did the expected Insights appear?

use std::time::Duration;

use super::{
    Access, CompletedRun, Observer, RunError, RunErrorKind, SampleSet, functions, judge::Judge,
    words,
};
use crate::{
    datadog::Keys,
    insight::Basis,
    record::{Folder, FunctionNames, Run, TargetKind},
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions, TelemetryStorage},
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
    let mut samples = SampleSet::of(&folder);
    let mut judge = Judge {
        run: &mut run,
        scenario: &scenario,
        samples: &mut samples,
    };
    let served = match access {
        Some((access, served)) => {
            judge.by_asking(&access, options.wait, observer)?;
            served
        }
        None => {
            if !judge.by_logs(options.wait, &observer.talk())? {
                let subject = judge.subject(Basis::Datadog)?;
                return Ok(Verified::Unasked(Box::new((run, subject))));
            }
            None
        }
    };
    samples.save()?;
    folder.write_run(&run)?;
    if let Some(served) = served {
        served
            .stop()
            .map_err(RunError::from_cause(RunErrorKind::System))?;
    }
    let latencies = samples.figures(&run)?.latencies.clone();
    Ok(Verified::Judged(Box::new(CompletedRun {
        run,
        latencies,
        folder,
    })))
}

/// Sets the run's functions as typed, and checks that the function that answered has a name.
fn name_functions(run: &mut Run, options: &VerifyOptions) -> Result<(), RunError> {
    match options.functions.clone() {
        Some(_) if run.target.kind == TargetKind::Sandbox => Err(RunError::new(
            RunErrorKind::Scenario,
            words::NAMED_BY_SANDBOX,
        )),
        Some(names) => {
            run.target.functions = names;
            Ok(())
        }
        None if run.target.unnamed() => Err(RunError::new(
            RunErrorKind::Scenario,
            words::unnamed_function(&run.target.url),
        )),
        None => Ok(()),
    }
}

/// The scenario of the run.
pub(super) fn scenario(run: &Run) -> Result<Scenario, RunError> {
    let Some(toml) = &run.scenario.toml else {
        return Err(RunError::new(
            RunErrorKind::Scenario,
            words::no_scenario(&run.run_id),
        ));
    };
    // These settings were valid when the run was made, so parse errors are ignored.
    let set = run.scenario.set.iter().filter_map(|set| set.parse().ok());
    Scenario::parse_with(toml, "the run's scenario", &set.collect::<Vec<_>>())
        .map_err(RunError::from_cause(RunErrorKind::System))
}

/// The API to ask, and the sandbox that was started to serve it, if any. None if it is Datadog's
/// API and there are no keys.
fn access(
    options: &VerifyOptions,
    run: &Run,
    folder: &Folder,
) -> Result<Option<(Access, Option<EmbeddedSandbox>)>, RunError> {
    let of_sandbox = run.target.kind == TargetKind::Sandbox;
    let basis = if of_sandbox {
        Basis::Sandbox
    } else {
        Basis::Datadog
    };
    if options.datadog_url.is_some() {
        let access = Access::to_ask(run, options.datadog_url.as_deref())?;
        return Ok(access.map(|access| (access, None)));
    }
    if of_sandbox {
        let telemetry = folder.telemetry_file();
        if telemetry.exists() {
            // The sandbox of that run has ended; its telemetry is served again, over HTTP.
            let options = SandboxOptions {
                data: TelemetryStorage::Recorded(telemetry),
                ..SandboxOptions::default()
            };
            let served =
                Sandbox::embedded(options).map_err(RunError::from_cause(RunErrorKind::System))?;
            let access = Access::at(&served.info().datadog_url, Keys::for_sandbox(), basis)?;
            return Ok(Some((access, Some(served))));
        }
        let address = run.target.datadog_url.as_ref().ok_or_else(|| {
            RunError::new(
                RunErrorKind::Scenario,
                words::unknown_sandbox(folder.path().display().to_string()),
            )
        })?;
        return Ok(Some((
            Access::at(address, Keys::for_sandbox(), basis)?,
            None,
        )));
    }
    Ok(Access::to_datadog()?.map(|access| (access, None)))
}
