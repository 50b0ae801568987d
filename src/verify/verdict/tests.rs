use std::time::Duration;

use super::*;
use crate::{
    insight::{Band, Quantity},
    record::{Overall, Run, ScenarioInfo, Target, TargetKind, Verification},
    verify::conclude,
};

/// The verdict on a run of a hundred answers with these findings and nothing else.
fn verdict_of(findings: &[Finding]) -> Overall {
    let place = Target::at(TargetKind::Sandbox, String::new());
    let mut run = Run::begun(
        "run".to_owned(),
        ScenarioInfo::default(),
        place,
        jiff::Timestamp::UNIX_EPOCH,
        100,
        Duration::ZERO,
    );
    run.requests.completed = 100;
    run.verification = Verification::Done;
    run.insights = findings.to_vec();
    conclude(&mut run);
    run.verdict
}

const MISSING: Option<Doubt> = Some(Doubt::Missing {
    reported: 5,
    sent: 9,
});
const FOREIGN: Option<Doubt> = Some(Doubt::Foreign {
    reported: 9,
    sent: 5,
});

#[test]
fn every_verdict_follows_from_what_was_demanded_and_what_is_met() {
    use Basis::{Client, Datadog, Sandbox};
    use Demand::{Absent, Others, Present};
    use Met::{CannotTell, No, Yes};
    let table = [
        // demanded, met, basis, doubt, the verdict
        (Some(Present), Yes, Client, None, Verdict::Seen),
        (Some(Present), Yes, Datadog, MISSING, Verdict::Seen),
        (Some(Present), Yes, Datadog, FOREIGN, Verdict::Seen),
        (Some(Present), No, Client, None, Verdict::Missing),
        (Some(Present), No, Sandbox, None, Verdict::Missing),
        (Some(Present), No, Datadog, MISSING, Verdict::NotSeenYet),
        (Some(Present), No, Datadog, FOREIGN, Verdict::Missing),
        (Some(Present), CannotTell, Client, None, Verdict::CannotTell),
        (
            Some(Present),
            CannotTell,
            Sandbox,
            None,
            Verdict::CannotTell,
        ),
        (
            Some(Present),
            CannotTell,
            Sandbox,
            MISSING,
            Verdict::NotSeenYet,
        ),
        (
            Some(Present),
            CannotTell,
            Datadog,
            None,
            Verdict::NotSeenYet,
        ),
        (Some(Absent), Yes, Client, None, Verdict::Unexpected),
        (Some(Others), Yes, Sandbox, None, Verdict::Unexpected),
        (Some(Absent), No, Datadog, None, Verdict::Absent),
        (Some(Absent), No, Datadog, MISSING, Verdict::CannotTell),
        (Some(Absent), No, Datadog, FOREIGN, Verdict::CannotTell),
        (Some(Others), No, Datadog, FOREIGN, Verdict::CannotTell),
        (Some(Absent), CannotTell, Datadog, None, Verdict::CannotTell),
        (None, Yes, Client, None, Verdict::AlsoSeen),
        (None, No, Client, None, Verdict::Absent),
        (None, No, Datadog, MISSING, Verdict::CannotTell),
        (None, CannotTell, Client, None, Verdict::CannotTell),
    ];
    for (demanded, met, basis, doubt, expected) in table {
        assert_eq!(
            verdict(demanded, met, basis, doubt, false),
            expected,
            "{demanded:?} {met:?} {basis:?} {doubt:?}"
        );
    }
}

#[test]
fn what_no_metric_tells_is_not_waited_for() {
    let found = verdict(
        Some(Demand::Present),
        Met::CannotTell,
        Basis::Datadog,
        None,
        true,
    );
    assert_eq!(found, Verdict::CannotTell);
}

