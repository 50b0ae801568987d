//! Lambda's own log lines as evidence: per request where an id joins them, else as an interval.

use std::collections::BTreeMap;

use loadgen::{
    aws::LogEvent,
    insight::{Band, Basis, ClientView, Doubt, KnownSettings, Quantity},
    lambda::LogLine,
    sample::{Evidence, Outcome, Sample, Temperature},
    stats::ColdShare,
    verify::{Reports, Watched},
};

use crate::traces::sample;

/// Recorded lines (see tests/reference/lambda_logs).
const PLAIN: &str = include_str!("../reference/lambda_logs/plain.txt");
const COLD_XRAY: &str = include_str!("../reference/lambda_logs/cold_xray.txt");
const SNAPSTART: &str = include_str!("../reference/lambda_logs/snapstart.txt");
const TIMEOUT: &str = include_str!("../reference/lambda_logs/timeout.txt");
const INIT_START: &str = "INIT_START Runtime Version: python:3.12.v27";

fn event(stream: &str, at_ms: i64, message: &str) -> LogEvent {
    LogEvent {
        stream: stream.to_owned(),
        at_ms,
        line: LogLine::parse(message).expect(message),
    }
}

/// A plain line of another request.
fn plain(id: &str) -> String {
    PLAIN.replace("5b321b10-9dfa-4a05-b900-c45b96303238", id)
}

fn cold(id: &str) -> String {
    COLD_XRAY
        .replace("b92a770e-7c92-4a13-84e3-613428ff991f", id)
        .lines()
        .next()
        .expect("a line")
        .to_owned()
}

fn unknown(count: u64) -> ColdShare {
    ColdShare {
        unknown: count,
        share_low: Some(0.0),
        share_high: Some(1.0),
        evidence: BTreeMap::new(),
        ..ColdShare::default()
    }
}

fn asked(id: Option<&str>, trace: Option<&str>) -> Sample {
    Sample {
        outcome: Outcome::Ok,
        status: Some(200),
        temperature: Temperature::Unknown,
        evidence: Evidence::None,
        request_id: None,
        front_request_id: id.map(str::to_owned),
        xray_trace_id: trace.map(str::to_owned),
        ..sample(1)
    }
}

fn improved(reports: &Reports, mut sample: Sample) -> (Temperature, Evidence) {
    reports.improve(&mut sample);
    (sample.temperature, sample.evidence)
}

#[test]
fn recorded_lines_are_cold_and_warm_as_they_are() {
    let reports = Reports::of(
        &[
            event("a", 1_000, COLD_XRAY),
            event("a", 2_000, &plain("plain")),
            event("b", 1_500, SNAPSTART),
            event("c", 9_000, TIMEOUT),
        ],
        true,
    );
    let cold = (Temperature::Cold, Evidence::Trace);
    let warm = (Temperature::Warm, Evidence::Trace);
    // A Function URL's answers carry Lambda's own request id.
    for (id, expected) in [
        ("b92a770e-7c92-4a13-84e3-613428ff991f", cold),
        ("plain", warm),
        ("5b321b10-9dfa-4a05-b900-c45b96303238", cold),
        ("another", (Temperature::Unknown, Evidence::None)),
    ] {
        assert_eq!(improved(&reports, asked(Some(id), None)), expected, "{id}");
    }
    // X-Ray's trace id joins what a gateway answered under an id of its own.
    let traced = asked(
        Some("the gateway's"),
        Some("1-6a507b87-0cc4438344b48ef127ab1931"),
    );
    assert_eq!(improved(&reports, traced), cold);
    let mut timed_out = Sample {
        outcome: Outcome::FunctionError,
        status: Some(502),
        ..asked(Some("03d81525-0000-4000-8000-000000000000"), None)
    };
    assert!(reports.improve(&mut timed_out));
    assert_eq!(timed_out.outcome, Outcome::FunctionTimeout);
}

#[test]
fn a_restored_environment_took_as_long_as_its_restore() {
    let reports = Reports::of(
        &[event("a", 1_000, COLD_XRAY), event("b", 1_500, SNAPSTART)],
        true,
    );
    let times = reports.init_times("f", Basis::Cloudwatch).expect("times");
    assert_eq!(times.n, 2);
    let mut restored = asked(Some("5b321b10-9dfa-4a05-b900-c45b96303238"), None);
    assert!(reports.add_init(&mut restored));
    let line = SNAPSTART
        .split_once("Restore Duration: ")
        .expect("a field")
        .1;
    let ms: f64 = line.split_once(' ').expect("a unit").0.parse().expect("ms");
    assert_eq!(restored.init_us, Some((ms * 1e3).round() as u64));
}

