use std::time::Duration;

use super::*;
use crate::{
    insight::{Id, KnownSettings, Met},
    units::Memory,
};

fn watched(sent: Band) -> Watched {
    let client = Observation::new("entry", Basis::Client).with(Quantity::Invocations, sent);
    let settings = KnownSettings {
        timeout: Some(Duration::from_secs(3)),
        memory: Memory::from_mb(512).ok(),
        provisioned_concurrency: None,
        sample_app: true,
    };
    Watched::entry(settings, client)
}

fn seen(sent: Band, answers: &[(Quantity, f64)]) -> Observation {
    let answers: Vec<_> = (answers.iter())
        .map(|(quantity, value)| (*quantity, Some(*value)))
        .collect();
    observe(&watched(sent), Basis::Datadog, &answers)
}

fn met(seen: &Observation, id: Id) -> Met {
    id.insight().evaluate(seen).met
}

#[test]
fn complete_data_is_told_exactly() {
    let seen = seen(
        Band::exactly(120),
        &[
            (Quantity::Invocations, 120.0),
            (Quantity::ColdStarts, 20.0),
            (Quantity::Reports, 120.0),
            (Quantity::LongestDuration, 1.2),
            (Quantity::MemoryUsed, 76.0),
            (Quantity::CloudwatchInvocations, 120.0),
        ],
    );
    assert_eq!(seen.doubt, None);
    assert_eq!(met(&seen, Id::ColdStarts), Met::Yes);
    for id in [
        Id::Errors,
        Id::HighErrors,
        Id::HighDuration,
        Id::HighMemory,
        Id::OutOfMemory,
        Id::Timeouts,
        Id::Throttles,
        Id::HighIteratorAge,
        Id::OverProvisioned,
    ] {
        assert_eq!(met(&seen, id), Met::No, "{id}");
    }
}

#[test]
fn the_first_cold_start_to_arrive_is_not_yet_more_than_one_percent() {
    let early = [(Quantity::Invocations, 1.0), (Quantity::ColdStarts, 1.0)];
    let early = seen(Band::exactly(1_000), &early);
    assert_eq!(met(&early, Id::ColdStarts), Met::CannotTell);
    assert!(matches!(early.doubt, Some(Doubt::Missing { .. })));
    let later = [(Quantity::Invocations, 50.0), (Quantity::ColdStarts, 11.0)];
    assert_eq!(
        met(&seen(Band::exactly(1_000), &later), Id::ColdStarts),
        Met::Yes
    );
}

#[test]
fn what_happened_once_stays_however_much_is_missing() {
    let some = [
        (Quantity::Invocations, 5.0),
        (Quantity::Timeouts, 1.0),
        (Quantity::LongestDuration, 3.0),
    ];
    let seen = seen(Band::exactly(100), &some);
    assert_eq!(met(&seen, Id::Timeouts), Met::Yes);
    assert_eq!(met(&seen, Id::HighDuration), Met::Yes);
    assert_eq!(met(&seen, Id::OutOfMemory), Met::CannotTell);
}

#[test]
fn silence_means_none_only_where_invocations_have_come() {
    let nothing = seen(Band::exactly(10), &[]);
    assert_eq!(met(&nothing, Id::Timeouts), Met::CannotTell);
    assert_eq!(met(&nothing, Id::Throttles), Met::CannotTell);
    let come = seen(Band::exactly(10), &[(Quantity::Invocations, 10.0)]);
    assert_eq!(met(&come, Id::Timeouts), Met::No);
    // CloudWatch has not come yet.
    assert_eq!(met(&come, Id::Throttles), Met::CannotTell);
}

#[test]
fn more_invocations_than_were_sent_are_other_traffic() {
    let seen = seen(Band::exactly(10), &[(Quantity::Invocations, 25.0)]);
    assert_eq!(
        seen.doubt,
        Some(Doubt::Foreign {
            reported: 25,
            sent: 10
        })
    );
}

#[test]
fn errors_counted_twice_or_thrice_are_still_errors() {
    let seen = seen(
        Band::exactly(100),
        &[(Quantity::Invocations, 100.0), (Quantity::Errors, 60.0)],
    );
    assert_eq!(met(&seen, Id::HighErrors), Met::Yes);
    let over = [(Quantity::Invocations, 10.0), (Quantity::Errors, 30.0)];
    let over = super::tests::seen(Band::exactly(10), &over);
    let reading = Id::Errors.insight().evaluate(&over);
    assert_eq!(
        reading.measured.text,
        "30 enhanced.errors in 10 invocations: 300 %, more than 1 %"
    );
}

#[test]
fn the_largest_so_far_may_be_passed_until_every_report_is_there() {
    let part = [
        (Quantity::Invocations, 10.0),
        (Quantity::Reports, 9.0),
        (Quantity::LongestDuration, 1.0),
        (Quantity::MemoryUsed, 30.0),
    ];
    let part = seen(Band::exactly(10), &part);
    assert_eq!(met(&part, Id::HighDuration), Met::CannotTell);
    assert_eq!(met(&part, Id::OverProvisioned), Met::CannotTell);
}

#[test]
fn throttles_in_cloudwatch_are_held_against_its_own_count() {
    let seen = seen(
        Band::exactly(2),
        &[
            (Quantity::Invocations, 2.0),
            (Quantity::CloudwatchInvocations, 2.0),
            (Quantity::Throttles, 18.0),
        ],
    );
    assert_eq!(met(&seen, Id::Throttles), Met::Yes);
}

#[test]
fn utilization_shows_that_there_is_provisioned_concurrency() {
    let seen = seen(
        Band::exactly(2),
        &[
            (Quantity::Invocations, 2.0),
            (Quantity::ProvisionedUtilization, 0.1),
        ],
    );
    assert_eq!(met(&seen, Id::ProvisionedConcurrency), Met::Yes);
}

#[test]
fn a_consumer_runs_between_a_tenth_of_the_messages_and_all_of_them() {
    let entry = Observation::new("entry", Basis::Client)
        .with(Quantity::Invocations, Band::exactly(60))
        .with(Quantity::Errors, Band::between(5, 15));
    let consumer = Watched::consumer("c", KnownSettings::default(), &entry);
    assert_eq!(consumer.sent, Band::between(5, 60));
    let answers = [
        (Quantity::Invocations, Some(22.0)),
        (Quantity::ColdStarts, Some(5.0)),
    ];
    let seen = observe(&consumer, Basis::Sandbox, &answers);
    assert_eq!(met(&seen, Id::ColdStarts), Met::Yes);
    assert_eq!(seen.doubt, Some(Doubt::Uncounted));
}

#[test]
fn absurd_values_are_no_data() {
    for absurd in [f64::NAN, -5.0, f64::INFINITY] {
        let seen = seen(Band::exactly(10), &[(Quantity::Invocations, absurd)]);
        assert_eq!(seen.get(Quantity::Invocations), Band::between(0, 10));
    }
    let huge = seen(Band::exactly(10), &[(Quantity::Errors, 1e300)]);
    assert_eq!(huge.get(Quantity::Errors).low(), u64::MAX);
}
