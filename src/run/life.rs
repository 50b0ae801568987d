//! The life of a run of a scenario: plan, send, gather evidence, judge, conclude.

use std::time::Duration;

use super::{
    Access, CompletedRun, Destination, Observer, Plan, RunError, RunErrorKind, RunOptions,
    RunTarget, SampleSet, ThresholdWatch,
    annotate::{RunMoment, annotate},
    functions::{self, RunFunctions},
    guard::agreed,
    job,
    judge::Judge,
    notes::note,
    plan, record, send, signing, thresholds, told, words,
};
use crate::{
    engine::Job,
    environment::variable,
    host::MemoryLimiter,
    lambda::Function,
    lang::{
        Reason,
        statements::{
            notes,
            verifying::{minute_skipped, not_verified},
        },
    },
    record::{Folder, Run, TargetKind, Verification, with_recorder},
    sandbox::{SandboxOptions, TelemetryStorage},
    scenario::{FilledRequest, Scenario},
    schedule::Schedule,
};

/// Runs a scenario from the plan to the verdict. Blocks until it is over; must not be called from
/// within an asynchronous runtime.
///
/// # Errors
/// When it cannot start: the scenario, the target, the options or the keys are unusable, or the
/// confirmation was refused. Then nothing was sent. A failure after the first request is in the
/// record.
pub fn run(
    scenario: &Scenario,
    target: RunTarget,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<CompletedRun, RunError> {
    let mut scenario = scenario.clone();
    let unplanned = RunErrorKind::Scenario.caused();
    let of_each = Schedule::of(&scenario).map_err(&unplanned)?;
    let whole = of_each.to_each_of(&target.invoked()).map_err(&unplanned)?;
    let sharing = &options.sharing;
    sharing.check(whole.length(), options.max_in_flight)?;
    let schedule = whole.of_shard(sharing.shard());
    thresholds::check_support(&options.abort_on, &schedule, scenario.traffic.as_ref())?;
    let times = told::times();
    let named = checked(&target, &scenario, &whole, options)?;
    let found = target.found().map(|found| &found.url);
    (options.tls.check(found)).map_err(RunErrorKind::Target.caused())?;
    let shared = found.filter(|_| target.invoked().is_empty());
    (options.connection_use.check(shared)).map_err(RunErrorKind::Target.caused())?;
    job::checked_script(&scenario, &named.functions)?;
    let left_out = functions::expect_of(&mut scenario.expect, &named.functions);
    let mut abort_on = options.abort_on.clone();
    for limits in [&mut scenario.thresholds, &mut abort_on] {
        functions::limits_of(limits, &named.functions.invoked)?;
    }
    options.record.check()?;
    let (filled, signing) = request(&target, &scenario, options, observer)?;
    let started_at = sharing.starts(times.started_at());
    let folder_name = sharing.folder_name(&scenario.name);
    let make_folder = || options.record.create(started_at, &folder_name);
    let (target, made) = started(target, &scenario, options, &make_folder)?;
    let predicted = plan::prediction(&scenario, &of_each, &target, &named.functions);
    let plan = Plan {
        scenario: &scenario,
        schedule: &whole,
        target: &target,
        predicted: &predicted,
    };
    observer.planned(&plan);
    let sign_ins = sharing.sign_ins(&scenario, &whole);
    agreed(
        &target,
        whole.requests() + sign_ins,
        &options.guard,
        observer,
    )?;
    let plan = Plan {
        schedule: &schedule,
        ..plan
    };
    let mut run = record::begun(&plan, named, started_at);
    run.notes.extend(left_out);
    if run.target.is_hosted() {
        run.notes.push(match MemoryLimiter::found() {
            MemoryLimiter::Watched => notes::hosted(),
            MemoryLimiter::CgroupV1 => notes::hosted_limited(1),
            MemoryLimiter::CgroupV2 => notes::hosted_limited(2),
        });
    }
    sharing.mark(&mut run, Some(&whole), &target);
    let job = |part| {
        let signer = |url: &_| signing.as_ref().map(|signing| signing.signer(url));
        job::job(&plan, options, filled.clone(), &signer, &run, part)
    };
    let jobs = sharing.parts().map(job).collect::<Result<Vec<_>, _>>()?;
    let checked = jobs.iter().try_for_each(Job::check);
    checked.map_err(RunErrorKind::System.caused())?;
    // Nothing is sent before this line, and a failure before it leaves no folder behind.
    let folder = made.map_or_else(make_folder, Ok)?;
    sharing.tell_start(&observer.talk());
    if options.annotate {
        annotate(&mut run, RunMoment::Start);
    }
    observer.begins(&run, Some(&plan));
    let mut thresholds = ThresholdWatch::new(
        &scenario.thresholds,
        &abort_on,
        &options.stop,
        schedule.requests(),
        &run.phases,
    );
    let (ended, recorded) = with_recorder(&folder, &run, |recorder| {
        recorder.watch(&thresholds.phases());
        send::send(jobs, recorder, &options.stop, &mut thresholds, observer)
    })?;
    times.end(&mut run);
    record::end(&mut run, &ended?, &recorded, &target)?;
    if let Some(refused) = run.status.get(&403).filter(|_| options.sign) {
        run.notes.push(notes::signed_403(*refused));
    }
    thresholds::hold(&mut run, &recorded.tally);
    thresholds.tell(&mut run, &recorded.tally);
    if options.annotate {
        annotate(&mut run, RunMoment::End);
    }
    let mut judge = Judge {
        run,
        scenario: &scenario,
        samples: SampleSet::recorded(folder, recorded.tally),
    };
    judge.whole(&plan, options, observer)?;
    let Judge {
        mut run,
        mut samples,
        ..
    } = judge;
    samples.save()?;
    keep(samples.folder(), &mut run);
    samples.completed(run)
}

/// Writes the run. What was measured is shown also where the disk is full.
pub(super) fn keep(folder: &Folder, run: &mut Run) {
    if let Err(error) = folder.write_run(run) {
        run.notes.push(notes::not_on_disk(Reason::of(error)));
    }
}

/// What each request carries at the target, and what signs it.
pub(super) fn request(
    target: &RunTarget,
    scenario: &Scenario,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<(FilledRequest, Option<signing::RunSigning>), RunError> {
    let filled = (scenario.request)
        .fill(variable)
        .map_err(RunErrorKind::Scenario.caused())?;
    let filled = match target.invoking() {
        Some(invoked) => job::content(invoked, filled)?,
        None => filled,
    };
    let Some(found) = target.found() else {
        return Ok((filled, None));
    };
    let signing = signing::signing(options, found, scenario, &filled, &observer.talk())?;
    Ok((filled, signing))
}

/// Checks what can be checked before anything is created or asked: guard rails, keys, names.
pub(super) fn checked(
    target: &RunTarget,
    scenario: &Scenario,
    schedule: &Schedule,
    options: &RunOptions,
) -> Result<RunFunctions, RunError> {
    match target.found() {
        Some(found) => {
            let (invoked, has_flows) = (found.invoked.is_some(), scenario.traffic.is_some());
            let has_path = scenario.request.path.is_some();
            let refused = [
                (invoked && has_path, words::PATH_BESIDE_INVOKE),
                (invoked && has_flows, words::FLOWS_BESIDE_INVOKE),
                (options.sign && has_flows, words::FLOWS_SIGNED),
            ];
            if let Some((_, why)) = refused.into_iter().find(|(is_so, _)| *is_so) {
                return Err(RunErrorKind::Scenario.error(why));
            }
            let sign_ins = options.sharing.sign_ins(scenario, schedule);
            options.guard.check(found, schedule, sign_ins)?;
            if found.sandbox.is_none() && (options.verify || options.annotate) {
                // Unusable keys or an invalid site are reported before anything is sent.
                Access::to_datadog()?;
            }
            Ok(RunFunctions::at(found, options)?.of(scenario))
        }
        None if target.invoking().is_some() && scenario.request.path.is_some() => {
            Err(RunErrorKind::Scenario.error(words::PATH_BESIDE_INVOKE))
        }
        None if options.sign => Err(RunErrorKind::Credentials.error(words::SIGNING_NEEDS_URL)),
        None => Ok(match target {
            RunTarget::Hosted(app) => RunFunctions::hosted(app),
            _ => RunFunctions::embedded(target.invoking(), scenario),
        }
        .of(scenario)),
    }
}

/// The target, ready for requests, and the folder, if it had to be created for that: the embedded
/// sandbox keeps its telemetry there from the start.
pub(super) fn started(
    target: RunTarget,
    scenario: &Scenario,
    options: &RunOptions,
    make_folder: &dyn Fn() -> Result<Folder, RunError>,
) -> Result<(Destination, Option<Folder>), RunError> {
    match target {
        RunTarget::Found(mut found) => {
            found.url.show_parameters(&options.guard.public_query);
            found.configure(&scenario.function, &scenario.hidden())?;
            Ok((*found, None))
        }
        RunTarget::Embedded | RunTarget::Modelled(_) | RunTarget::Hosted(_) => {
            let folder = make_folder()?;
            let models = scenario.models.iter().map(Function::from);
            let sandbox = SandboxOptions {
                data: TelemetryStorage::Run(folder.telemetry_file()),
                seed: scenario.seed,
                hidden: scenario.hidden(),
                functions: match &target {
                    RunTarget::Hosted(_) => None,
                    _ => Some(models.collect()).filter(|all: &Vec<_>| !all.is_empty()),
                },
                hosted: match &target {
                    RunTarget::Hosted(app) => Some(app.clone()),
                    _ => None,
                },
                ..SandboxOptions::default()
            };
            let mut found = Destination::embedded(sandbox, &scenario.function)?;
            let names_paths = scenario.request.path.is_some() || scenario.traffic.is_some();
            match target {
                RunTarget::Modelled(invoked) => found.invoke(invoked)?,
                RunTarget::Hosted(_) if names_paths => found.leave_route()?,
                _ => {}
            }
            Ok((found, Some(folder)))
        }
    }
}

impl Judge<'_> {
    /// Gathers all evidence on a run that was just sent: structure, what the client saw, and what
    /// the sandbox, Datadog or Lambda's log has of it.
    pub(super) fn whole(
        &mut self,
        plan: &Plan<'_>,
        options: &RunOptions,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        if plan.target.kind == TargetKind::Http {
            self.doubt_tails()?;
        }
        if plan.target.invoked.is_some() {
            self.tell_of_tails()?;
        }
        let is_part = self.run.shard.is_some();
        if let (Some(expiry), false) = (expiry(plan.target), is_part) {
            self.by_structure(plan.schedule, expiry)?;
        }
        if !options.verify {
            self.run.verification = Verification::Skipped;
        }
        self.by_client(plan.predicted.clone())?;
        if !options.verify || is_part {
            return Ok(());
        }
        if self.run.target.unnamed() && !self.run.insights.is_empty() {
            self.run.notes.push(notes::unnamed());
        }
        if self.run.interrupted {
            return Ok(());
        }
        if !self.scenario.expect.monitors.is_empty()
            && let Some(skip) = plan.target.skip_minute()
        {
            note(
                &mut self.run,
                skip.map_or_else(not_verified, |()| minute_skipped()),
            );
        }
        match Access::to_ask(&self.run, options.datadog_url.as_deref())? {
            Some(access) => self.by_asking_if_possible(&access, options.wait, observer),
            None => self.by_logs(options.wait, &observer.talk()).map(drop),
        }
    }
}

/// The idle time after which the target certainly has no environment left. It is known for a
/// sandbox that only this run uses, and for forced cold starts: the forced update leaves no
/// environment, however short the idle phase was.
pub(super) fn expiry(target: &Destination) -> Option<Duration> {
    match target.embedded_info() {
        // Of several functions each has environments of its own, and its tails say more.
        Some(_) if target.invoked.is_some() => None,
        Some(info) => Some(info.expiry.usual_range().1),
        None if target.force_cold.is_some() => Some(Duration::ZERO),
        None => None,
    }
}
