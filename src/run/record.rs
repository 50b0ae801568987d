//! The record of a run: at its start, and once everything is sent.

use jiff::Timestamp;

use super::{
    Plan, RunError, functions::RunFunctions, sharing, target::Destination, thresholds, told,
};
use crate::{
    engine::{EndReason, EngineSummary},
    lang::{
        Statement,
        statements::{notes, title},
    },
    record::{ArrivalKind, PhaseReport, Recorded, Run, ScenarioInfo, Target, TimeRange},
    scenario::{Arrivals, Phase, Scenario, Setting, Traffic},
    schedule::Schedule,
};

/// What a run's record says of its scenario.
pub(super) fn info(scenario: &Scenario) -> ScenarioInfo {
    ScenarioInfo {
        name: scenario.name.clone(),
        title: title::of_builtin(&scenario.title)
            .unwrap_or_else(|| Statement::verbatim(scenario.title.clone())),
        seed: scenario.seed,
        requests: several(scenario, |of| {
            of.requests.iter().map(|one| one.name.clone()).collect()
        }),
        flows: several(scenario, |of| {
            of.flows.iter().map(|one| one.name.clone()).collect()
        }),
        toml: scenario.text.clone(),
        changes: scenario.changes.clone(),
        // What is sent may be a secret, and is not needed again.
        set: (scenario.set.iter())
            .filter(|set| !set.may_be_secret())
            .map(Setting::typed)
            .collect(),
    }
}

/// The names of what a scenario's traffic has several of.
fn several(scenario: &Scenario, names: impl Fn(&Traffic) -> Vec<String>) -> Vec<String> {
    let names = scenario.traffic.as_ref().map(names).unwrap_or_default();
    if names.len() > 1 { names } else { Vec::new() }
}

/// The run as it stands at its start.
pub(super) fn begun(plan: &Plan<'_>, named: RunFunctions, started_at: Timestamp) -> Run {
    let Plan {
        scenario,
        schedule,
        target,
        ..
    } = *plan;
    let now_ms = match &target.sandbox {
        Some(info) => info.now.as_millisecond(),
        None => started_at.as_millisecond(),
    };
    let sandbox = target.sandbox.as_ref();
    let place = Target {
        datadog_url: sandbox.map(|info| info.datadog_url.clone()),
        functions: named.functions,
        region: named.region,
        aws_endpoint: named.emulator,
        configured: sandbox.map_or_else(Vec::new, |info| info.functions.clone()),
        range: TimeRange::begun(now_ms),
        ..Target::at(target.kind, target.url.to_string())
    };
    Run {
        phases: phases(scenario, schedule),
        thresholds: (scenario.thresholds.iter())
            .map(thresholds::unmeasured)
            .collect(),
        ..Run::begun(
            run_id(started_at, &scenario.name),
            info(scenario),
            place,
            started_at,
            schedule.requests(),
            schedule.length(),
        )
    }
}

/// The phases as they stand before anything was sent.
pub(super) fn phases(scenario: &Scenario, schedule: &Schedule) -> Vec<PhaseReport> {
    let report = |(index, phase): (usize, &Phase)| {
        let of_phase = schedule.steps().iter().filter(|step| step.phase == index);
        PhaseReport {
            name: phase.name.clone(),
            what: phase.statement(),
            arrivals: Some(arrival_kind(&phase.arrivals)),
            times: scenario.repeat,
            planned: of_phase.map(|step| step.requests).sum(),
            ..PhaseReport::default()
        }
    };
    scenario.phases.iter().enumerate().map(report).collect()
}

fn arrival_kind(arrivals: &Arrivals) -> ArrivalKind {
    match arrivals {
        Arrivals::Idle(_) => ArrivalKind::Idle,
        Arrivals::Burst { .. } => ArrivalKind::Burst,
        Arrivals::Rate { .. } => ArrivalKind::Rate,
        Arrivals::Ramp { .. } => ArrivalKind::Ramp,
        Arrivals::Poisson { .. } => ArrivalKind::Poisson,
    }
}

