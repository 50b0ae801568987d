//! Monitors, evaluated at each minute of the model's clock, and events.

use super::*;

const COLD: &str = "sum(last_5m):sum:aws.lambda.enhanced.invocations{cold_start:true} by \
                    {functionname}.as_count() > 5";
const MINUTE_MS: i64 = 60_000;

fn cold_starts(at_ms: i64, n: usize) -> Vec<TelemetryRecord> {
    let point = MetricPoint {
        name: "aws.lambda.enhanced.invocations".to_owned(),
        kind: MetricKind::Distribution,
        at_ms,
        value: 1.0,
        tags: vec![
            "functionname:checkout".to_owned(),
            "cold_start:true".to_owned(),
        ]
        .into(),
    };
    vec![TelemetryRecord::Metric(point); n]
}

async fn created(api: &Api, body: Value) -> String {
    let answer = api.post("/api/v1/monitor", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    format!("/api/v1/monitor/{}", answer.body["id"])
}

fn forward(api: &Api, minutes: i64) {
    api.now_ms.fetch_add(minutes * MINUTE_MS, Ordering::SeqCst);
}

#[tokio::test]
async fn a_monitor_alerts_when_cold_starts_come_and_recovers_when_they_are_over() {
    let api = Api::new(vec![]).await;
    let monitor = created(
        &api,
        json!({"type": "query alert", "query": COLD, "name": "Cold starts", "message": "Look!",
               "tags": ["team:shop"], "options": {"thresholds": {"critical": 5}}}),
    )
    .await;
    assert_eq!(api.get(&monitor).await.body["overall_state"], "No Data");
    api.store.writer().put_all(cold_starts(NOW_MS + 10_000, 20));
    forward(&api, 2);
    let alerting = api.get(&monitor).await.body;
    assert_eq!(alerting["overall_state"], "Alert");
    assert_eq!(alerting["multi"], true);
    let group = &alerting["state"]["groups"]["functionname:checkout"];
    assert_eq!(group["status"], "Alert");
    // Eight days of idling, skipped: each of their minutes was evaluated, in order.
    forward(&api, 8 * 24 * 60);
    assert_eq!(api.get(&monitor).await.body["overall_state"], "OK");
    let search = json!({"filter": {"query": "source:alert", "from": "now-30d", "to": "now"}});
    let events = api.post("/api/v2/events/search", search).await.body;
    let titles: Vec<&str> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["attributes"]["attributes"]["title"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "[Recovered on functionname:checkout] Cold starts",
            "[Triggered on functionname:checkout] Cold starts",
        ]
    );
    let recovered = events["data"][0]["attributes"]["timestamp"].as_str();
    assert_eq!(recovered, Some("2026-11-22T08:32:00.000Z"), "{events}");
}

#[tokio::test]
async fn a_share_is_that_of_the_whole_window_and_a_warning_comes_before_the_alarm() {
    let api = Api::new(vec![]).await;
    let query = "sum(last_10m):sum:e{*}.as_count() / sum:i{*}.as_count() > 0.5";
    let options = json!({"thresholds": {"critical": 0.5, "warning": 0.2}});
    let body = json!({"type": "metric alert", "query": query, "options": options});
    let monitor = created(&api, body).await;
    let count = |name: &str, value: f64, at_ms| {
        TelemetryRecord::Metric(MetricPoint {
            name: name.to_owned(),
            kind: MetricKind::Count,
            at_ms,
            value,
            tags: [].into(),
        })
    };
    // 3 of 10, though 3 of 4 in the first minute.
    api.store.writer().put_all(vec![
        count("e", 3.0, NOW_MS + 1_000),
        count("i", 4.0, NOW_MS + 1_000),
        count("i", 6.0, NOW_MS + 61_000),
    ]);
    forward(&api, 3);
    assert_eq!(api.get(&monitor).await.body["overall_state"], "Warn");
}

#[tokio::test]
async fn log_monitors_count_what_a_search_finds_and_no_data_can_be_an_alarm() {
    let api = Api::new(vec![]).await;
    let query = r#"logs("service:web \"timed out\"").index("*").rollup("count").by("host").last("5m") >= 2"#;
    let body = json!({"type": "log alert", "query": query, "name": "Timeouts"});
    let monitor = created(&api, body).await;
    let silent = json!({"type": "metric alert", "query": "avg(last_5m):avg:x{*} > 1",
                        "options": {"notify_no_data": true}});
    let silent = created(&api, silent).await;
    let log = |host: &str| {
        TelemetryRecord::Log(LogEntry {
            at_ms: NOW_MS + 1_000,
            status: "error".to_owned(),
            service: "web".to_owned(),
            host: host.to_owned(),
            source: "lambda".to_owned(),
            message: "Task timed out after 3.00 seconds".to_owned(),
            tags: vec![],
            attributes: json!({}),
        })
    };
    let logs = ["a", "a", "b"].map(log).to_vec();
    api.store.writer().put_all(logs);
    forward(&api, 2);
    let found = api.get(&monitor).await.body;
    assert_eq!(found["overall_state"], "Alert", "{found}");
    assert_eq!(found["state"]["groups"]["a"]["status"], "Alert");
    assert_eq!(found["state"]["groups"]["b"]["status"], "OK");
    assert_eq!(api.get(&silent).await.body["overall_state"], "No Data");
}

