//! Verifying a run: asking until it is seen.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use loadgen::{
    datadog::{ApiError, Links},
    insight::{Band, Basis, Id, KnownSettings, Observation, Quantity},
    record::{Finding, Overall, Run, ScenarioInfo, Target, TargetKind, Verdict, Verification},
    scenario::{Expect, Expected},
    units::Memory,
    verify::{AskProgress, Asked, Patience, Subject, Watched, ask, checklist, conclude},
};
use serde_json::{Value, json};

use crate::support::stub::{Clock, Reply, Stub};

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

pub const ENTRY: &str = "Datadog-Sample-Entry-Function";

pub fn subject(sent: u64, insights: &[Id], others: bool) -> Subject {
    let client =
        Observation::new(ENTRY, Basis::Client).with(Quantity::Invocations, Band::exactly(sent));
    let settings = KnownSettings {
        timeout: Some(Duration::from_secs(3)),
        memory: Memory::from_mb(512).ok(),
        provisioned_concurrency: Some(0),
        sample_app: true,
    };
    let expected = |insight: &Id| Expected {
        insight: *insight,
        function: None,
    };
    Subject {
        run_id: "run:1".to_owned(),
        from_ms: 1_000_000,
        to_ms: 1_090_000,
        basis: Basis::Datadog,
        expect: Expect {
            insights: insights.iter().map(expected).collect(),
            absent_all_others: others,
            ..Expect::default()
        },
        functions: vec![Watched::entry(settings, client)],
        tagged: true,
        service: None,
        env: None,
    }
}

/// The metrics of one moment, by a part of the query that only this one has.
type Metrics = BTreeMap<&'static str, f64>;

fn complete(invocations: f64, cold: f64) -> Metrics {
    Metrics::from([
        (
            "enhanced.invocations{functionname:datadog-sample-entry-function}",
            invocations,
        ),
        ("cold_start:true}", cold),
        ("count:aws.lambda.enhanced.duration", invocations),
        ("max:aws.lambda.enhanced.duration", 1.4),
        ("enhanced.max_memory_used", 76.0),
        ("aws.lambda.invocations{", invocations),
    ])
}

fn scalars(metrics: &Metrics, body: &Value) -> Reply {
    let queries = body["data"]["attributes"]["queries"]
        .as_array()
        .expect("queries");
    let columns: Vec<Value> = queries
        .iter()
        .map(|query| {
            let text = query["query"].as_str().expect("a query");
            assert!(
                !text.contains("Datadog-Sample"),
                "names go in lower case: {text}"
            );
            let value = metrics.iter().find(|(part, _)| text.contains(*part));
            let values = value.map_or(json!([]), |(_, value)| json!([value]));
            json!({"name": query["name"], "type": "number", "values": values})
        })
        .collect();
    Reply::json(
        200,
        json!({"data": {"type": "scalar_response", "attributes": {"columns": columns}}}),
    )
}

/// A Datadog whose data grows from one question to the next.
async fn growing(moments: Vec<Metrics>) -> Stub {
    let mut round = 0;
    Stub::answering(move |asked| {
        let now = &moments[round.min(moments.len() - 1)];
        round += 1;
        scalars(now, &asked.body)
    })
    .await
}

const PATIENT: Patience = Patience {
    wait: Duration::from_secs(600),
    first_pause: Duration::from_secs(10),
    longest_pause: Duration::from_secs(60),
};

async fn asked(
    stub: &Stub,
    clock: &Arc<Clock>,
    subject: &Subject,
) -> (Result<Asked, ApiError>, Vec<AskProgress>) {
    let mut told = Vec::new();
    let links = Links::to_base("http://pages");
    let client = stub.client(clock);
    let asked = ask(
        &client,
        clock.as_ref(),
        Some(&links),
        subject,
        PATIENT,
        |progress| {
            told.push(progress.clone());
        },
    )
    .await;
    (asked, told)
}

fn of(findings: &[Finding], id: Id) -> &Finding {
    findings
        .iter()
        .find(|finding| finding.id == id)
        .expect("a finding")
}

