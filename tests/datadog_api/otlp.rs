//! OTLP over HTTP: as the agent takes it, and as Datadog's own intake does.

use serde_json::json;

use super::*;

const NOW_NS: i64 = (NOW_MS - 60_000) * 1_000_000;

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn resource() -> Value {
    json!({"attributes": [attribute("service.name", "checkout"),
        attribute("deployment.environment.name", "prod")]})
}

/// A field of a protobuf message that is bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

fn fixed(number: u8, value: u64) -> Vec<u8> {
    [&[number << 3 | 1], value.to_le_bytes().as_slice()].concat()
}

/// A request with one monotonic sum of 5, in protobuf.
fn counted(temporality: u8) -> Vec<u8> {
    let point = [fixed(3, NOW_NS as u64), fixed(6, 5)].concat();
    let sum = [field(1, &point), vec![2 << 3, temporality, 3 << 3, 1]].concat();
    let metric = [field(1, b"orders"), field(7, &sum)].concat();
    field(1, &field(2, &field(2, &metric)))
}

async fn sent(api: &Api, path: &str, body: Vec<u8>) -> (u16, String) {
    let request = api.request("POST", path).body(body);
    let request = request.header("content-type", "application/x-protobuf");
    let answer = answer(request).await;
    let said = answer.body["errors"][0].as_str().unwrap_or_default();
    (answer.status, said.to_owned())
}

#[tokio::test]
async fn spans_in_json_are_found_by_service_and_resource_with_their_exception() {
    let api = Api::new(vec![]).await;
    let span = json!({"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174",
        "name": "HTTP POST", "kind": 2, "startTimeUnixNano": NOW_NS.to_string(),
        "endTimeUnixNano": (NOW_NS + 7_000_000).to_string(),
        "attributes": [attribute("http.request.method", "POST"), attribute("http.route", "/orders"),
            {"key": "http.response.status_code", "value": {"intValue": "500"}}],
        "events": [{"name": "exception", "attributes": [attribute("exception.type", "KeyError")]}],
        "status": {"code": 2}});
    let body = json!({"resourceSpans": [{"resource": resource(),
        "scopeSpans": [{"spans": [span]}]}]});
    let taken = api.post("/v1/traces", body).await;
    assert_eq!((taken.status, taken.body), (200, json!({})));
    let query = "service:checkout env:prod resource_name:\"POST /orders\" status:error \
                 operation_name:http.server.request @error.type:KeyError";
    let found = api.spans(query).await;
    assert_eq!(
        found.body["data"].as_array().map(Vec::len),
        Some(1),
        "{}",
        found.body
    );
    let custom = &found.body["data"][0]["attributes"]["custom"];
    assert_eq!(custom["duration"], 7_000_000);
}

#[tokio::test]
async fn a_span_without_an_id_is_refused_with_all_that_came_with_it() {
    let api = Api::new(vec![]).await;
    let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "x"}]}]}]});
    let refused = api.post("/v1/traces", body).await;
    assert_eq!(refused.status, 400);
    assert_eq!(api.spans("*").await.body["data"], json!([]));
}

#[tokio::test]
async fn a_delta_sum_is_a_count_and_a_cumulative_one_becomes_what_was_added() {
    let api = Api::new(vec![]).await;
    let total = async || {
        let found = api.query("sum:orders{*}.as_count()", 3600).await;
        let points = found.body["series"][0]["pointlist"].as_array().cloned();
        let values = points.unwrap_or_default();
        values
            .iter()
            .filter_map(|point| point[1].as_f64())
            .sum::<f64>()
    };
    assert_eq!(sent(&api, "/v1/metrics", counted(1)).await.0, 200);
    assert_eq!(total().await, 5.0);
    // The first of a cumulative series says nothing of when it was added.
    assert_eq!(sent(&api, "/v1/metrics", counted(2)).await.0, 200);
    assert_eq!(total().await, 5.0);
}

#[tokio::test]
async fn without_an_agent_a_key_protobuf_and_delta_temporality_are_needed() {
    let api = Api::new(vec![]).await;
    for base in ["/api/intake/otlp", "/api/v2/otlp"] {
        let path = format!("{base}/v1/metrics");
        assert_eq!(sent(&api, &path, counted(1)).await.0, 200);
        let (status, why) = sent(&api, &path, counted(2)).await;
        assert_eq!((status, why.contains("delta")), (400, true), "{why}");
        assert_eq!(
            api.post(&path, json!({"resourceMetrics": []})).await.status,
            415
        );
        let request = api.bare("POST", &path).body(counted(1));
        let request = request.header("content-type", "application/x-protobuf");
        assert_eq!(answer(request).await.status, 403);
    }
}

#[tokio::test]
async fn histograms_answer_with_percentiles_and_counts() {
    let api = Api::new(vec![]).await;
    let point = json!({"timeUnixNano": NOW_NS.to_string(), "count": "10", "sum": 55.0,
        "bucketCounts": ["5", "4", "1"], "explicitBounds": [10.0, 20.0], "min": 2.0, "max": 90.0});
    let exponential = json!({"timeUnixNano": NOW_NS.to_string(), "scale": 3, "zeroCount": "1",
        "positive": {"offset": 0, "bucketCounts": ["0", "3"]}});
    let metrics = json!([
        {"name": "took", "histogram": {"aggregationTemporality": 1, "dataPoints": [point]}},
        {"name": "sizes", "exponentialHistogram": {"aggregationTemporality": 1,
            "dataPoints": [exponential]}},
        {"name": "old", "summary": {"dataPoints": [{}]}},
    ]);
    let body = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": metrics}]}]});
    let taken = api.post("/v1/metrics", body).await;
    assert_eq!(taken.body["partialSuccess"]["rejectedDataPoints"], "1");
    let first = async |query: &str| {
        api.query(query, 3600).await.body["series"][0]["pointlist"][0][1].as_f64()
    };
    assert_eq!(first("count:took{*}.as_count()").await, Some(10.0));
    assert_eq!(
        first("p50:took{*}").await,
        Some(6.0),
        "the middle of 2 to 10"
    );
    assert_eq!(
        first("max:took{*}").await,
        Some(55.0),
        "the middle of 20 to 90"
    );
    assert_eq!(first("count:sizes{*}.as_count()").await, Some(4.0));
}

#[tokio::test]
async fn a_log_record_has_its_severity_its_trace_and_its_body() {
    let api = Api::new(vec![]).await;
    let record = json!({"timeUnixNano": NOW_NS.to_string(), "severityNumber": 17,
        "body": {"kvlistValue": {"values": [attribute("event", "refused")]}},
        "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174",
        "attributes": [attribute("order.id", "o-1"), attribute("dd", "no object")]});
    let body = json!({"resourceLogs": [{"resource": resource(),
        "scopeLogs": [{"logRecords": [record]}]}]});
    assert_eq!(api.post("/v1/logs", body).await.status, 200);
    let filter = json!({"query": "service:checkout status:error @order.id:o-1", "from": "now-1h",
        "to": "now+1m"});
    let found = api
        .post("/api/v2/logs/events/search", json!({"filter": filter}))
        .await;
    let attributes = &found.body["data"][0]["attributes"];
    assert_eq!(
        attributes["message"], r#"{"event":"refused"}"#,
        "{}",
        found.body
    );
    let low = 0xd269_b633_813f_c60c_u64.to_string();
    assert_eq!(
        attributes["attributes"]["dd"]["trace_id"],
        low.as_str(),
        "{attributes}"
    );
}