fn burst(basis: Basis, cold: Band, all: Band) -> Observation {
    let mut seen = Observation::new("entry", basis);
    for &quantity in Quantity::ALL {
        seen.set(quantity, Band::ZERO);
    }
    seen.with(Quantity::ColdStarts, cold)
        .with(Quantity::Invocations, all)
        .with(Quantity::CloudwatchInvocations, all)
        .with(Quantity::Timeout, Band::exactly(3_000_000))
        .with(Quantity::MemorySize, Band::exactly(512 * 1024))
        .with(Quantity::MemoryUsed, Band::exactly(75 * 1024))
}

fn view(client: Option<Observation>, observed: Option<Observation>) -> View {
    View {
        function: "entry".to_owned(),
        entry: true,
        predicted: None,
        client,
        observed,
    }
}

fn expect(insights: &[Id], absent: &[Id], others: bool) -> Expect {
    let expected = |ids: &[Id]| {
        ids.iter()
            .map(|id| Expected {
                insight: *id,
                function: None,
            })
            .collect()
    };
    Expect {
        insights: expected(insights),
        absent: expected(absent),
        absent_all_others: others,
        ..Expect::default()
    }
}

fn of(findings: &[Finding], id: Id) -> &Finding {
    findings.iter().find(|f| f.id == id).expect("a finding")
}

#[test]
fn the_entry_function_gets_a_finding_for_every_insight() {
    let seen = burst(Basis::Client, Band::exactly(20), Band::exactly(120));
    let findings = judge(&expect(&[], &[], false), &[view(Some(seen), None)]);
    assert_eq!(findings.len(), Id::ALL.len());
    assert_eq!(of(&findings, Id::ColdStarts).verdict, Verdict::AlsoSeen);
}

#[test]
fn where_the_api_answered_only_its_answer_counts() {
    let client = burst(Basis::Client, Band::exactly(20), Band::exactly(120));
    let observed = burst(Basis::Sandbox, Band::exactly(0), Band::exactly(120));
    let findings = judge(
        &expect(&[Id::ColdStarts], &[], false),
        &[view(Some(client), Some(observed))],
    );
    let found = of(&findings, Id::ColdStarts);
    assert_eq!(found.verdict, Verdict::Missing);
    assert_eq!(found.basis, Basis::Sandbox);
    assert_eq!(
        (found.client, found.observed),
        (Some(Met::Yes), Some(Met::No))
    );
    assert_eq!(verdict_of(&findings), Overall::Missed);
}

#[test]
fn all_others_does_not_forbid_what_an_expected_insight_brings() {
    let seen = burst(Basis::Sandbox, Band::exactly(3), Band::exactly(100))
        .with(Quantity::Timeouts, Band::exactly(2))
        .with(Quantity::Errors, Band::exactly(4))
        .with(Quantity::LongestDuration, Band::exactly(3_000_000));
    let views = [view(None, Some(seen))];
    let findings = judge(&expect(&[Id::Timeouts], &[], true), &views);
    for (id, verdict) in [
        (Id::Timeouts, Verdict::Seen),
        (Id::Errors, Verdict::AlsoSeen),
        (Id::HighDuration, Verdict::AlsoSeen),
        (Id::ColdStarts, Verdict::AlsoSeen),
        (Id::OutOfMemory, Verdict::Absent),
    ] {
        assert_eq!(of(&findings, id).verdict, verdict, "{id}");
    }
    assert_eq!(verdict_of(&findings), Overall::Met);
    // Without the timeouts expected, each of them is unexpected.
    let findings = judge(&expect(&[], &[], true), &views);
    assert_eq!(of(&findings, Id::ColdStarts).verdict, Verdict::Unexpected);
    assert_eq!(verdict_of(&findings), Overall::Missed);
}

#[test]
fn an_expectation_that_nobody_could_tell_is_not_verified() {
    let unknown = burst(Basis::Client, Band::between(0, 40), Band::exactly(40));
    let findings = judge(
        &expect(&[Id::ColdStarts], &[], false),
        &[view(Some(unknown), None)],
    );
    assert_eq!(of(&findings, Id::ColdStarts).verdict, Verdict::CannotTell);
    assert_eq!(verdict_of(&findings), Overall::NotVerified);
}

