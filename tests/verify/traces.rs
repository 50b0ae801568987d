//! Traces and metric history of a run.

use loadgen::{
    control::Hidden,
    sample::{Evidence, Outcome, Sample, Temperature},
    telemetry::store::TelemetryRecord,
    verify::{fetch_history, fetch_traces, fetch_whole, records},
};
use serde_json::{Value, json};

use crate::{
    run::{ENTRY, subject},
    support::stub::{Clock, Reply, Stub},
};

fn span(trace: u64, function: &str, tags: Value) -> Value {
    json!({"id": "x", "type": "spans", "attributes": {
        "trace_id": trace.to_string(), "span_id": "7", "parent_id": "3",
        "operation_name": "aws.lambda", "service": "s", "resource_name": function,
        "type": "serverless", "start_timestamp": "2026-11-22T10:00:00Z",
        "end_timestamp": "2026-11-22T10:00:01Z", "custom": tags,
    }})
}

/// The same as a span of its own.
fn another(mut span: Value) -> Value {
    span["attributes"]["span_id"] = json!("8");
    span
}

pub fn sample(trace: u64) -> Sample {
    let sample = json!({
        "index": trace, "step": 0, "planned_us": 0, "sent_us": 0, "first_byte_us": 1, "done_us": 2,
        "outcome": "function_error", "status": 502, "bytes": 0,
        "temperature": "unknown", "evidence": "none",
        "trace_id": format!("6b02d33d00000000{trace:016x}"),
    });
    serde_json::from_value(sample).expect("a sample")
}

#[tokio::test]
async fn traces_tell_the_temperature_and_the_timeout_behind_a_bare_502() {
    let name = ENTRY.to_lowercase();
    let page = json!({"data": [
        span(1, &name, json!({"cold_start": "true", "request_id": "r1"})),
        span(2, &name, json!({"cold_start": "false", "request_id": "r2",
            "error": {"type": "Timeout", "msg": "Datadog detected a Timeout"}})),
        span(3, "another-function", json!({"cold_start": "true"})),
        span(4, &name, json!({"cold_start": "true", "request_id": "a"})),
        another(span(4, &name, json!({"cold_start": "false", "request_id": "b"}))),
    ]});
    let stub = Stub::playing([Reply::json(200, page)]).await;
    let subject = subject(4, &[], false);
    let (spans, traces) = fetch_traces(&stub.client(&Clock::new()), &subject)
        .await
        .expect("spans");
    assert_eq!((spans.len(), traces.len()), (5, 2));
    let query = stub.asked()[0].body["data"]["attributes"]["filter"]["query"].clone();
    let query = query.as_str().expect("a query");
    assert!(query.contains(r"x-loadgen-run:run\:1"), "{query}");
    assert!(query.contains("(status:error resource_name:Datadog-Sample-Entry-Function)"));

    let mut cold = sample(1);
    assert!(traces.improve(&mut cold));
    assert_eq!(
        (cold.temperature, cold.evidence),
        (Temperature::Cold, Evidence::Trace)
    );
    assert_eq!(cold.request_id.as_deref(), Some("r1"));
    assert_eq!(cold.outcome, Outcome::FunctionError);
    let mut timeout = sample(2);
    assert!(traces.improve(&mut timeout));
    assert_eq!(timeout.outcome, Outcome::FunctionTimeout);
    // Another function's trace, and one that two invocations share, say nothing.
    assert!(!traces.improve(&mut sample(3)));
    assert!(!traces.improve(&mut sample(4)));
    // A marker is better evidence.
    let mut marked = Sample {
        temperature: Temperature::Warm,
        evidence: Evidence::Marker,
        request_id: Some("own".to_owned()),
        ..sample(1)
    };
    assert!(!traces.improve(&mut marked));
    assert_eq!(marked.temperature, Temperature::Warm);
}