#[tokio::test]
async fn what_is_there_is_seen_at_once_with_query_and_link() {
    let stub = growing(vec![complete(60.0, 20.0)]).await;
    let clock = Clock::new();
    let (asked, told) = asked(&stub, &clock, &subject(60, &[Id::ColdStarts], true)).await;
    let asked = asked.expect("answers");
    assert_eq!(asked.rounds, 1);
    assert!(clock.sleeps().is_empty());
    let cold = of(&asked.findings, Id::ColdStarts);
    assert_eq!(cold.verdict, Verdict::Seen);
    assert_eq!(cold.basis, Basis::Datadog);
    assert_eq!(cold.queries.len(), 2);
    assert!(cold.link.contains("http://pages/functions?cloud=aws"));
    assert_eq!(of(&asked.findings, Id::Timeouts).verdict, Verdict::Absent);
    assert_eq!(verdict_of(&asked.findings), Overall::Met);
    assert_eq!(
        (told[0].seen, told[0].expected, told[0].reported),
        (1, 1, 60)
    );
    assert_eq!(told[0].next, None);
    // One request for the one function, a minute around the run.
    let requests = stub.asked();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].body["data"]["attributes"]["from"], 940_000);
    assert_eq!(requests[0].body["data"]["attributes"]["to"], 1_210_000);
}

#[tokio::test]
async fn it_asks_again_with_growing_pauses_until_the_data_is_there() {
    let mut moments = vec![Metrics::new(), Metrics::new(), complete(1.0, 1.0)];
    moments.push(complete(60.0, 20.0));
    let stub = growing(moments).await;
    let clock = Clock::new();
    let (asked, told) = asked(&stub, &clock, &subject(60, &[Id::ColdStarts], true)).await;
    let asked = asked.expect("answers");
    assert_eq!(asked.rounds, 4);
    let pauses: Vec<u64> = clock.sleeps().iter().map(Duration::as_secs).collect();
    assert_eq!(pauses, [10, 15, 22]);
    assert_eq!(of(&asked.findings, Id::ColdStarts).verdict, Verdict::Seen);
    assert_eq!(
        told.iter().map(|p| p.reported).collect::<Vec<_>>(),
        [0, 0, 1, 60]
    );
}

#[tokio::test]
async fn at_the_sandbox_the_moment_until_cloudwatch_has_all_is_waited_for() {
    let mut early = complete(60.0, 20.0);
    early.remove("aws.lambda.invocations{");
    let stub = growing(vec![early, complete(60.0, 20.0)]).await;
    let mut wanted = subject(60, &[Id::ColdStarts], false);
    wanted.basis = Basis::Sandbox;
    let (asked, _) = asked(&stub, &Clock::new(), &wanted).await;
    let asked = asked.expect("answers");
    assert_eq!(asked.rounds, 2);
    let throttles = of(&asked.findings, Id::Throttles);
    assert_eq!(
        (throttles.verdict, throttles.basis),
        (Verdict::Absent, Basis::Sandbox)
    );
}

#[tokio::test]
async fn when_time_is_up_what_has_not_come_is_not_seen_yet() {
    let stub = growing(vec![complete(3.0, 0.0)]).await;
    let clock = Clock::new();
    let (asked, told) = asked(&stub, &clock, &subject(60, &[Id::ColdStarts], false)).await;
    let asked = asked.expect("answers");
    let cold = of(&asked.findings, Id::ColdStarts);
    assert_eq!(cold.verdict, Verdict::NotSeenYet);
    assert!(cold.reason.text.contains("3 of the 60"), "{}", cold.reason);
    assert_eq!(verdict_of(&asked.findings), Overall::NotVerified);
    let waited: Duration = clock.sleeps().iter().sum();
    assert_eq!(waited, PATIENT.wait);
    assert_eq!(told.last().expect("progress").next, None);
}

#[tokio::test]
async fn complete_data_without_the_insight_is_missing() {
    let stub = growing(vec![complete(60.0, 0.0)]).await;
    let (asked, _) = asked(&stub, &Clock::new(), &subject(60, &[Id::ColdStarts], false)).await;
    let asked = asked.expect("answers");
    assert_eq!(
        of(&asked.findings, Id::ColdStarts).verdict,
        Verdict::Missing
    );
    assert_eq!(verdict_of(&asked.findings), Overall::Missed);
}

