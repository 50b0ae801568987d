//! A simulation as the record that a run leaves, so that one report shows both.

use std::path::Path;

use jiff::Timestamp;

use super::super::{Failure, asked::Asked, conduct, limits};
use crate::{
    control::FunctionInfo,
    insight::{
        Basis, ClientView,
        predict::{Ground, predict},
    },
    lambda::{Config, Function, Role},
    record::{Folder, FunctionNames, Run, Target, TargetKind, TimeRange, with_recorder},
    simulate::{Simulation, Tally as Numbers},
    stats::Tally,
    units::show_duration,
    verify::{self, InitSource, InitTimes, View},
};

/// The record. It begins in 1970, so that the same seed gives the same record.
pub(super) fn run(asked: &Asked, simulation: &Simulation, config: &Config, tally: &Tally) -> Run {
    let scenario = &asked.scenario;
    let to_ms = i64::try_from(simulation.length.as_millis()).unwrap_or(i64::MAX);
    let target = Target {
        functions: FunctionNames {
            entry: Some(simulation.entry.name.to_owned()),
            consumer: Some(simulation.consumer.name.to_owned()),
            ..FunctionNames::default()
        },
        configured: vec![info(&simulation.entry), info(&simulation.consumer)],
        range: TimeRange { from_ms: 0, to_ms },
        ..Target::at(TargetKind::Sandbox, String::new())
    };
    let schedule = &simulation.schedule;
    let mut run = Run {
        simulated: true,
        ended_at: Timestamp::from_millisecond(to_ms).ok(),
        init_times: init_times(simulation),
        phases: conduct::phases(scenario, schedule),
        insights: verify::judge(&scenario.expect, &views(simulation, config)),
        thresholds: scenario.thresholds.iter().map(limits::unmeasured).collect(),
        notes: notes(simulation, config),
        ..Run::begun(
            format!("{}-simulated-{}", scenario.name, config.seed),
            asked.info(),
            target,
            Timestamp::UNIX_EPOCH,
            schedule.total(),
            schedule.length(),
        )
    };
    run.fill(tally);
    limits::hold(&mut run, tally);
    let kept = run.thresholds.iter().all(|limit| limit.met == Some(true));
    run.verdict = verify::overall(&run.insights, kept);
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
        function: simulation.entry.name.to_owned(),
        basis: Basis::Sandbox,
        source: InitSource::Model,
        n,
        mean_ms: Some(waited().map(ms).sum::<f64>() / n as f64),
        max_ms: waited().max().map(ms),
        joined: n,
    })
}

fn info(function: &Function) -> FunctionInfo {
    FunctionInfo {
        name: function.name.to_owned(),
        memory: function.memory,
        timeout_ms: u64::try_from(function.timeout.as_millis()).unwrap_or(u64::MAX),
        reserved_concurrency: function.reserved_concurrency,
        provisioned_concurrency: Some(function.provisioned_concurrency).filter(|n| *n > 0),
        init: function.init,
        warm: function.warm,
        broken: false,
    }
}

/// Writes the record as a run's folder.
pub(super) fn write(path: &Path, run: &Run, simulation: &Simulation) -> Result<(), Failure> {
    conduct::unused(path)?;
    let folder = Folder::at(path);
    let ((), recorded) = with_recorder(&folder, run, |recorder| {
        for sample in &simulation.samples {
            recorder.record(sample);
        }
    })?;
    match recorded.failed() {
        Some(why) => Err(Failure::new(format!(
            "{} is not whole: {why}",
            path.display()
        ))),
        None => Ok(()),
    }
}

fn views(simulation: &Simulation, config: &Config) -> [View; 2] {
    let ground = Ground::of_model(&simulation.entry, config, true);
    let predicted = predict(&simulation.schedule, &ground);
    let mut client = ClientView::new(simulation.entry.name, simulation.settings(Role::Entry));
    for sample in &simulation.samples {
        client.add(sample);
    }
    [
        View {
            function: simulation.entry.name.to_owned(),
            entry: true,
            predicted: Some(predicted.entry),
            client: Some(client.observation()),
            observed: Some(simulation.observation(Role::Entry)),
        },
        View {
            function: simulation.consumer.name.to_owned(),
            entry: false,
            predicted: predicted.consumer,
            client: None,
            observed: Some(simulation.observation(Role::Consumer)),
        },
    ]
}

fn notes(simulation: &Simulation, config: &Config) -> Vec<String> {
    let mut notes: Vec<String> = [Role::Entry, Role::Consumer]
        .map(|role| said(&simulation.tally(role)))
        .into();
    if simulation.dead_letters > 0 {
        notes.push(format!(
            "{} messages were received too often and went to the dead-letter queue.",
            simulation.dead_letters
        ));
    }
    notes.push(format!(
        "The model's assumptions: idle environments are kept for {}, {} is reused first, durations \
         of profile {}; the network and API Gateway take no time.",
        config.expiry,
        match config.reuse {
            crate::lambda::Reuse::MostRecentlyUsed => "the most recently used one",
            crate::lambda::Reuse::Newest => "the newest one",
            crate::lambda::Reuse::LeastRecentlyUsed => "the one idle longest",
        },
        config.profile.key()
    ));
    notes
}

/// A function's figures in a sentence.
fn said(numbers: &Numbers) -> String {
    let mut text = format!(
        "{} ran {} times, {} of them cold starts",
        numbers.function, numbers.invocations, numbers.cold
    );
    for (count, what) in [
        (numbers.ready_ahead, "found an environment made ready ahead"),
        (numbers.throttled, "were throttled"),
        (numbers.errors, "raised or returned an error"),
        (numbers.timeouts, "timed out"),
        (numbers.out_of_memory, "ran out of memory"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    if let (Some(longest), Some(memory)) = (numbers.longest_ms, numbers.memory_used_mb) {
        let longest = std::time::Duration::from_secs_f64(longest / 1e3);
        text.push_str(&format!(
            "; the longest took {}, the most memory was {memory} MB",
            show_duration(longest)
        ));
    }
    text.push_str(&format!("; AWS would ask about ${:.6}.", numbers.cost_usd));
    text
}
