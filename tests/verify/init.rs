//! How long environments initialised, from Datadog's logs or else its metric.

use loadgen::{
    insight::Id,
    record::InitSource,
    sample::{Sample, Temperature},
    verify::{FoundInits, fetch_inits},
};
use serde_json::{Value, json};

use crate::{
    run::subject,
    support::stub::{Asked, Clock, Reply, Stub},
    traces::sample,
};

/// A log as Datadog's extension sends it.
fn log(at_ms: i64, request: &str, message: &str) -> Value {
    let at = jiff::Timestamp::from_millisecond(at_ms).expect("a time");
    json!({"id": format!("{at_ms}-{request}"), "type": "log", "attributes": {
        "timestamp": at.to_string(), "message": message,
        "attributes": {"lambda": {"request_id": request}},
    }})
}

/// A REPORT line with the words and the order of Datadog's extension.
fn report(request: &str, init: &str) -> String {
    format!(
        "REPORT RequestId: {request} Duration: 31.05 ms Runtime Duration: 30.10 ms Post Runtime \
         Duration: 0.95 ms Billed Duration: 32.00 ms Memory Size: 512 MB Max Memory Used: 88 MB \
         Init Duration: {init} ms"
    )
}

fn metric(values: [Value; 3]) -> Reply {
    let columns: Vec<Value> = (0..)
        .zip(values)
        .map(|(place, value)| {
            json!({"name": format!("q{place}"), "type": "number", "values": value, "meta": {}})
        })
        .collect();
    Reply::json(
        200,
        json!({"data": {"attributes": {"columns": columns}, "type": "scalar_response"}}),
    )
}

async fn found(answer: impl FnMut(&Asked) -> Reply + Send + 'static) -> (Option<FoundInits>, Stub) {
    let stub = Stub::answering(answer).await;
    let client = stub.client(&Clock::new());
    let found = fetch_inits(&client, &subject(3, &[Id::ColdStarts], false)).await;
    (found.expect("an answer"), stub)
}

fn of_request(id: &str, temperature: Temperature) -> Sample {
    Sample {
        request_id: Some(id.to_owned()),
        temperature,
        ..sample(1)
    }
}

#[tokio::test]
async fn each_cold_request_gets_the_init_duration_of_its_own_line() {
    let ahead = 1_020_000;
    let pages = [
        json!({"data": [
            log(1_001_000, "one", "INIT_START Runtime Version: python:3.13.v1"),
            log(1_002_000, "one", &report("one", "912.34")),
            log(1_003_000, "two", &report("two", "1087.66")),
        ], "meta": {"page": {"after": "next"}}}),
        json!({"data": [
            // Initialised 15 s before its first request came, which waited for nothing.
            log(ahead, "three", "INIT_START Runtime Version: python:3.13.v1"),
            log(ahead + 15_031, "three", &report("three", "850.00")),
            log(ahead + 15_032, "x", "the handler says: Init Duration: 1 ms"),
            json!({"attributes": {"message": 7}}),
        ], "meta": {"page": {}}}),
    ];
    let mut left = pages.into_iter();
    let (found, stub) = found(move |asked| {
        assert_eq!(asked.path, "/api/v2/logs/events/search");
        Reply::json(200, left.next().expect("no third page"))
    })
    .await;
    let FoundInits { times, reports } = found.expect("init times");
    assert_eq!((times.source, times.n), (InitSource::ReportLines, 2));
    assert_eq!(
        (times.mean_ms, times.max_ms),
        (Some(1_000.0), Some(1_087.66))
    );
    for (id, temperature, init_us) in [
        ("one", Temperature::Cold, Some(912_340)),
        ("two", Temperature::Unknown, Some(1_087_660)),
        ("two", Temperature::Warm, None),
        ("three", Temperature::Cold, None),
        ("four", Temperature::Cold, None),
    ] {
        let mut sample = of_request(id, temperature);
        assert_eq!(reports.add_init(&mut sample), init_us.is_some(), "{id}");
        assert_eq!(sample.init_us, init_us, "{id}");
    }
    let asked = stub.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].body["page"]["cursor"], "next");
    let query = asked[0].body["filter"]["query"].as_str().expect("a query");
    assert!(
        query.starts_with("functionname:datadog-sample-entry-function ("),
        "{query}"
    );
}

#[tokio::test]
async fn without_logs_the_metric_gives_a_mean_and_no_more() {
    for refused in [403, 200] {
        let (found, _stub) = found(move |asked| match asked.path.as_str() {
            "/api/v2/logs/events/search" if refused == 403 => {
                Reply::json(403, json!({"errors": ["Forbidden"]}))
            }
            "/api/v2/logs/events/search" => Reply::json(200, json!({"data": []})),
            _ => metric([json!([4.0]), json!([3.6]), json!([1.1])]),
        })
        .await;
        let FoundInits { times, reports } = found.expect("init times");
        assert_eq!((times.source, times.n), (InitSource::Metric, 4));
        assert_eq!((times.mean_ms, times.max_ms), (Some(900.0), Some(1_100.0)));
        assert!(reports.is_empty());
    }
}

#[tokio::test]
async fn where_nothing_says_how_long_nothing_is_made_up() {
    for values in [
        [json!([]), json!([]), json!([])],
        [json!([0.0]), json!([0.0]), json!([null])],
        [json!([-3.0]), json!(["x"]), json!([])],
    ] {
        let (found, _stub) = found(move |asked| match asked.path.as_str() {
            "/api/v2/logs/events/search" => Reply::json(200, json!({"data": []})),
            _ => metric(values.clone()),
        })
        .await;
        assert!(found.is_none(), "{found:?}");
    }
}
