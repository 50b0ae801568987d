use loadgen::telemetry::store::TelemetryRecord;
use serde_json::{Value, json};

use super::*;

const INVOCATIONS: &str = "aws.lambda.enhanced.invocations";
const DURATION: &str = "aws.lambda.enhanced.duration";

async fn api() -> Api {
    Api::new(vec![
        point(
            INVOCATIONS,
            600,
            1.0,
            &["functionname:a", "cold_start:true"],
        ),
        point(
            INVOCATIONS,
            600,
            1.0,
            &["functionname:a", "cold_start:false"],
        ),
        point(
            INVOCATIONS,
            300,
            1.0,
            &["functionname:a", "cold_start:false"],
        ),
        point(
            INVOCATIONS,
            300,
            1.0,
            &["functionname:b", "cold_start:true"],
        ),
        point(DURATION, 300, 2.9, &["functionname:a"]),
        point(DURATION, 290, 0.1, &["functionname:a"]),
        TelemetryRecord::Span(span(1, 300, "aws.lambda", &[("cold_start", "true")])),
        TelemetryRecord::Span(span(2, 290, "aws.lambda", &[("cold_start", "false")])),
        TelemetryRecord::Span(span(3, 280, "sns.command", &[])),
        log(10, "REPORT", json!({})),
    ])
    .await
}

fn scalar(queries: Value, formulas: Value) -> Value {
    let attributes = json!({
        "from": NOW_MS - 3_600_000, "to": NOW_MS, "queries": queries, "formulas": formulas
    });
    json!({"data": {"type": "scalar_request", "attributes": attributes}})
}

fn sum(name: &str, scope: &str) -> Value {
    json!({
        "data_source": "metrics", "name": name, "aggregator": "sum",
        "query": format!("sum:{INVOCATIONS}{{{scope}}}.as_count()")
    })
}

#[tokio::test]
async fn a_v1_query_has_the_recorded_shape() {
    let api = api().await;
    let answer = api
        .query(
            &format!("sum:{INVOCATIONS}{{functionname:a}}.as_count()"),
            3600,
        )
        .await;
    assert_eq!(answer.status, 200);
    let from_ms = NOW_MS - 3_600_000;
    // An hour comes in intervals of 20 seconds.
    let interval_of = |ago_s: i64| (NOW_MS - ago_s * 1000) / 20_000 * 20_000;
    assert_eq!(
        answer.body,
        json!({
            "status": "ok", "resp_version": 1, "res_type": "time_series",
            "from_date": from_ms, "to_date": NOW_MS,
            "query": format!("sum:{INVOCATIONS}{{functionname:a}}.as_count()"),
            "message": "", "group_by": [], "values": [], "times": [],
            "series": [{
                "metric": INVOCATIONS, "display_name": INVOCATIONS,
                "expression": format!("sum:{INVOCATIONS}{{functionname:a}}.as_count()"),
                "scope": "functionname:a", "tag_set": [], "aggr": "sum", "query_index": 0,
                "interval": 20, "length": 2,
                "start": interval_of(600), "end": interval_of(300) + 19_000,
                "unit": null, "attributes": {},
                "pointlist": [[interval_of(600), 2.0], [interval_of(300), 1.0]],
            }],
        })
    );
}

#[tokio::test]
async fn a_metric_that_nobody_sent_is_an_empty_series_list() {
    let answer = api().await.query("sum:no.such.metric{*}", 3600).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["status"], "ok");
    assert_eq!(answer.body["series"], json!([]));
}

#[tokio::test]
async fn groups_are_series_with_their_tags() {
    let answer = api()
        .await
        .query(
            &format!("sum:{INVOCATIONS}{{*}} by {{functionname,cold_start}}"),
            3600,
        )
        .await;
    assert_eq!(
        answer.body["group_by"],
        json!(["functionname", "cold_start"])
    );
    let series = answer.body["series"].as_array().unwrap();
    let scopes: Vec<&Value> = series.iter().map(|one| &one["scope"]).collect();
    assert_eq!(
        scopes,
        [
            "functionname:a,cold_start:false",
            "functionname:a,cold_start:true",
            "functionname:b,cold_start:true"
        ]
    );
    assert_eq!(
        series[2]["tag_set"],
        json!(["functionname:b", "cold_start:true"])
    );
}

#[tokio::test]
async fn units_come_with_the_metrics_that_have_one() {
    let answer = api()
        .await
        .query(&format!("max:{DURATION}{{functionname:a}}"), 3600)
        .await;
    let series = &answer.body["series"][0];
    assert_eq!(series["unit"][0]["name"], "second");
    assert_eq!(series["unit"][1], Value::Null);
    assert_eq!(series["pointlist"][0][1], 2.9);
}

#[tokio::test]
async fn a_rollup_in_the_query_sets_the_interval() {
    let answer = api()
        .await
        .query(&format!("sum:{INVOCATIONS}{{*}}.rollup(sum, 60)"), 3600)
        .await;
    assert_eq!(answer.body["series"][0]["interval"], 60);
}

#[tokio::test]
async fn a_scalar_formula_gives_the_share_of_cold_starts() {
    let queries = json!([
        sum("cold", "functionname:a,cold_start:true"),
        sum("all", "functionname:a")
    ]);
    let body = scalar(queries, json!([{"formula": "cold / all * 100"}]));
    let answer = api().await.post("/api/v2/query/scalar", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["data"]["type"], "scalar_response");
    assert_eq!(
        answer.body["data"]["attributes"]["columns"],
        json!([{
            "name": "cold / all * 100", "type": "number",
            "values": [1.0 / 3.0 * 100.0], "meta": {"unit": null}
        }])
    );
}

