use std::time::Duration;

use super::*;
use crate::{
    insight::{Id, Met},
    lambda::{Admission, Config, End, FunctionSettings, InvokeRequest, LambdaApp, ModelTime},
    scenario::{FaultShare, Phase, Scenario},
    units::Memory,
};

fn scenario(phases: Vec<(Arrivals, Option<FaultShare>)>, repeat: u32) -> Scenario {
    let phase = |(number, (arrivals, fault)): (usize, (Arrivals, Option<FaultShare>))| Phase {
        name: format!("p{number}"),
        arrivals,
        function: None,
        fault,
    };
    Scenario {
        seed: 7,
        phases: phases.into_iter().enumerate().map(phase).collect(),
        repeat,
        ..Scenario::of_nothing("test".to_owned())
    }
}

fn idle(seconds: u64) -> (Arrivals, Option<FaultShare>) {
    (Arrivals::Idle(Duration::from_secs(seconds)), None)
}

fn burst(count: u64) -> (Arrivals, Option<FaultShare>) {
    let within = Duration::ZERO;
    (Arrivals::Burst { count, within }, None)
}

fn rate(per_second: f64, seconds: u64) -> (Arrivals, Option<FaultShare>) {
    let length = Duration::from_secs(seconds);
    (Arrivals::Rate { per_second, length }, None)
}

fn with(
    mut phase: (Arrivals, Option<FaultShare>),
    fault: Fault,
    share: f64,
) -> (Arrivals, Option<FaultShare>) {
    phase.1 = Some(FaultShare { fault, share });
    phase
}

fn predicted(scenario: &Scenario, assumptions: &Assumptions) -> Prediction {
    predict(&Schedule::of(scenario).expect("a schedule"), assumptions)
}

fn met(seen: &Observation, id: Id) -> Met {
    id.insight().evaluate(seen).met
}

fn embedded() -> Assumptions {
    Assumptions::embedded(&FunctionSettings::default())
}

#[test]
fn idle_then_burst_three_times_is_cold_throughout_and_nothing_else() {
    let plan = scenario(vec![idle(900), burst(20)], 3);
    let predicted = predicted(&plan, &embedded());
    assert_eq!(predicted.entry.get(Quantity::ColdStarts), Band::exactly(60));
    assert_eq!(met(&predicted.entry, Id::ColdStarts), Met::Yes);
    for &id in Id::ALL {
        if id != Id::ColdStarts && id != Id::ThreatsDetected {
            assert_eq!(met(&predicted.entry, id), Met::No, "{id}");
        }
    }
    let consumer = predicted.consumer.expect("a consumer");
    assert_eq!(met(&consumer, Id::ColdStarts), Met::Yes);
    assert!(
        predicted
            .reasons
            .iter()
            .any(|r| r.to_string().contains("15 min outlasts"))
    );
    assert!(
        predicted
            .reasons
            .iter()
            .any(|r| r.to_string().contains("fewer than 5,940 warm"))
    );
}

#[test]
fn on_aws_fifteen_minutes_of_idling_promise_nothing() {
    let plan = scenario(vec![idle(900), burst(20)], 3);
    let assumptions = Assumptions::aws("f", &FunctionSettings::default(), true);
    let predicted = predicted(&plan, &assumptions);
    assert_eq!(met(&predicted.entry, Id::ColdStarts), Met::CannotTell);
    assert!(
        predicted
            .reasons
            .iter()
            .any(|r| r.to_string().contains("may outlast"))
    );
}

#[test]
fn no_more_starts_are_cold_than_there_are_invocations() {
    // Anything may time out, and so reset its environment.
    let unknown = Assumptions::aws("f", &FunctionSettings::default(), false);
    for phases in [vec![idle(900), burst(12)], vec![rate(5.0, 30)]] {
        for assumptions in [&unknown, &embedded()] {
            let seen = predicted(&scenario(phases.clone(), 2), assumptions).entry;
            let most = seen.get(Quantity::Invocations).high();
            for part in [
                Quantity::ColdStarts,
                Quantity::Timeouts,
                Quantity::OutOfMemory,
            ] {
                let found = seen.get(part);
                assert!(found.high() <= most, "{part:?}: {found} of {most:?}");
            }
        }
    }
    let plan = scenario(vec![idle(900), burst(12)], 1);
    let cold = predicted(&plan, &unknown).entry.get(Quantity::ColdStarts);
    assert_eq!(cold.high(), Some(12));
}

#[test]
fn on_aws_more_than_an_hour_of_idling_does() {
    let plan = scenario(vec![idle(3_700), burst(20)], 2);
    let wanted = FunctionSettings {
        reserved_concurrency: Some(50),
        ..FunctionSettings::default()
    };
    let predicted = predicted(&plan, &Assumptions::aws("f", &wanted, true));
    // The state before the run is unknown, so only the second idling is certain.
    assert!(predicted.entry.get(Quantity::ColdStarts).low() >= 1);
    assert_eq!(met(&predicted.entry, Id::ColdStarts), Met::Yes);
}