#[tokio::test]
async fn history_keeps_what_each_interval_counts_and_its_largest_value() {
    let stub = Stub::answering(|asked| {
        let attributes = &asked.body["data"]["attributes"];
        let queries = attributes["queries"].as_array().expect("queries");
        let index = |part: &str| {
            let text = |query: &Value| query["query"].as_str().is_some_and(|q| q.contains(part));
            json!({"query_index": queries.iter().position(text)})
        };
        let series = [
            index("invocations{functionname:datadog-sample-entry-function,cold_start:true}"),
            index("count:aws.lambda.enhanced.duration"),
            index("sum:aws.lambda.enhanced.duration"),
            index("max:aws.lambda.enhanced.duration"),
        ];
        Reply::json(
            200,
            json!({"data": {"attributes": {
                "series": series, "times": [1_000_000, 1_010_000],
                "values": [[20, null], [3, null], [6.0, null], [4.0, null]],
            }}}),
        )
    })
    .await;
    let subject = subject(20, &[], false);
    let history = fetch_history(&stub.client(&Clock::new()), &subject)
        .await
        .expect("history");
    let mut points: Vec<(String, f64, usize)> = history
        .into_iter()
        .map(|record| match record {
            TelemetryRecord::Metric(point) => (point.name, point.value, point.tags.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    points.sort_by(|a, b| a.1.total_cmp(&b.1));
    let duration = || "aws.lambda.enhanced.duration".to_owned();
    let invocations = "aws.lambda.enhanced.invocations".to_owned();
    assert_eq!(
        points,
        [
            (duration(), 1.0, 1),
            (duration(), 1.0, 1),
            (duration(), 4.0, 1),
            (invocations, 20.0, 2)
        ]
    );
}

#[tokio::test]
async fn whole_traces_are_asked_for_fifty_at_a_time() {
    let name = ENTRY.to_lowercase();
    let spans: Vec<Value> = (1..=120).map(|n| span(n, &name, json!({}))).collect();
    let mut first = Some(Reply::json(200, json!({ "data": spans })));
    let one = json!({"data": [span(1, "aws.sqs", json!({"n": 1.5}))]});
    let stub = Stub::answering(move |_| {
        first
            .take()
            .unwrap_or_else(|| Reply::json(200, one.clone()))
    })
    .await;
    let client = stub.client(&Clock::new());
    let subject = subject(120, &[], false);
    let (spans, _) = fetch_traces(&client, &subject).await.expect("spans");
    let whole = fetch_whole(&client, &subject, &spans)
        .await
        .expect("whole traces");
    let asked = stub.asked();
    assert_eq!(asked.len(), 1 + 3);
    let query = asked[1].body["data"]["attributes"]["filter"]["query"].clone();
    assert_eq!(query.as_str().expect("a query").matches(" OR ").count(), 49);
    assert_eq!(records(whole, &Hidden::default()).len(), 3);
}

#[tokio::test]
async fn what_is_kept_of_a_trace_has_no_secret_that_was_sent() {
    let captured = json!({
        "function.request.headers.Cookie": "c",
        "function.request.headers.X-My.Token": "t",
        "function.request.multiValueHeaders.X-My.Token.0": "t",
        "function.request.body.items.0": "b",
        "function.response.body": "kept",
        "function.request.headers.Accept": "kept",
    });
    let found = json!({"data": [span(1, "aws.lambda", captured)]});
    let stub = Stub::answering(move |_| Reply::json(200, found.clone())).await;
    let subject = subject(1, &[], false);
    let (spans, _) = fetch_traces(&stub.client(&Clock::new()), &subject)
        .await
        .expect("spans");
    let hidden = Hidden {
        headers: vec!["x-my.token".to_owned()],
        body: true,
        ..Hidden::default()
    };
    let [TelemetryRecord::Span(kept)] = &records(spans, &hidden)[..] else {
        panic!("one span");
    };
    let of_payload = |(tag, value): (&String, &String)| {
        tag.starts_with("function.")
            .then(|| (tag.clone(), value.clone()))
    };
    let kept: Vec<(String, String)> = kept.meta.iter().filter_map(of_payload).collect();
    let expected = ["function.request.headers.Accept", "function.response.body"];
    assert_eq!(
        kept,
        expected.map(|tag| (tag.to_owned(), "kept".to_owned()))
    );
}

#[test]
fn a_path_that_carries_a_secret_and_an_answer_that_is_captured_from_are_not_kept() {
    let hidden = Hidden {
        path: true,
        answer: true,
        ..Hidden::default()
    };
    let tags = [
        ("http.url", "https://h/orders/secret"),
        ("http.route", "/orders/{id}"),
        ("http.method", "GET"),
        ("resource_names", "GET /orders/secret"),
        ("function.request.rawPath", "/orders/secret"),
        ("function.request.pathParameters.id", "secret"),
        (
            "function.request.multiValueQueryStringParameters.k.0",
            "secret",
        ),
        (
            "function.request.requestContext.http.path",
            "/orders/secret",
        ),
        ("function.request.headers.Accept", "kept"),
        ("function.response.body.id", "secret"),
    ];
    let tags = tags.map(|(tag, value)| (tag.to_owned(), value.to_owned()));
    let (mut resource, mut tags) = ("GET /orders/secret".to_owned(), tags.into());
    hidden.redact(&mut resource, &mut tags);
    assert_eq!(resource, "GET /orders/{id}");
    let left: Vec<&str> = tags.keys().map(String::as_str).collect();
    let kept = [
        "function.request.headers.Accept",
        "http.method",
        "http.route",
    ];
    assert_eq!(left, kept);
}

#[test]
fn spans_of_a_function_of_ones_own_are_found_by_its_name_service_and_env() {
    let mut own = subject(4, &[], false);
    own.tagged = false;
    own.service = Some("my shop".to_owned());
    own.env = Some("prod".to_owned());
    let query = own.span_query();
    let by_name = format!(r" OR (resource_name:{ENTRY} service:my\ shop env:prod))");
    assert!(query.ends_with(&by_name), "{query}");
    // The sample app's carry the run's header, so of the others only failed ones are fetched.
    let query = subject(4, &[], false).span_query();
    assert!(query.contains("(status:error resource_name:"), "{query}");
}
