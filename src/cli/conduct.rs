//! What every command that runs a scenario does: plan, send, record, judge, report.

use std::path::Path;

use jiff::Timestamp;

use super::{
    Exit, Failure,
    asked::Asked,
    flags::{Global, RunsDir, Sending},
    guard, interrupt, judge,
    limits::{self, Held},
    logs, out, own, plan,
    progress::Watch,
    send, signing,
    stack::{self, Stack},
    target::Target,
    verifying::{Access, settings},
};
use crate::{
    engine::{EndReason, EngineSummary, StopSignal},
    insight::ClientView,
    lang::Lang,
    record::{
        Folder, PhaseReport, Recorded, Run, Target as Place, TimeRange, Verification,
        with_recorder,
        words::{GAVE_UP, IDLE_NOT_SKIPPED, NOT_ON_DISK, UNNAMED},
    },
    report::{self, Format},
    sandbox::SandboxOptions,
    scenario::{Phase, Scenario},
    schedule::Schedule,
};

/// Runs a scenario from the plan to the verdict.
///
/// # Errors
/// When it cannot start: the target, the settings or the plan is unusable.
pub fn run(mut asked: Asked, sending: &Sending, global: &Global) -> Result<Exit, Failure> {
    if let Some(seed) = sending.seed {
        asked.scenario.seed = seed;
    }
    sending.limits.check_for_scenario(&asked.scenario)?;
    for threshold in &sending.limits.thresholds {
        asked.change("threshold", threshold);
        asked.scenario.thresholds.push(threshold.clone());
    }
    let scenario = &asked.scenario;
    let schedule = Schedule::of(scenario).map_err(Failure::new)?;
    let filled = scenario
        .request
        .fill(|name| std::env::var(name).ok())
        .map_err(Failure::new)?;
    let times = send::times();
    let started_at = times.started_at();
    sending.own.fits(sending)?;
    // A target that was typed is looked at before anything else is done.
    let on_aws = &sending.on_aws;
    let typed = match (&sending.url, &on_aws.stack, &on_aws.endpoint) {
        (Some(address), _, Some(endpoint)) => Some(Target::on_emulator(address, endpoint)?),
        (Some(address), _, None) => Some(Target::at(address, &scenario.function)?),
        (None, Some(name), endpoint) => {
            let stack = Stack::look_up(name, on_aws, scenario)?;
            Some(Target::of_stack(stack, endpoint.as_ref())?)
        }
        (None, None, Some(_)) => {
            return Err(Failure::new(
                "--endpoint alone says not where to send: add --stack NAME, or --url with an address of API Gateway",
            ));
        }
        (None, None, None) => None,
    };
    let named = match &typed {
        Some(target) => {
            guard::check(&sending.guard, target, &schedule)?;
            if target.sandbox.is_none() && !sending.no_verify {
                // Unusable keys or a site that is none are told before anything is sent.
                Access::to_datadog()?;
            }
            own::Named::at(target, sending)?
        }
        None => own::Named::sample_app(),
    };
    let left_out = own::expect_of(&mut asked.scenario.expect, &named.functions);
    let scenario = &asked.scenario;
    let signer = match &typed {
        Some(target) => signing::signer(sending, target, scenario, &filled)?,
        None if sending.sigv4 => {
            return Err(Failure::new(
                "--sigv4 signs for an endpoint that IAM protects: add --url with its address",
            ));
        }
        None => None,
    };
    if let Some(path) = &sending.out {
        unused(path)?;
    }
    let make_folder = || {
        let out = sending.out.as_deref();
        folder(out, &sending.runs, started_at, &scenario.name)
    };
    let (target, made) = match typed {
        Some(target) => (target, None),
        None => {
            // The sandbox keeps its telemetry there from the beginning.
            let folder = make_folder()?;
            let options = SandboxOptions {
                data: Some(folder.telemetry_file()),
                seed: scenario.seed,
                hidden: scenario.request.hidden(),
                ..SandboxOptions::default()
            };
            let target = Target::embedded(options, &scenario.function)?;
            (target, Some(folder))
        }
    };
    let predicted = plan::prediction(&asked, &schedule, &target, &named.functions);
    if !global.quiet && !sending.json {
        let cost = plan::cost(&asked, &schedule, &predicted, target.kind);
        let plan = report::text::plan(scenario, &schedule, &place(&target), &cost, &predicted);
        anstream::eprint!("{plan}\n");
        if let Some(note) = stack::about_idling(&target, scenario, sending) {
            anstream::eprint!("{note}\n\n");
        }
    }
    guard::consent(&sending.guard, &target, &schedule)?;

    let mut run = begun(&asked, &schedule, &target, named, started_at);
    run.notes.extend(left_out);
    let job = send::job(
        scenario,
        &schedule,
        &target,
        sending,
        filled,
        signer,
        &run.run_id,
    )?;
    // Until here nothing is sent, and what keeps it from being sent leaves no folder behind.
    let folder = match made {
        Some(folder) => folder,
        None => make_folder()?,
    };
    let stop = StopSignal::new();
    interrupt::listen(stop.clone())?;
    let watch = watch(&run, scenario);
    let mut held = Held::new(
        &scenario.thresholds,
        &sending.limits,
        &stop,
        schedule.total(),
        &run.phases,
    );
    let (ended, recorded) = with_recorder(&folder, &run, |recorder| {
        let quiet = global.quiet;
        recorder.watch(held.phases());
        send::send(job, &schedule, recorder, &stop, watch, &mut held, quiet)
    })?;

    times.end(&mut run);
    end(&mut run, &ended?, &recorded, &target)?;
    limits::hold(&mut run, &recorded.tally);
    held.tell(&mut run, &recorded.tally);
    judge::with_structure(&mut run, &schedule, &folder, &target)?;
    if sending.no_verify {
        run.verification = Verification::Skipped;
    }
    judge::by_client(&mut run, scenario, &folder, predicted)?;
    if !sending.no_verify && run.target.unnamed() && !run.insights.is_empty() {
        run.notes.push(UNNAMED.en.to_owned());
    }
    if !sending.no_verify && !run.interrupted {
        match Access::of_run(&run)? {
            Some(access) => judge::by_asking_if_it_can(
                &mut run,
                scenario,
                &folder,
                &access,
                sending.wait,
                global.quiet,
            )?,
            None => {
                logs::judge(&mut run, scenario, &folder, sending.wait, global.quiet)?;
            }
        }
    }
    if recorded.failed().is_some() {
        // What is on disk is not all, so the limits are held against what was measured.
        judge::conclude(&mut run, &recorded.tally);
    }
    let format = match sending.json {
        true => Format::Json,
        false => Format::Text,
    };
    match folder.write_run(&run) {
        Ok(()) => out::text(report::of_folder(&folder, format)?)?,
        // The figures are at hand, and only their file is missing.
        Err(error) => {
            run.notes
                .push(NOT_ON_DISK.say(Lang::En, &[&error.to_string()]));
            out::text(match sending.json {
                true => report::json::write(&run),
                false => report::text::write(&run, &recorded.tally.latencies),
            })?;
        }
    }
    if !sending.json && !global.quiet {
        anstream::eprint!("{}", send::next(&folder, sending.out.is_some()));
    }
    Ok(Exit::of(&run))
}