/// A line of its own about an initialisation, as the log format JSON has it.
fn init_report(ms: f64, phase: &str) -> String {
    format!(
        r#"{{"time":"2026-11-22T08:26:40.000Z","type":"platform.initReport","record":{{"initializationType":"on-demand","phase":"{phase}","status":"success","metrics":{{"durationMs":{ms}}}}}}}"#
    )
}

#[test]
fn the_initialisations_own_line_says_how_long_it_took_and_report_where_there_is_none() {
    let reports = Reports::of(
        &[
            // REPORT names no init.
            event("a", 1_000, INIT_START),
            event("a", 1_900, &init_report(812.5, "init")),
            event("a", 2_000, &plain("first")),
            event("a", 3_000, &plain("second")),
            // Within an invocation, after a reset.
            event("b", 5_000, &init_report(640.0, "invoke")),
            event("b", 5_100, &plain("again")),
            // Both say it.
            event("c", 7_000, &init_report(900.25, "init")),
            event("c", 7_100, &cold("both")),
        ],
        true,
    );
    for (id, temperature, init_us) in [
        ("first", Temperature::Cold, Some(812_500)),
        ("second", Temperature::Warm, None),
        ("again", Temperature::Cold, Some(640_000)),
        ("both", Temperature::Cold, Some(900_250)),
    ] {
        let mut sample = asked(Some(id), None);
        reports.improve(&mut sample);
        reports.add_init(&mut sample);
        assert_eq!(
            (sample.temperature, sample.init_us),
            (temperature, init_us),
            "{id}"
        );
    }
}

#[test]
fn a_marker_is_never_overruled() {
    let reports = Reports::of(&[event("a", 1_000, &plain("one"))], true);
    let mut marked = Sample {
        temperature: Temperature::Cold,
        evidence: Evidence::Marker,
        request_id: Some("one".to_owned()),
        ..asked(None, None)
    };
    reports.improve(&mut marked);
    assert_eq!(
        (marked.temperature, marked.evidence),
        (Temperature::Cold, Evidence::Marker)
    );
}

#[test]
fn where_no_line_ever_shows_an_init_a_plain_one_is_unknown() {
    let events = [event("a", 1, &plain("one")), event("b", 2, &plain("two"))];
    let lines = Reports::of(&events, false).lines("f", &unknown(2), Band::exactly(2), 0);
    assert_eq!((lines.cold, lines.warm, lines.unknown), (0, 0, 2));
    assert_eq!((lines.share_low, lines.share_high), (Some(0.0), Some(1.0)));
    let same = improved(&Reports::of(&events, false), asked(Some("one"), None));
    assert_eq!(same, (Temperature::Unknown, Evidence::None));
    // One that does shows that the platform writes them.
    let events = [events[0].clone(), event("b", 2, &cold("two"))];
    let lines = Reports::of(&events, false).lines("f", &unknown(2), Band::exactly(2), 0);
    assert_eq!((lines.cold, lines.warm, lines.unknown), (1, 1, 0));
}

#[test]
fn an_environment_that_was_ready_long_before_was_not_waited_for() {
    // It ran for 3.1 ms, so the invocation began just before its line.
    let after = |gap: i64| {
        let events = [event("a", 0, INIT_START), event("a", gap, &cold("one"))];
        improved(&Reports::of(&events, true), asked(Some("one"), None)).0
    };
    assert_eq!(after(10_000), Temperature::Cold);
    assert_eq!(after(10_004), Temperature::Warm);
}

#[test]
fn an_init_within_an_invocation_makes_it_cold_and_only_that_one() {
    let again = "INIT_REPORT Init Duration: 87.28 ms\tPhase: invoke\tStatus: timeout";
    let events = [
        event("a", 1, again),
        event("a", 2, &plain("one")),
        event("a", 3, &plain("two")),
        event("b", 4, &plain("three")),
    ];
    let reports = Reports::of(&events, true);
    let temperature = |id| improved(&reports, asked(Some(id), None)).0;
    assert_eq!(temperature("one"), Temperature::Cold);
    assert_eq!(temperature("two"), Temperature::Warm);
    assert_eq!(temperature("three"), Temperature::Warm);
}