#[tokio::test]
async fn absence_is_claimed_only_of_complete_data_of_this_run_alone() {
    for (reported, verdict) in [
        (59.0, Verdict::CannotTell),
        (60.0, Verdict::Absent),
        (61.0, Verdict::CannotTell),
    ] {
        let stub = growing(vec![complete(reported, 0.0)]).await;
        let (asked, _) = asked(&stub, &Clock::new(), &subject(60, &[], true)).await;
        let asked = asked.expect("answers");
        assert_eq!(
            of(&asked.findings, Id::Errors).verdict,
            verdict,
            "{reported}"
        );
    }
}

#[tokio::test]
async fn errors_counted_three_times_are_seen_all_the_same() {
    let mut metrics = complete(20.0, 0.0);
    metrics.insert("enhanced.errors", 60.0);
    let stub = growing(vec![metrics]).await;
    let (asked, _) = asked(
        &stub,
        &Clock::new(),
        &subject(20, &[Id::Errors, Id::HighErrors], false),
    )
    .await;
    let asked = asked.expect("answers");
    assert_eq!(verdict_of(&asked.findings), Overall::Met);
    assert!(
        of(&asked.findings, Id::Errors)
            .measured
            .text
            .contains("300 %")
    );
}

#[tokio::test]
async fn a_passing_trouble_is_waited_out() {
    let mut round = 0;
    let metrics = complete(60.0, 20.0);
    let stub = Stub::answering(move |asked| {
        round += 1;
        match round {
            1..=5 => Reply::text(503, ""),
            6 => Reply::text(429, "<html>").with("x-ratelimit-reset", "90"),
            _ => scalars(&metrics, &asked.body),
        }
    })
    .await;
    let clock = Clock::new();
    let (asked, told) = asked(&stub, &clock, &subject(60, &[Id::ColdStarts], false)).await;
    assert_eq!(
        of(&asked.expect("answers").findings, Id::ColdStarts).verdict,
        Verdict::Seen
    );
    assert!(
        told[0].trouble.as_ref().is_some_and(|t| t.contains("503")),
        "{told:?}"
    );
    assert!(clock.sleeps().contains(&Duration::from_secs(90)));
}

#[tokio::test]
async fn trouble_that_never_passes_is_an_error() {
    let stub = Stub::playing([Reply::text(500, "")]).await;
    let (asked, _) = asked(&stub, &Clock::new(), &subject(60, &[Id::ColdStarts], false)).await;
    assert!(
        matches!(asked, Err(ApiError::Unavailable { .. })),
        "{asked:?}"
    );
}

#[tokio::test]
async fn refused_keys_end_it_at_once() {
    let stub = Stub::playing([Reply::json(403, json!({"errors": ["Forbidden"]}))]).await;
    let clock = Clock::new();
    let (asked, _) = asked(&stub, &clock, &subject(60, &[Id::ColdStarts], false)).await;
    assert!(matches!(asked, Err(ApiError::ApiKey { .. })), "{asked:?}");
    assert!(clock.sleeps().is_empty());
}

#[tokio::test]
async fn keys_revoked_while_asking_leave_what_was_seen() {
    let (early, mut round) = (complete(20.0, 20.0), 0);
    let stub = Stub::answering(move |asked| {
        round += 1;
        match round {
            1 => scalars(&early, &asked.body),
            _ => Reply::json(403, json!({"errors": ["Forbidden"]})),
        }
    })
    .await;
    let wanted = subject(60, &[Id::ColdStarts], true);
    let (asked, _) = asked(&stub, &Clock::new(), &wanted).await;
    let asked = asked.expect("what was answered before");
    assert!(matches!(asked.trouble, Some(ApiError::ApiKey { .. })));
    assert_eq!(of(&asked.findings, Id::ColdStarts).verdict, Verdict::Seen);
    assert_eq!(of(&asked.findings, Id::Errors).verdict, Verdict::CannotTell);
}