/// The folder of a new run: the one that was typed, or a new one among the runs.
///
/// # Errors
/// When it holds a run already, or cannot be made.
pub fn folder(
    typed: Option<&Path>,
    runs: &RunsDir,
    started_at: Timestamp,
    name: &str,
) -> Result<Folder, Failure> {
    match typed {
        Some(path) => {
            unused(path)?;
            let folder = Folder::at(path);
            folder.create()?;
            Ok(folder)
        }
        None => Ok(runs.runs().create(started_at, name)?),
    }
}

/// Sees that a folder that was typed holds no run yet.
///
/// # Errors
/// When it does.
pub fn unused(path: &Path) -> Result<(), Failure> {
    match path.join("run.json").exists() {
        true => Err(Failure::new(format!(
            "{} holds a run already, and nothing is overwritten: name another folder",
            path.display()
        ))),
        false => Ok(()),
    }
}

/// The run as it stands at its start.
fn begun(
    asked: &Asked,
    schedule: &Schedule,
    target: &Target,
    named: own::Named,
    started_at: Timestamp,
) -> Run {
    let now_ms = match &target.sandbox {
        Some(info) => info.now.as_millisecond(),
        None => started_at.as_millisecond(),
    };
    let sandbox = target.sandbox.as_ref();
    let place = Place {
        datadog_url: sandbox.map(|info| info.datadog_url.clone()),
        functions: named.functions,
        region: named.region,
        aws_endpoint: named.endpoint,
        configured: sandbox.map_or_else(Vec::new, |info| info.functions.clone()),
        range: TimeRange::begun(now_ms),
        ..Place::at(target.kind, target.url.clone())
    };
    Run {
        phases: phases(&asked.scenario, schedule),
        thresholds: (asked.scenario.thresholds.iter())
            .map(limits::unmeasured)
            .collect(),
        ..Run::begun(
            run_id(started_at, &asked.scenario.name),
            asked.info(),
            place,
            started_at,
            schedule.total(),
            schedule.length(),
        )
    }
}