#[test]
fn unjoined_lines_give_an_interval_that_foreign_and_missing_lines_widen() {
    let events: Vec<LogEvent> = (0..10)
        .map(|n| match n {
            0..4 => event("s", n, &cold(&format!("cold-{n}"))),
            _ => event("s", n, &plain(&format!("warm-{n}"))),
        })
        .collect();
    let reports = Reports::of(&events, true);
    let share = |ran: u64| {
        let lines = reports.lines("f", &unknown(ran), Band::exactly(ran), 0);
        let count = |share: Option<f64>| share.map(|share| (share * ran as f64).round() as u64);
        (count(lines.share_low), count(lines.share_high))
    };
    assert_eq!(share(10), (Some(4), Some(4)));
    // Two invocations are somebody else's: perhaps two of the cold ones.
    assert_eq!(share(8), (Some(2), Some(4)));
    // Three lines have not come: perhaps cold ones.
    assert_eq!(share(13), (Some(4), Some(7)));
    assert_eq!(share(2), (Some(0), Some(2)));
    // What is known of single requests stays.
    let mixed = ColdShare {
        cold: 3,
        warm: 5,
        unknown: 2,
        ..ColdShare::default()
    };
    let lines = reports.lines("f", &mixed, Band::exactly(5), 8);
    assert_eq!((lines.share_low, lines.share_high), (Some(0.3), Some(0.4)));
}

#[test]
fn the_interval_is_said_in_words_that_claim_no_knowledge_of_single_requests() {
    let events = [event("a", 1, &cold("one")), event("a", 2, &plain("two"))];
    let lines = Reports::of(&events, true).lines("mine", &unknown(2), Band::exactly(2), 0);
    let said = lines.statement().text;
    assert!(said.contains("2 REPORT lines of mine"), "{said}");
    assert!(said.contains("1 cold, 1 warm; 50 %"), "{said}");
    assert!(
        said.contains("which requests were cold is not known"),
        "{said}"
    );
    assert!(said.contains("if all its lines have come"), "{said}");
    let lines = Reports::of(&events, true).lines("mine", &unknown(3), Band::exactly(3), 1);
    let said = lines.statement().text;
    assert!(said.contains("between 33.3 % and 66.7 %"), "{said}");
    assert!(
        said.contains("up to 1 of its lines have not come"),
        "{said}"
    );
    assert!(said.contains("1 request was joined"), "{said}");
}

#[test]
fn insights_are_judged_by_the_lines_durations_memory_and_cold_starts() {
    let mut client = ClientView::new("mine", KnownSettings::default());
    for n in 0..3 {
        client.add(&Sample {
            index: n,
            ..asked(None, None)
        });
    }
    let watched = Watched::entry(KnownSettings::default(), client.observation());
    let events = [
        event("a", 1_000, COLD_XRAY),
        event("a", 2_000, &plain("plain")),
        event("c", 9_000, TIMEOUT),
    ];
    let seen = Reports::of(&events, true).observation(&watched);
    assert_eq!((seen.basis, seen.doubt), (Basis::Cloudwatch, None));
    for (quantity, expected) in [
        (Quantity::Invocations, Band::exactly(3)),
        (Quantity::ColdStarts, Band::exactly(1)),
        (Quantity::Timeouts, Band::exactly(1)),
        (Quantity::LongestDuration, Band::exactly(10_000_000)),
        (Quantity::MemoryUsed, Band::exactly(163 * 1_024)),
    ] {
        assert_eq!(seen.get(quantity), expected, "{quantity:?}");
    }
    // Another's invocation leaves open whose error it was.
    let more = [events.as_slice(), &[event("d", 1, &plain("foreign"))]].concat();
    let seen = Reports::of(&more, true).observation(&watched);
    assert_eq!(
        seen.doubt,
        Some(Doubt::Foreign {
            reported: 4,
            sent: 3
        })
    );
    assert_eq!(seen.get(Quantity::Errors), Band::at_least(1));
}

#[test]
fn a_line_that_lambda_repeats_counts_once_and_a_shared_trace_joins_nobody() {
    let twice = [event("a", 1, COLD_XRAY), event("a", 2, COLD_XRAY)];
    assert_eq!(Reports::of(&twice, true).len(), 1);
    let other = COLD_XRAY.replace("b92a770e", "c0000000");
    let shared = [event("a", 1, COLD_XRAY), event("b", 2, &other)];
    let traced = asked(None, Some("1-6a507b87-0cc4438344b48ef127ab1931"));
    assert_eq!(
        improved(&Reports::of(&shared, true), traced),
        (Temperature::Unknown, Evidence::None)
    );
}
