use loadgen::telemetry::store::TelemetryRecord;
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn a_span_has_the_recorded_shape() {
    let mut one = span(
        985,
        300,
        "aws.lambda",
        &[
            ("env", "dev"),
            ("http.status_code", "200"),
            ("http.method", "GET"),
            ("function.response", "None"),
            ("function.response.body", "text"),
        ],
    );
    one.metrics.insert("_dd.measured".to_owned(), 1.0);
    let api = Api::new(vec![TelemetryRecord::Span(one)]).await;
    let answer = api.spans("service:datadog-serverless-sample-app").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let event = &answer.body["data"][0];
    assert_eq!(event["type"], "spans");
    let found = &event["attributes"];
    for (key, value) in [
        ("service", json!("datadog-serverless-sample-app")),
        ("resource_name", json!("datadog-sample-entry-function")),
        ("operation_name", json!("aws.lambda")),
        ("env", json!("dev")),
        ("type", json!("serverless")),
        ("trace_id", json!("68126c4300000000123456789abcdef0")),
        ("span_id", json!("985")),
        ("parent_id", json!("0")),
        ("start_timestamp", json!("2026-11-22T08:21:40.000Z")),
        ("end_timestamp", json!("2026-11-22T08:21:41.500Z")),
        ("single_span", json!(false)),
    ] {
        assert_eq!(found[key], value, "{key}");
    }
    let custom = &found["custom"];
    assert_eq!(custom["duration"], 1_500_000_000);
    assert_eq!(
        custom["http"],
        json!({"status_code": "200", "method": "GET"})
    );
    assert_eq!(custom["function"]["response"], "None");
    assert_eq!(custom["function"]["response.body"], "text");
    assert_eq!(custom["_dd"]["measured"], 1.0);
    assert_eq!(answer.body["meta"]["status"], "done");
    assert_eq!(answer.body["meta"]["page"], Value::Null);
}

#[tokio::test]
async fn the_queries_that_find_a_run_again_work() {
    let meta = [
        ("cold_start", "true"),
        ("function.request.headers.X-Loadgen-Run", "run-7"),
        ("request_id", "11111111-2222"),
        ("http.useragent", "loadgen/0.1"),
    ];
    let mut failed = span(2, 10, "aws.lambda", &[]);
    failed.error = true;
    let api = Api::new(vec![
        TelemetryRecord::Span(span(1, 20, "aws.lambda", &meta)),
        TelemetryRecord::Span(failed),
    ])
    .await;
    for (query, found) in [
        ("trace_id:68126c4300000000123456789abcdef0", 2),
        ("trace_id:1311768467463790320", 2),
        ("@function.request.headers.X-Loadgen-Run:run-7", 1),
        ("@http.useragent:loadgen*", 1),
        ("operation_name:aws.lambda @cold_start:true", 1),
        ("status:error", 1),
        (
            "@request_id:11111111-2222 service:datadog-serverless-sample-app",
            1,
        ),
        ("service:other", 0),
    ] {
        let answer = api.spans(query).await;
        assert_eq!(
            answer.body["data"].as_array().unwrap().len(),
            found,
            "{query}"
        );
    }
}

