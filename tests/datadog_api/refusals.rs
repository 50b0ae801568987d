use loadgen::{
    sandbox::api::{BAD_API_KEY, RateLimit},
    telemetry::store::TelemetryRecord,
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

use super::*;

const SPANS: &str = "/api/v2/spans/events/search";
const LOGS: &str = "/api/v2/logs/events/search";

fn errors(messages: &[&str]) -> Value {
    json!({"errors": messages})
}

fn search(attributes: Value) -> Value {
    json!({"data": {"type": "search_request", "attributes": attributes}})
}

#[tokio::test]
async fn keys_are_checked_as_datadog_checks_them() {
    let api = Api::new(vec![]).await;
    let validate = |key: Option<&str>| {
        let request = api.bare("GET", "/api/v1/validate");
        answer(match key {
            Some(key) => request.header("DD-API-KEY", key),
            None => request,
        })
    };
    let valid = validate(Some(API_KEY)).await;
    assert_eq!((valid.status, valid.body), (200, json!({"valid": true})));
    let none = validate(None).await;
    assert_eq!(
        (none.status, none.body),
        (403, errors(&["API key required"]))
    );
    for bad in [
        BAD_API_KEY,
        "short",
        "",
        "0123456789abcdef0123456789abcdeg",
        "é",
    ] {
        let refused = validate(Some(bad)).await;
        assert_eq!(
            (refused.status, refused.body),
            (403, errors(&["Forbidden"])),
            "{bad}"
        );
    }
    let only_api_key = api.bare("POST", SPANS).header("DD-API-KEY", API_KEY);
    assert_eq!(answer(only_api_key.json(&json!({}))).await.status, 403);
}

#[tokio::test]
async fn a_malformed_search_is_told_apart_and_nothing_breaks() {
    let api = Api::new(vec![TelemetryRecord::Span(span(1, 1, "x", &[]))]).await;
    for (attributes, status) in [
        (json!({"filter": {"query": "(unclosed"}}), 400),
        (json!({"filter": {"query": "service:"}}), 400),
        (json!({"filter": {"query": 3}}), 400),
        (json!({"filter": {"from": "yesterday"}}), 400),
        (json!({"filter": {"from": "now", "to": "now-1h"}}), 422),
        (json!({"page": {"cursor": "garbage"}}), 400),
        (json!({"page": {"cursor": "0".repeat(48)}}), 400),
        (json!({"page": {"limit": 0}}), 400),
        (json!({"page": {"limit": 1001}}), 400),
        (json!({"page": {"limit": -1}}), 400),
        (json!({"page": 3}), 400),
        (json!({"sort": "size"}), 400),
        (json!("text"), 400),
    ] {
        let answer = api.post(SPANS, search(attributes.clone())).await;
        assert_eq!(answer.status, status, "{attributes}: {answer:?}");
        let error = &answer.body["errors"][0];
        match status {
            422 => {
                assert_eq!(error["title"], "Generic Error");
                assert!(error["detail"].is_string());
            }
            _ => assert!(error.is_string(), "{answer:?}"),
        }
    }
    let wrong_type = json!({"data": {"type": "other", "attributes": {}}});
    assert_eq!(
        api.post(SPANS, wrong_type).await.body,
        errors(&["API input validation failed: Invalid type. Expected \"search_request\"."])
    );
    let backwards = json!({"filter": {"from": "now", "to": "now-1h"}});
    assert_eq!(api.post(LOGS, backwards).await.status, 400);
    assert_eq!(
        api.spans("*").await.body["data"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_cursor_is_good_only_for_its_own_search() {
    let records = (0..4).map(|i| TelemetryRecord::Span(span(i, 10, "x", &[])));
    let api = Api::new(records.collect()).await;
    let page = |query: &str, sort: &str, cursor: Value| {
        search(json!({"filter": {"query": query}, "sort": sort,
                      "page": {"limit": 2, "cursor": cursor}}))
    };
    let first = api.post(SPANS, page("*", "timestamp", Value::Null)).await;
    let cursor = &first.body["meta"]["page"]["after"];
    assert!(cursor.is_string());
    for (query, sort, status) in [
        ("*", "timestamp", 200),
        ("service:x", "timestamp", 400),
        ("*", "-timestamp", 400),
    ] {
        let answer = api.post(SPANS, page(query, sort, cursor.clone())).await;
        assert_eq!(answer.status, status, "{query} {sort}");
    }
}

#[tokio::test]
async fn malformed_queries_have_the_apis_error_shapes() {
    let api = Api::new(vec![]).await;
    for query in [
        "",
        "sum:",
        "sum:a{",
        "nonsense(",
        "sum:a{*}.rollup(0)",
        "1+1",
    ] {
        let answer = api.query(query, 3600).await;
        assert_eq!(answer.status, 400, "{query}");
        let error = answer.body["errors"][0].as_str().unwrap();
        assert!(error.starts_with("Error parsing query"), "{error}");
    }
    for url in [
        "/api/v1/query",
        "/api/v1/query?from=1&to=2",
        "/api/v1/query?from=x&to=2&query=a",
        "/api/v1/query?from=-1&to=2&query=a",
        "/api/v1/query?from=2&to=1&query=a",
        "/api/v1/query?from=99999999999999999999&to=1&query=a",
        "/api/v1/query?%ff=1",
    ] {
        let answer = api.get(url).await;
        assert_eq!(answer.status, 400, "{url}");
        assert!(answer.body["errors"][0].is_string());
    }
    let old = api
        .get("/api/v1/query?from=1&to=2&query=sum:a%7B*%7D")
        .await;
    assert_eq!(
        old.body,
        errors(&["Queries ending outside the retention date are invalid"])
    );
    let fine = api.query("sum:a{*}.rollup(sum, 10)", 400 * 86_400).await;
    assert_eq!(fine.status, 400, "too many points: {fine:?}");
}

#[tokio::test]
async fn malformed_v2_requests_have_the_apis_error_shapes() {
    let api = Api::new(vec![]).await;
    let good = json!({"data_source": "metrics", "name": "a", "query": "sum:a{*}"});
    let body = |attributes: Value| {
        json!({"data": {"type": "scalar_request",
                                                   "attributes": attributes}})
    };
    let with = |queries: Value, formulas: Value| {
        body(
            json!({"from": NOW_MS - 1000, "to": NOW_MS, "queries": queries,
                    "formulas": formulas}),
        )
    };
    for body in [
        json!({}),
        json!(3),
        body(json!({})),
        body(json!({"from": i64::MIN, "to": i64::MAX, "queries": [good]})),
        body(json!({"from": 2, "to": 1, "queries": [good]})),
        with(json!([]), json!([])),
        with(json!([{"data_source": "rum", "name": "a"}]), json!([])),
        with(json!([{"data_source": "metrics", "name": "a"}]), json!([])),
        with(
            json!([{"data_source": "metrics", "name": "1", "query": "sum:a{*}"}]),
            json!([]),
        ),
        with(json!([good, good]), json!([])),
        with(json!([good]), json!([{"formula": "b"}])),
        with(json!([good]), json!([{"formula": "a +"}])),
        with(
            json!([{"data_source": "metrics", "name": "a", "query": "sum:a{*}",
                    "aggregator": "mode"}]),
            json!([]),
        ),
        with(json!([{"data_source": "spans", "name": "a"}]), json!([])),
        with(
            json!([{"data_source": "spans", "name": "a", "compute": {"aggregation": "max"}}]),
            json!([]),
        ),
    ] {
        let answer = api.post("/api/v2/query/scalar", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert!(answer.body["errors"][0].is_string(), "{answer:?}");
    }
    let wrong = json!({"data": {"type": "scalar_request", "attributes": {
        "from": 1, "to": 2, "queries": [good]}}});
    assert_eq!(
        api.post("/api/v2/query/timeseries", wrong).await.body,
        errors(&["API input validation failed: Invalid type. Expected \"timeseries_request\"."])
    );
}

#[tokio::test]
async fn what_is_not_there_is_a_404_and_what_is_too_large_a_413() {
    let api = Api::new(vec![]).await;
    let missing = api.get("/api/v2/no/such/thing").await;
    assert_eq!(
        (missing.status, missing.body),
        (404, errors(&["Not found"]))
    );
    assert_eq!(api.get(SPANS).await.status, 405);
    let large = api.request("POST", SPANS).body(vec![b' '; 9 << 20]);
    let refused = answer(large).await;
    assert_eq!(
        (refused.status, refused.body),
        (413, errors(&["Payload too large"]))
    );
    let broken = api.request("POST", SPANS).body("{\"data\": ");
    let refused = answer(broken).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.body["errors"][0]
            .as_str()
            .unwrap()
            .starts_with("Invalid JSON")
    );
}

#[tokio::test]
async fn a_rate_limit_answers_429_with_headers_until_its_period_ends() {
    let options = ApiOptions {
        rate_limit: Some(RateLimit {
            requests: 2,
            period_s: 60,
        }),
        ..ApiOptions::default()
    };
    let api = Api::with(vec![], options).await;
    // NOW_MS is 40 seconds into a minute.
    for (status, remaining) in [(200, "1"), (200, "0"), (429, "0"), (429, "0")] {
        let answer = api.spans("*").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers["x-ratelimit-limit"], "2");
        assert_eq!(answer.headers["x-ratelimit-period"], "60");
        assert_eq!(answer.headers["x-ratelimit-remaining"], remaining);
        assert_eq!(answer.headers["x-ratelimit-reset"], "20");
        assert!(answer.headers.contains_key("x-ratelimit-name"));
    }
    let other = api.post(LOGS, json!({})).await;
    assert_eq!(other.status, 200, "every endpoint has its own budget");
    api.now_ms.store(NOW_MS + 20_000, Ordering::SeqCst);
    assert_eq!(api.spans("*").await.status, 200);
}

const POSTS: [&str; 12] = [
    "/api/v2/query/scalar",
    "/api/v2/query/timeseries",
    SPANS,
    "/api/v2/spans/analytics/aggregate",
    LOGS,
    "/api/v2/logs/analytics/aggregate",
    "/api/v2/dora/deployment",
    "/api/v2/series",
    "/api/v1/series",
    "/api/v1/distribution_points",
    "/api/v2/logs",
    "/v0.5/traces",
];

/// Bodies that are nearly right: every field there is, with any value.
fn nearly_right() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| json!(n).to_string()),
        "[ -~]{0,12}".prop_map(|text| json!(text).to_string()),
        prop::sample::select(vec![
            "now-15m",
            "scalar_request",
            "search_request",
            "aggregate_request",
            "metrics",
            "spans",
            "sum:a{*}",
            "a",
            "a/b",
            "count",
            "timestamp",
            "@duration",
            "timeseries",
            "1m",
        ])
        .prop_map(|text| json!(text).to_string()),
    ];
    let key = prop::sample::select(vec![
        "data",
        "attributes",
        "type",
        "from",
        "to",
        "queries",
        "formulas",
        "formula",
        "query",
        "data_source",
        "name",
        "aggregator",
        "compute",
        "aggregation",
        "metric",
        "search",
        "group_by",
        "facet",
        "filter",
        "page",
        "limit",
        "cursor",
        "sort",
        "interval",
        "series",
        "points",
        "timestamp",
        "value",
        "tags",
        "message",
        "service",
        "started_at",
        "finished_at",
    ]);
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|parts| format!("[{}]", parts.join(","))),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|fields| {
                let mut seen = std::collections::BTreeMap::new();
                seen.extend(fields);
                let fields = seen.iter().map(|(key, value)| format!("{key:?}:{value}"));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

#[tokio::test]
async fn no_body_breaks_an_endpoint() {
    let api = Api::new(vec![TelemetryRecord::Span(span(1, 1, "x", &[]))]).await;
    let mut runner = TestRunner::deterministic();
    let bodies = (
        prop::collection::vec(any::<u8>(), 0..64),
        nearly_right(),
        nearly_right(),
    );
    for _ in 0..60 {
        let (bytes, plain, wrapped) = bodies.new_tree(&mut runner).unwrap().current();
        let wrapped = format!("{{\"data\":{{\"attributes\":{wrapped}}}}}");
        for path in POSTS {
            for body in [bytes.clone(), plain.clone().into(), wrapped.clone().into()] {
                let shown = String::from_utf8_lossy(&body).into_owned();
                let answer = answer(api.request("POST", path).body(body)).await;
                assert!(answer.status < 500, "{path} {shown}: {answer:?}");
            }
        }
    }
    assert_eq!(api.spans("service:datadog*").await.status, 200);
}