#[tokio::test]
async fn a_garbled_answer_between_good_ones_is_asked_for_again() {
    let (early, late, mut round) = (complete(20.0, 0.0), complete(60.0, 20.0), 0);
    let stub = Stub::answering(move |asked| {
        round += 1;
        match round {
            1 => scalars(&early, &asked.body),
            2 => Reply::text(200, "<html>"),
            _ => scalars(&late, &asked.body),
        }
    })
    .await;
    let wanted = subject(60, &[Id::ColdStarts], false);
    let (asked, told) = asked(&stub, &Clock::new(), &wanted).await;
    let asked = asked.expect("answers");
    assert_eq!(of(&asked.findings, Id::ColdStarts).verdict, Verdict::Seen);
    assert!(told[1].trouble.as_ref().is_some_and(|t| t.contains("HTML")));
    assert_eq!(asked.trouble, None);
}

#[tokio::test]
async fn one_query_that_is_refused_does_not_spoil_the_others() {
    let metrics = complete(60.0, 20.0);
    let stub = Stub::answering(move |asked| {
        if asked.body.to_string().contains("count:aws.lambda") {
            return Reply::json(400, json!({"errors": ["no distribution"]}));
        }
        scalars(&metrics, &asked.body)
    })
    .await;
    let (asked, _) = asked(&stub, &Clock::new(), &subject(60, &[Id::ColdStarts], true)).await;
    let asked = asked.expect("answers");
    assert_eq!(of(&asked.findings, Id::ColdStarts).verdict, Verdict::Seen);
    // How many durations have come is not known, so none is claimed to be the longest.
    let duration = of(&asked.findings, Id::HighDuration);
    assert_eq!(duration.verdict, Verdict::CannotTell);
}

#[tokio::test]
async fn when_every_query_is_refused_it_says_why() {
    let stub = Stub::playing([Reply::json(400, json!({"errors": ["no such site"]}))]).await;
    let (asked, _) = asked(&stub, &Clock::new(), &subject(60, &[Id::ColdStarts], false)).await;
    assert!(asked.is_err_and(|error| error.to_string().contains("no such site")));
}

#[tokio::test]
async fn the_consumer_is_asked_for_by_its_own_name() {
    let mut wanted = subject(20, &[], false);
    let entry = wanted.functions[0].view.client.clone().expect("a client");
    let entry = entry.with(Quantity::Errors, Band::ZERO);
    wanted.functions.push(Watched::consumer(
        "Consumer",
        KnownSettings::default(),
        &entry,
    ));
    wanted.expect.insights.push(Expected {
        insight: Id::ColdStarts,
        function: Some("consumer".to_owned()),
    });
    let stub = Stub::answering(|asked| {
        let metrics = Metrics::from([
            ("functionname:consumer,cold_start:true", 4.0),
            ("enhanced.invocations{functionname:consumer}", 5.0),
        ]);
        scalars(&metrics, &asked.body)
    })
    .await;
    let (asked, _) = asked(&stub, &Clock::new(), &wanted).await;
    let asked = asked.expect("answers");
    let found = of(&asked.findings, Id::ColdStarts);
    // The entry function's own finding comes first; the consumer's is the one that was expected.
    assert_eq!(found.function, ENTRY);
    let consumer = asked
        .findings
        .iter()
        .find(|f| f.function == "Consumer" && f.id == Id::ColdStarts);
    assert_eq!(consumer.expect("a finding").verdict, Verdict::Seen);
}

#[test]
fn without_keys_a_person_gets_links_for_what_was_demanded_by_name() {
    let mut wanted = subject(20, &[Id::ColdStarts], true);
    wanted.expect.absent.push(Expected {
        insight: Id::Timeouts,
        function: None,
    });
    let looks = checklist(&wanted, &Links::to_base("https://app"));
    assert_eq!(looks.len(), 2);
    assert!(looks[0].must_appear && !looks[1].must_appear);
    assert!(looks[0].link.starts_with("https://app/functions?"));
    assert_eq!(looks[0].metrics.len(), 2);
    assert!(looks[0].metrics[0].1.contains("from_ts=940000"));
}