#[tokio::test]
async fn grouped_scalars_have_a_column_per_tag() {
    let query = json!({
        "data_source": "metrics", "name": "a", "aggregator": "max",
        "query": format!("max:{DURATION}{{*}} by {{functionname}}")
    });
    let answer = api()
        .await
        .post(
            "/api/v2/query/scalar",
            scalar(json!([query]), json!([{"formula": "a"}])),
        )
        .await;
    let columns = &answer.body["data"]["attributes"]["columns"];
    assert_eq!(
        columns[0],
        json!({"name": "functionname", "type": "group", "values": [["a"]]})
    );
    assert_eq!(columns[1]["values"], json!([2.9]));
    assert_eq!(columns[1]["meta"]["unit"][0]["short_name"], "s");
}

#[tokio::test]
async fn nothing_found_is_an_empty_column() {
    let query = json!({
        "data_source": "metrics", "name": "a", "aggregator": "sum", "query": "sum:nothing{*}"
    });
    let answer = api()
        .await
        .post(
            "/api/v2/query/scalar",
            scalar(json!([query]), json!([{"formula": "a"}])),
        )
        .await;
    assert_eq!(
        answer.body["data"]["attributes"]["columns"],
        json!([{"name": "a", "type": "number", "values": [], "meta": {"unit": null}}])
    );
}

#[tokio::test]
async fn spans_and_logs_can_be_counted_beside_metrics() {
    let queries = json!([
        {"data_source": "spans", "name": "s", "indexes": ["*"],
         "compute": {"aggregation": "count"}, "search": {"query": "operation_name:aws.lambda"}},
        {"data_source": "logs", "name": "l", "indexes": ["*"],
         "compute": {"aggregation": "count"}, "search": {"query": "*"}},
    ]);
    let body = scalar(queries, json!([{"formula": "s"}, {"formula": "l + s"}]));
    let answer = api().await.post("/api/v2/query/scalar", body).await;
    let columns = &answer.body["data"]["attributes"]["columns"];
    assert_eq!(columns[0]["values"], json!([2.0]), "{answer:?}");
    assert_eq!(columns[1]["values"], json!([3.0]));
    let queries = json!([
        {"data_source": "spans", "name": "s", "compute": {"aggregation": "max",
         "metric": "@duration"}, "search": {"query": "*"},
         "group_by": [{"facet": "@cold_start"}]},
    ]);
    let body = scalar(queries, json!([{"formula": "s"}]));
    let answer = self::api().await.post("/api/v2/query/scalar", body).await;
    let columns = &answer.body["data"]["attributes"]["columns"];
    assert_eq!(columns[0]["name"], "@cold_start");
    assert_eq!(columns[0]["values"], json!([["false"], ["true"]]));
    assert_eq!(columns[1]["values"], json!([1.5e9, 1.5e9]));
}

#[tokio::test]
async fn a_timeseries_lines_its_values_up_with_its_times() {
    let queries = json!([sum("a", "functionname:a"), sum("b", "functionname:b")]);
    let attributes = json!({
        "from": NOW_MS - 3_600_000, "to": NOW_MS, "interval": 5000, "queries": queries,
        "formulas": [{"formula": "a"}, {"formula": "b"}]
    });
    let body = json!({"data": {"type": "timeseries_request", "attributes": attributes}});
    let answer = api().await.post("/api/v2/query/timeseries", body).await;
    assert_eq!(answer.body["data"]["type"], "timeseries_response");
    let found = &answer.body["data"]["attributes"];
    assert_eq!(found["times"], json!([NOW_MS - 600_000, NOW_MS - 300_000]));
    assert_eq!(found["values"], json!([[2.0, 1.0], [null, 1.0]]));
    assert_eq!(
        found["series"][1],
        json!({"group_tags": [], "query_index": 1, "unit": null})
    );
}

#[tokio::test]
async fn telemetry_is_seen_only_after_the_ingest_delay_of_the_models_clock() {
    let options = ApiOptions {
        ingest_delay: std::time::Duration::from_secs(90),
        ..ApiOptions::default()
    };
    let records = vec![
        point("m", 60, 1.0, &[]),
        TelemetryRecord::Span(span(1, 60, "x", &[])),
        log(60, "x", json!({})),
    ];
    let api = Api::with(records, options).await;
    let logs = json!({"filter": {"query": "*", "from": "now-1d", "to": "now"}});
    assert_eq!(api.query("sum:m{*}", 3600).await.body["series"], json!([]));
    assert_eq!(api.spans("*").await.body["data"], json!([]));
    let found = api.post("/api/v2/logs/events/search", logs.clone()).await;
    assert_eq!(found.body["data"], json!([]));
    api.now_ms.store(NOW_MS + 31_000, Ordering::SeqCst);
    assert_eq!(
        api.query("sum:m{*}", 3600).await.body["series"][0]["length"],
        1
    );
    assert_eq!(
        api.spans("*").await.body["data"].as_array().unwrap().len(),
        1
    );
    let found = api.post("/api/v2/logs/events/search", logs).await;
    assert_eq!(found.body["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn metrics_and_their_tags_are_listed() {
    let api = api().await;
    let answer = api.get("/api/v1/metrics?from=1795330000").await;
    assert_eq!(
        answer.body,
        json!({"metrics": [DURATION, INVOCATIONS], "from": "1795330000"})
    );
    let answer = api
        .get(&format!("/api/v2/metrics/{DURATION}/all-tags"))
        .await;
    assert_eq!(
        answer.body,
        json!({"data": {"type": "metrics", "id": DURATION,
               "attributes": {"tags": ["functionname:a"]}}})
    );
    assert_eq!(api.get("/api/v2/metrics/none/all-tags").await.status, 404);
}
