//! A simulation as the record that a run leaves, so that one report shows both.

use std::{path::Path, time::Duration};

use jiff::Timestamp;

use super::{
    RecordPlace, RunError, RunErrorKind,
    record::{info, phases},
    thresholds, words,
};
use crate::{
    insight::{Basis, ClientView},
    lambda::{Config, FunctionId, Reuse},
    lang::{self, Statement, Usd, statements::simulation},
    predict::{Assumptions, predict},
    record::{
        Folder, FunctionNames, InitSource, InitTimes, Run, Target, TargetKind, TimeRange,
        Verification, with_recorder,
    },
    scenario::Scenario,
    simulate::{FunctionTotals, Simulation},
    stats::Tally,
    verify::{self, View},
};

/// The record. It begins in 1970, so that the same seed gives the same record.
pub fn simulated(
    scenario: &Scenario,
    simulation: &Simulation,
    config: &Config,
    tally: &Tally,
) -> Run {
    let to_ms = i64::try_from(simulation.length.as_millis()).unwrap_or(i64::MAX);
    let target = Target {
        functions: FunctionNames {
            entry: Some(simulation.entry.name.clone()),
            consumer: Some(simulation.consumer.name.clone()),
            ..FunctionNames::default()
        },
        configured: vec![(&simulation.entry).into(), (&simulation.consumer).into()],
        range: TimeRange { from_ms: 0, to_ms },
        ..Target::at(TargetKind::Sandbox, String::new())
    };
    let schedule = &simulation.schedule;
    let mut run = Run {
        simulated: true,
        ended_at: Timestamp::from_millisecond(to_ms).ok(),
        init_times: init_times(simulation),
        phases: phases(scenario, schedule),
        insights: verify::judge(&scenario.expect, &views(simulation, config)),
        thresholds: scenario
            .thresholds
            .iter()
            .map(thresholds::unmeasured)
            .collect(),
        notes: notes(simulation, config),
        verification: Verification::Done,
        ..Run::begun(
            format!("{}-simulated-{}", scenario.name, config.seed),
            info(scenario),
            target,
            Timestamp::UNIX_EPOCH,
            schedule.total(),
            schedule.length(),
        )
    };
    run.fill(tally);
    thresholds::hold(&mut run, tally);
    verify::conclude(&mut run);
    run
}

/// How long the model's environments initialised for those who waited for it.
fn init_times(simulation: &Simulation) -> Option<InitTimes> {
    let waited = || {
        simulation
            .samples
            .iter()
            .filter_map(|sample| sample.init_us)
    };
    let n = waited().count() as u64;
    let ms = |micros: u64| micros as f64 / 1e3;
    (n > 0).then(|| InitTimes {
        function: simulation.entry.name.clone(),
        basis: Basis::Sandbox,
        source: InitSource::Model,
        n,
        mean_ms: Some(waited().map(ms).sum::<f64>() / n as f64),
        max_ms: waited().max().map(ms),
        joined: n,
    })
}

/// Writes the record as a run's folder.
///
/// # Errors
/// When the folder holds a run already, or cannot be written completely.
pub fn write_simulated(path: &Path, run: &Run, simulation: &Simulation) -> Result<(), RunError> {
    RecordPlace::Folder(path.to_owned()).check()?;
    let folder = Folder::at(path);
    let ((), recorded) = with_recorder(&folder, run, |recorder| {
        for sample in &simulation.samples {
            recorder.record(sample);
        }
    })?;
    match recorded.failed() {
        Some(why) => {
            Err(RunErrorKind::Record.error(words::not_whole(path.display().to_string(), why)))
        }
        None => Ok(()),
    }
}

fn views(simulation: &Simulation, config: &Config) -> [View; 2] {
    let ground = Assumptions::of_model(&simulation.entry, config, true);
    let predicted = predict(&simulation.schedule, &ground);
    let mut client = ClientView::new(
        simulation.entry.name.clone(),
        simulation.settings(FunctionId::ENTRY),
    );
    for sample in &simulation.samples {
        client.add(sample);
    }
    [
        View {
            function: simulation.entry.name.clone(),
            entry: true,
            predicted: Some(predicted.entry),
            client: Some(client.observation()),
            observed: Some(simulation.observation(FunctionId::ENTRY)),
        },
        View {
            function: simulation.consumer.name.clone(),
            entry: false,
            predicted: predicted.consumer,
            client: None,
            observed: Some(simulation.observation(FunctionId::CONSUMER)),
        },
    ]
}

fn notes(simulated: &Simulation, config: &Config) -> Vec<Statement> {
    let mut notes: Vec<Statement> = [FunctionId::ENTRY, FunctionId::CONSUMER]
        .map(|role| of_function(&simulated.totals(role)))
        .into();
    if simulated.dead_letters > 0 {
        notes.push(simulation::dead_letters(simulated.dead_letters));
    }
    let reused = match config.reuse {
        Reuse::MostRecentlyUsed => simulation::most_recent(),
        Reuse::Newest => simulation::newest(),
        Reuse::LeastRecentlyUsed => simulation::longest_idle(),
    };
    let expiry = config.expiry.to_string();
    notes.push(simulation::assumptions(
        expiry,
        reused,
        &config.profile.to_string(),
    ));
    notes
}

/// A function's figures.
fn of_function(totals: &FunctionTotals) -> Statement {
    let function = lang::FunctionName(&totals.function);
    let mut said = simulation::ran(function, totals.invocations, totals.cold);
    for (count, and) in [
        (totals.ready_ahead, simulation::ready_ahead as fn(_, _) -> _),
        (totals.throttled, simulation::and_throttled),
        (totals.errors, simulation::and_raised),
        (totals.timeouts, simulation::and_timed_out),
        (totals.out_of_memory, simulation::and_out_of_memory),
    ] {
        if count > 0 {
            said = and(said, count);
        }
    }
    if let (Some(longest), Some(memory)) = (totals.longest_ms, totals.memory_used_mb) {
        let longest = Duration::from_secs_f64(longest / 1e3);
        said = simulation::most(said, longest, memory.into());
    }
    simulation::cost(said, Usd(totals.cost_usd))
}