#[tokio::test]
async fn monitors_are_listed_changed_muted_and_deleted() {
    let api = Api::new(vec![]).await;
    let body =
        json!({"type": "query alert", "query": COLD, "name": "Cold starts", "tags": ["a:b"]});
    let valid = api.post("/api/v1/monitor/validate", body.clone()).await;
    assert_eq!((valid.status, valid.body), (200, json!({})));
    let monitor = created(&api, body).await;
    let listed = api.get("/api/v1/monitor?name=cold&monitor_tags=a:b").await;
    assert_eq!(listed.body.as_array().map(Vec::len), Some(1));
    assert_eq!(api.get("/api/v1/monitor?name=warm").await.body, json!([]));
    let muted = api.post(&format!("{monitor}/mute"), json!({})).await;
    assert_eq!(muted.body["options"]["silenced"], json!({"*": null}));
    let change = api.request("PUT", &monitor).json(&json!({"name": "New"}));
    assert_eq!(answer(change).await.body["name"], "New");
    // Muted: it alerts, and says nothing.
    api.store.writer().put_all(cold_starts(NOW_MS + 10_000, 20));
    forward(&api, 2);
    assert_eq!(api.get(&monitor).await.body["overall_state"], "Alert");
    let path = format!("/api/v1/events?start=0&end={}", NOW_MS / 1000 + 9_999);
    assert_eq!(api.get(&path).await.body, json!({"events": []}));
    let unmuted = api.post(&format!("{monitor}/unmute"), json!({})).await;
    assert_eq!(unmuted.body["options"]["silenced"], json!({}));
    assert_eq!(answer(api.request("DELETE", &monitor)).await.status, 200);
    assert_eq!(api.get(&monitor).await.status, 404);
}

#[tokio::test]
async fn a_monitor_that_cannot_be_evaluated_is_refused() {
    let api = Api::new(vec![]).await;
    for (kind, query) in [
        ("query alert", "sum(last_5m):sum:m{*}"),
        ("query alert", "sum(last_5m):sum:m{*} > much"),
        ("query alert", "sum(last_5y):sum:m{*} > 1"),
        ("query alert", "sum(last_0m):sum:m{*} > 1"),
        ("query alert", "p95(last_5m):sum:m{*} > 1"),
        ("query alert", "sum(last_5m):sum:m{ > 1"),
        (
            "log alert",
            "logs(\"a OR OR\").rollup(\"count\").last(\"5m\") > 1",
        ),
        ("log alert", "logs(\"a\").rollup(\"count\") > 1"),
        ("log alert", "logs(\"a > 1"),
        ("synthetics alert", "no-query > 1"),
    ] {
        let body = json!({"type": kind, "query": query});
        let refused = api.post("/api/v1/monitor", body.clone()).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!(refused.body["errors"][0].is_string(), "{}", refused.body);
        assert_eq!(api.post("/api/v1/monitor/validate", body).await.status, 400);
    }
    let other =
        json!({"type": "query alert", "query": COLD, "options": {"thresholds": {"critical": 6}}});
    assert_eq!(api.post("/api/v1/monitor", other).await.status, 400);
}

#[tokio::test]
async fn of_ten_thousand_monitors_a_thousand_are_kept_and_the_others_refused() {
    let api = Api::new(vec![]).await;
    let body = json!({"type": "query alert", "query": COLD});
    for number in 0..10_000 {
        let refused = number >= 1_000;
        let request = api.request("POST", "/api/v1/monitor").json(&body);
        let created = answer(request).await;
        assert_eq!(created.status, if refused { 400 } else { 200 }, "{number}");
        assert_eq!(created.body["errors"][0].is_string(), refused);
    }
    // Over skipped idling of a week each is evaluated at each minute.
    api.store.writer().put_all(cold_starts(NOW_MS + 10_000, 20));
    forward(&api, 7 * 24 * 60);
    let all = api.get("/api/v1/monitor").await;
    assert_eq!(all.body.as_array().map(Vec::len), Some(1_000));
    assert_eq!(all.body[999]["overall_state"], "OK");
}

#[tokio::test]
async fn events_are_posted_listed_and_searched() {
    let api = Api::new(vec![]).await;
    let event = json!({"title": "Load test begins", "text": "cold-start", "tags": ["run:7"]});
    let answer = api.post("/api/v1/events", event).await;
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("ok")));
    let id = answer.body["event"]["id"].clone();
    assert_eq!(
        api.get(&format!("/api/v1/events/{id}")).await.body["event"]["title"],
        "Load test begins"
    );
    let v2 = json!({"data": {"type": "event", "attributes": {"title": "It ends", "message": "m",
        "category": "change", "attributes": {}, "tags": ["run:7"]}}});
    assert_eq!(api.post("/api/v2/events", v2).await.status, 202);
    let found = api.get("/api/v2/events?filter[query]=run:7").await.body;
    assert_eq!(found["data"].as_array().map(Vec::len), Some(2), "{found}");
    let path = format!(
        "/api/v1/events?start={}&end={}&tags=run:8",
        NOW_MS / 1000 - 60,
        NOW_MS / 1000 + 60
    );
    assert_eq!(api.get(&path).await.body, json!({"events": []}));
    let ahead = json!({"title": "t", "text": "t", "date_happened": NOW_MS / 1000 + 86_400});
    assert_eq!(api.post("/api/v1/events", ahead).await.status, 400);
}