#[test]
fn an_insight_forbidden_by_name_must_be_told_and_one_of_the_others_need_not() {
    let seen = burst(Basis::Client, Band::ZERO, Band::exactly(40))
        .with(Quantity::LongestDuration, Band::UNKNOWN);
    let views = [view(Some(seen), None)];
    let by_name = judge(&expect(&[], &[Id::HighDuration], false), &views);
    assert_eq!(verdict_of(&by_name), Overall::NotVerified);
    let as_others = judge(&expect(&[], &[], true), &views);
    assert_eq!(
        of(&as_others, Id::HighDuration).verdict,
        Verdict::CannotTell
    );
    assert_eq!(verdict_of(&as_others), Overall::Met);
}

#[test]
fn an_expectation_on_another_function_is_held_against_that_function() {
    let mut consumer = view(
        None,
        Some(burst(Basis::Sandbox, Band::exactly(2), Band::exactly(20))),
    );
    consumer.function = "Consumer".to_owned();
    consumer.entry = false;
    let wanted = Expect {
        insights: vec![Expected {
            insight: Id::ColdStarts,
            function: Some("consumer".to_owned()),
        }],
        ..Expect::default()
    };
    let findings = judge(&wanted, &[consumer]);
    assert_eq!(findings.len(), 1);
    assert_eq!(of(&findings, Id::ColdStarts).verdict, Verdict::Seen);
    // It was not looked at, so it cannot be determined.
    let findings = judge(&wanted, &[]);
    assert_eq!(of(&findings, Id::ColdStarts).verdict, Verdict::CannotTell);
    assert_eq!(verdict_of(&findings), Overall::NotVerified);
}

#[test]
fn other_traffic_is_named_in_the_reason() {
    let mut seen = burst(Basis::Datadog, Band::exactly(1), Band::exactly(500));
    seen.doubt = FOREIGN;
    let findings = judge(
        &expect(&[Id::ColdStarts], &[], false),
        &[view(None, Some(seen))],
    );
    let found = of(&findings, Id::ColdStarts);
    assert_eq!(found.verdict, Verdict::Missing);
    assert!(
        found.reason.text.contains("other traffic"),
        "{}",
        found.reason
    );
}

#[test]
fn a_finding_has_the_keys_of_the_report() {
    let seen = burst(Basis::Client, Band::exactly(20), Band::exactly(120));
    let findings = judge(
        &expect(&[Id::ColdStarts], &[], false),
        &[view(Some(seen), None)],
    );
    let json = serde_json::to_value(of(&findings, Id::ColdStarts)).expect("json");
    for (key, value) in [
        ("id", "cold_starts"),
        ("function", "entry"),
        ("expected", "present"),
        ("client", "yes"),
        ("basis", "client"),
        ("verdict", "seen"),
    ] {
        assert_eq!(json[key], value, "{key}");
    }
    assert!(json["predicted"].is_null() && json["observed"].is_null());
    assert!(json["reason"]["text"].is_string() && json["link"].is_string());
}

#[test]
fn what_may_never_have_run_is_not_said_to_be_without_an_insight() {
    // Answers of 403: something in front of the function may have given them all.
    let seen =
        burst(Basis::Client, Band::ZERO, Band::between(0, 20)).with(Quantity::Errors, Band::ZERO);
    for (wanted, absent) in [(&[Id::Errors][..], &[][..]), (&[][..], &[Id::Errors][..])] {
        let findings = judge(
            &expect(wanted, absent, false),
            &[view(Some(seen.clone()), None)],
        );
        assert_eq!(of(&findings, Id::Errors).verdict, Verdict::CannotTell);
        assert_eq!(verdict_of(&findings), Overall::NotVerified);
    }
}