/// What the display watches the entry function for.
fn watch(run: &Run, scenario: &Scenario) -> Watch {
    let settings = settings(run, scenario, 0);
    let view = ClientView::new(run.target.functions.entry_or_unnamed(), settings);
    Watch::new(view, scenario.expect.clone())
}

/// The phases as they stand before anything was sent.
pub(super) fn phases(scenario: &Scenario, schedule: &Schedule) -> Vec<PhaseReport> {
    let report = |(index, phase): (usize, &Phase)| {
        let of_phase = schedule.steps().iter().filter(|step| step.phase == index);
        PhaseReport {
            name: phase.name.clone(),
            what: phase.to_string(),
            times: scenario.repeat,
            planned: of_phase.map(|step| step.count).sum(),
            ..PhaseReport::default()
        }
    };
    scenario.phases.iter().enumerate().map(report).collect()
}

/// Where the requests go, in words.
fn place(target: &Target) -> String {
    match &target.sandbox {
        Some(_) => format!("the sandbox at {}", target.url),
        None => target.url.clone(),
    }
}

/// A run id: readable, and unlike any other run's, since Datadog is searched for it.
pub fn run_id(started_at: Timestamp, scenario: &str) -> String {
    let unlike = uuid::Uuid::new_v4().simple().to_string();
    let stamp = started_at.strftime("%Y%m%dT%H%M%SZ");
    format!("{scenario}-{stamp}-{}", &unlike[..8])
}

/// Completes what the end of sending says.
fn end(
    run: &mut Run,
    ended: &EngineSummary,
    recorded: &Recorded,
    target: &Target,
) -> Result<(), Failure> {
    run.schedule.skipped_ms = u64::try_from(ended.skipped.as_millis()).unwrap_or(u64::MAX);
    if let Some(info) = target.info_now()? {
        run.target.range.to_ms = info.now.as_millisecond();
    }
    recorded.fill(run);
    run.requests.not_sent = ended.totals.not_sent;
    run.interrupted = ended.end != EndReason::Completed;
    run.aborted = given_up(&ended.end, &run.phases);
    run.connections = Some(send::connections(ended));
    run.notes.extend(send::reasons(ended));
    run.notes.extend(send::lateness(run));
    Ok(())
}

/// Why a run was given up on, where it was. Its steps are its phases, over and over.
fn given_up(end: &EndReason, phases: &[PhaseReport]) -> Option<String> {
    let phase = |step: u32| Some(&phases.get(step as usize % phases.len().max(1))?.name);
    Some(match end {
        EndReason::Completed | EndReason::Stopped => return None,
        EndReason::GaveUp { step, failed, of } => {
            let [failed, of] = [failed, of].map(|count| count.to_string());
            GAVE_UP.say(Lang::En, &[&failed, &of, phase(*step)?])
        }
        EndReason::SkipFailed { step, reason } => {
            IDLE_NOT_SKIPPED.say(Lang::En, &[phase(*step)?, reason])
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_given_up_on_says_in_which_phase() {
        let phase = |name: &str| PhaseReport {
            name: name.to_owned(),
            times: 2,
            ..PhaseReport::default()
        };
        let phases = [phase("burst"), phase("pause")];
        let (step, failed, of) = (2, 30, 50);
        let why = given_up(&EndReason::GaveUp { step, failed, of }, &phases);
        let said = "30 of 50 requests in phase `burst` failed without having been asked to";
        assert_eq!(why.as_deref(), Some(said));
        let reason = "the sandbox did not answer".to_owned();
        let why = given_up(&EndReason::SkipFailed { step: 3, reason }, &phases);
        let said = "the idle phase `pause` could not be skipped: the sandbox did not answer";
        assert_eq!(why.as_deref(), Some(said));
        assert_eq!(given_up(&EndReason::Stopped, &phases), None);
    }
}