#[tokio::test]
async fn pages_of_spans_follow_one_another_to_an_empty_last_one() {
    let records = (0..25).map(|i| TelemetryRecord::Span(span(i, 100 - i as i64, "x", &[])));
    let api = Api::new(records.collect()).await;
    let mut body = json!({"data": {"type": "search_request", "attributes": {
        "filter": {"from": "now-1h", "to": "now", "query": "*"},
        "sort": "timestamp", "page": {"limit": 5}}}});
    let mut seen = Vec::new();
    let last = loop {
        let answer = api.post("/api/v2/spans/events/search", body.clone()).await;
        let data = answer.body["data"].as_array().unwrap();
        if data.is_empty() {
            break answer;
        }
        seen.extend(
            data.iter()
                .map(|event| event["attributes"]["span_id"].clone()),
        );
        assert!(seen.len() <= 25);
        let link = answer.body["links"]["next"].as_str().unwrap();
        let (_, next) = link.split_once("/api/").unwrap();
        let by_link = api.get(&format!("/api/{next}")).await;
        let cursor = answer.body["meta"]["page"]["after"].clone();
        body["data"]["attributes"]["page"]["cursor"] = cursor;
        let by_cursor = api.post("/api/v2/spans/events/search", body.clone()).await;
        assert_eq!(by_link.body["data"], by_cursor.body["data"]);
    };
    assert_eq!(last.body, json!({"data": []}));
    let expected: Vec<Value> = (0..25).map(|i: u64| json!(i.to_string())).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_newest_come_first_unless_asked_otherwise() {
    let api = Api::new(vec![
        TelemetryRecord::Span(span(1, 20, "x", &[])),
        TelemetryRecord::Span(span(2, 10, "x", &[])),
    ])
    .await;
    let answer = api.post("/api/v2/spans/events/search", json!({})).await;
    let ids: Vec<&Value> = answer.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["attributes"]["span_id"])
        .collect();
    assert_eq!(ids, ["2", "1"]);
}