#[test]
fn a_new_account_may_refuse_a_burst_of_twenty() {
    let plan = scenario(vec![idle(3_700), burst(20)], 2);
    let predicted = predicted(
        &plan,
        &Assumptions::aws("f", &FunctionSettings::default(), true),
    );
    assert!(predicted.entry.get(Quantity::Throttles).high() >= Some(10));
    assert_eq!(predicted.entry.get(Quantity::Throttles).low(), 0);
}

#[test]
fn a_fifth_of_errors_is_foretold_whatever_each_counts() {
    let plan = scenario(
        vec![burst(1), idle(3), with(rate(20.0, 5), Fault::Error, 0.2)],
        1,
    );
    let entry = predicted(&plan, &embedded()).entry;
    assert_eq!(entry.get(Quantity::Errors), Band::between(20, 60));
    assert_eq!(met(&entry, Id::Errors), Met::Yes);
    assert_eq!(met(&entry, Id::HighErrors), Met::Yes);
    assert_eq!(met(&entry, Id::Timeouts), Met::No);
}

#[test]
fn half_a_percent_of_errors_may_count_as_more_than_one() {
    let plan = scenario(vec![with(rate(20.0, 50), Fault::Error, 0.005)], 1);
    let entry = predicted(&plan, &embedded()).entry;
    assert_eq!(entry.get(Quantity::Errors), Band::between(5, 15));
    assert_eq!(met(&entry, Id::Errors), Met::CannotTell);
    assert_eq!(met(&entry, Id::HighErrors), Met::No);
}

#[test]
fn a_timeout_brings_errors_high_duration_and_maybe_another_cold_start() {
    let plan = scenario(vec![with(rate(5.0, 4), Fault::Timeout, 0.5)], 1);
    let entry = predicted(&plan, &embedded()).entry;
    for id in [Id::Timeouts, Id::Errors, Id::HighErrors, Id::HighDuration] {
        assert_eq!(met(&entry, id), Met::Yes, "{id}");
    }
    assert_eq!(entry.get(Quantity::Timeouts).low(), 10);
}

#[test]
fn latency_below_the_timeout_fires_high_duration_alone() {
    let slow = Fault::Latency(Duration::from_millis(2_900));
    let patient = FunctionSettings {
        timeout: Some(Duration::from_secs(3)),
        warm: Some(crate::units::Distribution::Constant(Duration::from_millis(
            20,
        ))),
        ..FunctionSettings::default()
    };
    let plan = scenario(vec![with(rate(5.0, 4), slow, 1.0)], 1);
    let entry = predicted(&plan, &Assumptions::embedded(&patient)).entry;
    assert_eq!(met(&entry, Id::HighDuration), Met::Yes);
    // A first run takes longer and may pass the timeout: a plan cannot exclude it.
    assert_eq!(met(&entry, Id::Timeouts), Met::CannotTell);
}

#[test]
fn memory_faults_fire_high_memory_and_beyond_the_size_out_of_memory() {
    let held = |percent| {
        let plan = scenario(vec![with(rate(5.0, 4), Fault::Memory { percent }, 0.5)], 1);
        predicted(&plan, &embedded()).entry
    };
    assert_eq!(met(&held(97), Id::HighMemory), Met::Yes);
    assert_eq!(met(&held(97), Id::OutOfMemory), Met::No);
    assert_eq!(met(&held(150), Id::OutOfMemory), Met::Yes);
    assert_eq!(met(&held(150), Id::HighMemory), Met::Yes);
    assert_eq!(met(&held(50), Id::HighMemory), Met::No);
}

#[test]
fn a_large_memory_size_is_over_provisioned() {
    let roomy = FunctionSettings {
        memory: Memory::from_mb(2048).ok(),
        ..FunctionSettings::default()
    };
    let plan = scenario(vec![rate(5.0, 4)], 1);
    let entry = predicted(&plan, &Assumptions::embedded(&roomy)).entry;
    assert_eq!(met(&entry, Id::OverProvisioned), Met::Yes);
}

#[test]
fn reserved_concurrency_of_two_throttles_a_burst() {
    let tight = FunctionSettings {
        reserved_concurrency: Some(2),
        ..FunctionSettings::default()
    };
    let plan = scenario(vec![burst(20)], 1);
    let entry = predicted(&plan, &Assumptions::embedded(&tight)).entry;
    assert_eq!(entry.get(Quantity::Throttles), Band::exactly(18));
    assert_eq!(entry.get(Quantity::Invocations), Band::exactly(2));
    assert_eq!(met(&entry, Id::Throttles), Met::Yes);
}