/// A run id: readable, and unlike any other run's, since Datadog is searched for it.
pub fn run_id(started_at: Timestamp, scenario: &str) -> String {
    let unlike = uuid::Uuid::new_v4().simple().to_string();
    let stamp = started_at.strftime("%Y%m%dT%H%M%SZ");
    format!("{scenario}-{stamp}-{}", &unlike[..8])
}

/// Adds what the end of sending says.
pub(super) fn end(
    run: &mut Run,
    ended: &EngineSummary,
    recorded: &Recorded,
    target: &Destination,
) -> Result<(), RunError> {
    run.schedule.skipped_ms = u64::try_from(ended.skipped.as_millis()).unwrap_or(u64::MAX);
    if let Some(info) = target.info_now()? {
        run.target.range.to_ms = info.now.as_millisecond();
    }
    sent(run, ended, recorded);
    Ok(())
}

/// The same of any run, a benchmark too.
pub(super) fn sent(run: &mut Run, ended: &EngineSummary, recorded: &Recorded) {
    recorded.fill(run);
    run.requests.not_sent = ended.totals.not_sent;
    if run.has_flows() {
        // A flow may end before its last request, which then is not planned.
        run.requests.planned = ended.totals.planned;
        let phases = run.phases.len();
        for (place, phase) in run.phases.iter_mut().enumerate() {
            phase.planned = recorded.tally.phase_counts(place, phases).total();
        }
    }
    run.sign_ins = told::sign_ins(ended);
    run.interrupted = ended.end != EndReason::Completed;
    run.aborted = given_up(&ended.end, run);
    run.connections = Some(told::connections(ended));
    sharing::end(run, ended);
    run.notes.extend(told::reasons(ended));
    run.notes.extend(told::lateness(run));
}

/// Why the run was given up, if it was.
pub(super) fn given_up(end: &EndReason, run: &Run) -> Option<Statement> {
    let phase = |step: u32| Some(&run.phases.get(run.phase_of(step).0)?.name);
    match end {
        EndReason::Completed | EndReason::Stopped => None,
        EndReason::SignInFailed { reason } => Some(notes::sign_in_first(reason.clone())),
        EndReason::QueueExpired => Some(notes::queue_expired(run.requests.not_sent)),
        EndReason::GaveUp { step, failed, of } => Some(notes::gave_up(*failed, *of, phase(*step)?)),
        EndReason::SkipFailed { step, reason } => {
            Some(notes::idle_not_skipped(phase(*step)?, reason.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::record::TargetKind;

    #[test]
    fn a_run_that_is_given_up_on_says_in_which_phase() {
        let phase = |name: &str| PhaseReport {
            name: name.to_owned(),
            times: 2,
            ..PhaseReport::default()
        };
        let run = Run {
            phases: vec![phase("burst"), phase("pause")],
            ..Run::begun(
                "run".to_owned(),
                ScenarioInfo::default(),
                Target::at(TargetKind::Http, String::new()),
                Timestamp::UNIX_EPOCH,
                0,
                Duration::ZERO,
            )
        };
        let (step, failed, of) = (2, 30, 50);
        let why = given_up(&EndReason::GaveUp { step, failed, of }, &run);
        let said = "30 of 50 requests in phase `burst` failed without having been asked to";
        assert_eq!(why.map(|why| why.text).as_deref(), Some(said));
        let reason = Statement::verbatim("the sandbox did not answer");
        let why = given_up(&EndReason::SkipFailed { step: 3, reason }, &run);
        let said = "the idle phase `pause` could not be skipped: the sandbox did not answer";
        assert_eq!(why.map(|why| why.text).as_deref(), Some(said));
        assert_eq!(given_up(&EndReason::Stopped, &run), None);
    }
}