#[tokio::test]
async fn spans_are_aggregated_by_facet() {
    let meta: [&[(&str, &str)]; 2] = [&[("cold_start", "true")], &[("cold_start", "false")]];
    let records =
        (0..6).map(|i| TelemetryRecord::Span(span(i, 60, "aws.lambda", meta[(i / 4) as usize])));
    let api = Api::new(records.collect()).await;
    let body = json!({"data": {"type": "aggregate_request", "attributes": {
        "compute": [{"aggregation": "count"}, {"aggregation": "max", "metric": "@duration"},
                    {"aggregation": "count", "type": "timeseries", "interval": "1m"}],
        "filter": {"query": "operation_name:aws.lambda", "from": "now-1h", "to": "now"},
        "group_by": [{"facet": "@cold_start"}]}}});
    let answer = api.post("/api/v2/spans/analytics/aggregate", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = answer.body["data"].as_array().unwrap();
    assert_eq!(data.len(), 2);
    assert_eq!(data[0]["type"], "bucket");
    assert_eq!(data[0]["attributes"]["by"], json!({"@cold_start": "true"}));
    let computes = &data[0]["attributes"]["computes"];
    assert_eq!(computes["c0"], 4.0);
    assert_eq!(computes["c1"], 1.5e9);
    assert_eq!(
        computes["c2"],
        json!([{"time": "2026-11-22T08:25:00.000Z", "value": 4.0}])
    );
    assert_eq!(answer.body["meta"]["status"], "done");
}

#[tokio::test]
async fn a_log_has_the_recorded_shape_and_is_found_by_request_id() {
    let lambda = json!({"lambda": {"arn": "arn:aws:lambda:x", "request_id": "8286a188"}});
    let api = Api::new(vec![
        log(60, "REPORT RequestId: 8286a188", lambda.clone()),
        log(50, "other", json!({})),
    ])
    .await;
    let body = json!({
        "filter": {"query": "@lambda.request_id:8286a188", "from": "now-15m", "to": "now",
                   "indexes": ["main"]},
        "page": {"limit": 1}, "sort": "timestamp"
    });
    let answer = api.post("/api/v2/logs/events/search", body).await;
    let event = &answer.body["data"][0];
    assert_eq!(event["type"], "log");
    assert_eq!(
        event["attributes"],
        json!({
            "timestamp": "2026-11-22T08:25:40.000Z",
            "status": "info",
            "service": "datadog-serverless-sample-app",
            "host": "arn:aws:lambda:us-east-1:1:function:f",
            "message": "REPORT RequestId: 8286a188",
            "tags": ["env:dev", "source:lambda"],
            "attributes": lambda,
        })
    );
    let cursor = answer.body["meta"]["page"]["after"].as_str().unwrap();
    let query = encoded("@lambda.request_id:8286a188");
    let next = format!(
        "/api/v2/logs/events?filter%5Bquery%5D={query}&sort=timestamp&page%5Blimit%5D=1\
         &page%5Bcursor%5D={cursor}"
    );
    assert_eq!(api.get(&next).await.body["data"], json!([]));
    let counted = api
        .post(
            "/api/v2/logs/analytics/aggregate",
            json!({"compute": [{"aggregation": "count"}], "filter": {"query": "*"},
                   "group_by": [{"facet": "service"}]}),
        )
        .await;
    assert_eq!(
        counted.body["data"]["buckets"],
        json!([{"by": {"service": "datadog-serverless-sample-app"}, "computes": {"c0": 2.0}}])
    );
}

#[tokio::test]
async fn an_aggregate_names_what_lacks_a_facet_and_counts_all() {
    let api = Api::new(vec![]).await;
    for body in [
        json!({"message": "a", "ddtags": "team:shop"}),
        json!({"message": "b", "ddtags": "team:shop"}),
        json!({"message": "c"}),
    ] {
        assert_eq!(api.post("/api/v2/logs", body).await.status, 202);
    }
    let body = json!({"group_by": [{"facet": "team", "missing": "none", "total": true}]});
    let answer = api.post("/api/v2/logs/analytics/aggregate", body).await;
    let buckets = answer.body["data"]["buckets"].as_array().unwrap();
    let counts: Vec<(&str, f64)> = buckets
        .iter()
        .map(|bucket| {
            let team = bucket["by"]["team"].as_str().unwrap();
            (team, bucket["computes"]["c0"].as_f64().unwrap())
        })
        .collect();
    assert_eq!(counts, [("__TOTAL__", 3.0), ("shop", 2.0), ("none", 1.0)]);
}

#[tokio::test]
async fn a_page_looks_at_50_000_events_and_says_where_the_next_one_goes_on() {
    let api = Api::new(vec![log(900, "needle", json!({}))]).await;
    for chunk in 0..4 {
        let hay = (0..12_600).map(|n| log(800 - chunk * 100 - n / 1_000, "hay", json!({})));
        api.store.writer().put_all(hay);
        api.store.writer().flush().await;
    }
    let filter = json!({"query": "needle", "from": "now-1h", "to": "now"});
    let body = |page: Value| json!({"filter": filter, "page": page});
    let path = "/api/v2/logs/events/search";
    let first = api.post(path, body(json!({"limit": 10}))).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.body["data"], json!([]));
    assert_eq!(first.body["meta"]["status"], "timeout");
    let said = first.body["meta"]["warnings"][0]["detail"].as_str();
    assert!(said.is_some_and(|said| said.contains("A shorter time range")));
    let cursor = &first.body["meta"]["page"]["after"];
    let second = api
        .post(path, body(json!({"limit": 10, "cursor": cursor})))
        .await;
    assert_eq!(second.body["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(second.body["meta"]["status"], "done");
    assert_eq!(second.body["meta"]["page"], Value::Null);
    // What is counted is counted whole.
    let count = json!({"compute": [{"aggregation": "count"}], "filter": filter});
    let counted = api.post("/api/v2/logs/analytics/aggregate", count).await;
    let found = &counted.body["data"]["buckets"][0]["computes"]["c0"];
    assert_eq!(found.as_f64(), Some(1.0));
}

#[tokio::test]
async fn content_types_and_the_meta_of_empty_answers_are_as_recorded() {
    let api = Api::new(vec![]).await;
    let kind = |answer: &Answer| answer.headers["content-type"].to_str().unwrap().to_owned();
    let spans = api.spans("*").await;
    assert_eq!(kind(&spans), "application/vnd.api+json");
    assert_eq!(spans.body, json!({"data": []}));
    let logs = api.get("/api/v2/logs/events").await;
    assert_eq!(kind(&logs), "application/json");
    assert_eq!(logs.body["data"], json!([]));
    assert_eq!(logs.body["meta"]["status"], "done");
    assert_eq!(logs.body["meta"]["page"], Value::Null);
    let query = api.query("sum:m{*}", 60).await;
    assert_eq!(kind(&query), "text/json");
    let refused = api.query("sum:m{", 60).await;
    assert_eq!(kind(&refused), "application/json");
}