#[test]
fn little_traffic_on_much_provisioned_concurrency_is_foretold() {
    let ready = FunctionSettings {
        provisioned_concurrency: Some(50),
        ..FunctionSettings::default()
    };
    let plan = scenario(vec![rate(5.0, 4)], 1);
    let entry = predicted(&plan, &Assumptions::embedded(&ready)).entry;
    assert_eq!(met(&entry, Id::ProvisionedConcurrency), Met::Yes);
    assert_eq!(met(&entry, Id::ColdStarts), Met::No);
}

#[test]
fn faults_are_ignored_where_they_are_not_honoured() {
    let plan = scenario(vec![with(burst(20), Fault::Error, 1.0)], 1);
    let assumptions = Assumptions::aws("their-function", &FunctionSettings::default(), false);
    let entry = predicted(&plan, &assumptions).entry;
    assert_eq!(entry.get(Quantity::Errors).low(), 0);
}

#[test]
fn a_plan_beyond_all_bounds_is_answered_at_once_and_promises_nothing() {
    let plan = scenario(vec![rate(100_000.0, 9_000)], 1);
    let predicted = predicted(&plan, &embedded());
    assert_eq!(met(&predicted.entry, Id::ColdStarts), Met::CannotTell);
    assert!(
        predicted.reasons[0]
            .to_string()
            .contains("900,000,000 requests")
    );
}

/// Runs the plan through the model itself.
fn in_the_model(plan: &Scenario, seed: u64) -> Observation {
    let config = Config {
        seed,
        ..Config::default()
    };
    let mut app = LambdaApp::sample(config).expect("a model");
    let (mut ran, mut cold, mut errors, mut timeouts) = (0, 0, 0, 0);
    let (mut longest, mut largest, mut throttles) = (ModelTime::ZERO, 0, 0);
    for arrival in Schedule::of(plan).expect("a schedule").arrivals() {
        let request = InvokeRequest {
            fault: arrival.fault,
            broken: false,
            ..InvokeRequest::default()
        };
        match app.invoke(arrival.at, request) {
            Admission::Throttled(_) => throttles += 1,
            Admission::Started(invocation) => {
                ran += 1;
                cold += u64::from(invocation.tagged_cold());
                errors += u64::from(!matches!(invocation.end, End::Ok));
                timeouts += u64::from(invocation.end == End::Timeout);
                longest = longest.max(invocation.duration);
                largest = largest.max(invocation.memory_used_mb);
            }
        }
    }
    Observation::new("f", Basis::Plan)
        .with(Quantity::Invocations, Band::exactly(ran))
        .with(Quantity::ColdStarts, Band::exactly(cold))
        .with(Quantity::Errors, Band::exactly(errors))
        .with(Quantity::Timeouts, Band::exactly(timeouts))
        .with(Quantity::Throttles, Band::exactly(throttles))
        .with(
            Quantity::LongestDuration,
            Band::exactly(longest.as_micros() as u64),
        )
        .with(
            Quantity::MemoryUsed,
            Band::exactly(u64::from(largest) * 1024),
        )
}

#[test]
fn what_the_model_does_lies_within_what_was_foretold() {
    let plans = [
        scenario(vec![idle(900), burst(20)], 3),
        scenario(vec![idle(900), burst(20), rate(20.0, 5)], 3),
        scenario(vec![burst(1), idle(5), rate(20.0, 60)], 1),
        scenario(
            vec![burst(5), idle(300), burst(10), idle(500), burst(15)],
            4,
        ),
        scenario(vec![rate(2.0, 1_800)], 1),
        scenario(vec![burst(1), with(rate(20.0, 20), Fault::Timeout, 0.1)], 2),
        scenario(vec![burst(1), with(rate(20.0, 20), Fault::Error, 0.2)], 2),
        scenario(
            vec![with(burst(300), Fault::Memory { percent: 150 }, 0.3)],
            2,
        ),
        scenario(vec![idle(900), burst(1_500)], 2),
    ];
    for (number, plan) in plans.iter().enumerate() {
        let predicted = predicted(plan, &embedded()).entry;
        for seed in 0..8 {
            let seen = in_the_model(plan, seed);
            for quantity in [
                Quantity::Invocations,
                Quantity::ColdStarts,
                Quantity::Errors,
                Quantity::Timeouts,
                Quantity::Throttles,
                Quantity::LongestDuration,
                Quantity::MemoryUsed,
            ] {
                let (band, value) = (predicted.get(quantity), seen.get(quantity));
                assert!(
                    band.holds(value),
                    "plan {number}, seed {seed}: {quantity:?} {value}, predicted {band}"
                );
            }
        }
    }
}
