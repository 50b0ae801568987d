use std::io::Write;

use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use rmpv::Value as Packed;
use serde_json::json;

use super::*;

const NOW_S: i64 = NOW_MS / 1000;

#[tokio::test]
async fn every_metric_intake_is_readable_right_after_its_202() {
    let api = Api::new(vec![]).await;
    let v2 = json!({"series": [{"metric": "v2.count", "type": 1,
        "points": [{"timestamp": NOW_S - 60, "value": 2}, {"timestamp": NOW_S - 60, "value": 3}],
        "resources": [{"name": "Box", "type": "host"}], "tags": ["Env:Dev"]}]});
    let answer = api.post("/api/v2/series", v2).await;
    assert_eq!((answer.status, answer.body), (202, json!({"errors": []})));
    let found = api
        .query("sum:v2.count{env:dev,host:box}.as_count()", 3600)
        .await;
    assert_eq!(found.body["series"][0]["pointlist"][0][1], 5.0);

    let v1 = json!({"series": [{"metric": "v1.gauge", "type": "gauge", "host": "h",
        "points": [[NOW_S - 60, 4.0], [NOW_S - 61, 2.0]], "tags": ["a:b"]}]});
    let answer = api.post("/api/v1/series", v1).await;
    assert_eq!((answer.status, answer.body), (202, json!({"status": "ok"})));
    let found = api
        .query("avg:v1.gauge{host:h}.rollup(avg, 60)", 3600)
        .await;
    let values: Vec<&serde_json::Value> = found.body["series"][0]["pointlist"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| &point[1])
        .collect();
    assert_eq!(values.len(), if (NOW_S - 60) % 60 == 0 { 2 } else { 1 });

    let distribution = json!({"series": [{"metric": "d", "type": "distribution",
        "points": [[NOW_S - 60, [1.0, 2.0, 9.0]]], "tags": []}]});
    let answer = api.post("/api/v1/distribution_points", distribution).await;
    assert_eq!((answer.status, answer.body), (202, json!({"status": "ok"})));
    let found = api.query("p50:d{*}", 3600).await;
    assert_eq!(found.body["series"][0]["pointlist"][0][1], 2.0);
}

#[tokio::test]
async fn compressed_bodies_are_read_and_bombs_refused() {
    let api = Api::new(vec![]).await;
    let body = json!({"series": [{"metric": "m", "points": [[NOW_S - 60, [1.0]]]}]}).to_string();
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(body.as_bytes()).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(body.as_bytes()).unwrap();
    let post = |encoding: &str, bytes: Vec<u8>| {
        let request = api.request("POST", "/api/v1/distribution_points");
        answer(request.header("content-encoding", encoding).body(bytes))
    };
    assert_eq!(post("deflate", deflate.finish().unwrap()).await.status, 202);
    assert_eq!(post("gzip", gzip.finish().unwrap()).await.status, 202);
    assert_eq!(post("gzip", b"no gzip".to_vec()).await.status, 400);
    assert_eq!(post("zstd", vec![]).await.status, 415);
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    bomb.write_all(&vec![b' '; 12 << 20]).unwrap();
    assert_eq!(post("gzip", bomb.finish().unwrap()).await.status, 413);
    let found = api.query("sum:m{*}", 3600).await;
    assert_eq!(found.body["series"][0]["pointlist"][0][1], 2.0);
}

#[tokio::test]
async fn logs_come_singly_in_arrays_and_as_the_extension_sends_them() {
    let api = Api::new(vec![]).await;
    for body in [
        json!({"message": "one", "service": "s", "ddsource": "python", "ddtags": "env:dev,a:b",
               "hostname": "h", "status": "ERROR", "custom": {"n": 1}}),
        json!([{"message": "two", "service": "s"}]),
        json!([{"message": {"message": "three", "timestamp": NOW_MS - 5000, "status": "info",
                "lambda": {"arn": "arn:x", "request_id": "r-3"}},
                "hostname": "arn:x", "ddsource": "lambda", "service": "s", "ddtags": "env:dev"}]),
    ] {
        let answer = api.post("/api/v2/logs", body).await;
        assert_eq!((answer.status, answer.body), (202, json!({})));
    }
    let found = |query: &str| {
        let body = json!({"filter": {"query": query, "from": "now-1h", "to": "now"}});
        api.post("/api/v2/logs/events/search", body)
    };
    for (query, message) in [
        (
            "status:error env:dev a:b source:python host:h @custom.n:1",
            "one",
        ),
        ("two service:s status:info", "two"),
        ("@lambda.request_id:r-3", "three"),
    ] {
        let answer = found(query).await;
        assert_eq!(
            answer.body["data"][0]["attributes"]["message"], message,
            "{query}"
        );
    }
    let three = found("three").await;
    assert_eq!(
        three.body["data"][0]["attributes"]["timestamp"],
        "2026-11-22T08:26:35.000Z"
    );
}

#[tokio::test]
async fn stdout_lines_of_the_libraries_become_metrics_and_spans() {
    let api = Api::new(vec![]).await;
    let metric = json!({"m": "aws.lambda.enhanced.errors", "v": 1, "e": NOW_S - 60,
                        "t": ["functionname:F"]});
    let trace = json!({"traces": [[{"trace_id": "123456789ABCDEF0", "parent_id": "0",
        "span_id": "2A", "service": "s", "resource": "r", "name": "aws.lambda", "error": 0,
        "start": (NOW_MS - 1000) * 1_000_000, "duration": 5, "meta": {"cold_start": "true"},
        "metrics": {}, "type": "serverless"}]]});
    let logs: Vec<_> = [metric.to_string(), trace.to_string(), "START".to_owned()]
        .iter()
        .map(|line| json!({"message": line}))
        .collect();
    assert_eq!(api.post("/api/v2/logs", json!(logs)).await.status, 202);
    let found = api
        .query(
            "sum:aws.lambda.enhanced.errors{functionname:f}.as_count()",
            3600,
        )
        .await;
    assert_eq!(found.body["series"][0]["pointlist"][0][1], 1.0);
    let found = api
        .spans("operation_name:aws.lambda @cold_start:true")
        .await;
    assert_eq!(found.body["data"][0]["attributes"]["span_id"], "42");
    let found = api.post("/api/v2/logs/events/search", json!({})).await;
    assert_eq!(found.body["data"].as_array().unwrap().len(), 1);
    let plain = api.request("POST", "/api/v2/logs?service=plain");
    let plain = plain
        .header("content-type", "text/plain")
        .body("line one\nline two\n");
    assert_eq!(answer(plain).await.status, 202);
    let body = json!({"filter": {"query": "service:plain"}});
    let found = api.post("/api/v2/logs/events/search", body).await;
    assert_eq!(found.body["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_tracer_finds_the_agents_paths_and_its_spans_arrive() {
    let api = Api::new(vec![]).await;
    for method in ["GET", "POST"] {
        let info = answer(api.bare(method, "/info")).await;
        assert_eq!(
            info.body["endpoints"],
            json!(["/v0.4/traces", "/v0.5/traces"])
        );
    }
    let start = (NOW_MS - 1000) * 1_000_000;
    let span = Packed::Map(vec![
        ("trace_id".into(), 42.into()),
        ("span_id".into(), 7.into()),
        ("parent_id".into(), 0.into()),
        ("name".into(), "aws.lambda".into()),
        ("service".into(), "s".into()),
        ("resource".into(), "r".into()),
        ("type".into(), "serverless".into()),
        ("start".into(), start.into()),
        ("duration".into(), 5.into()),
        ("error".into(), 0.into()),
        (
            "meta".into(),
            Packed::Map(vec![("_dd.p.tid".into(), "6b02d33d00000000".into())]),
        ),
        ("metrics".into(), Packed::Map(vec![])),
    ]);
    let body = Packed::Array(vec![Packed::Array(vec![span])]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &body).unwrap();
    let sent = api
        .bare("PUT", "/v0.4/traces")
        .header("content-type", "application/msgpack");
    let sent = answer(sent.body(bytes)).await;
    assert_eq!(sent.status, 200);
    assert!(sent.body["rate_by_service"].is_object());
    let found = api.spans("trace_id:6b02d33d00000000000000000000002a").await;
    assert_eq!(found.body["data"][0]["attributes"]["span_id"], "7");
}

#[tokio::test]
async fn bad_telemetry_is_refused_whole_and_loses_nothing() {
    let api = Api::new(vec![]).await;
    let series = |points: serde_json::Value| json!({"series": [{"metric": "m", "points": points}]});
    for (path, body) in [
        ("/api/v2/series", json!({})),
        ("/api/v2/series", json!({"series": [{"metric": "m"}]})),
        (
            "/api/v2/series",
            series(json!([{"timestamp": "x", "value": 1}])),
        ),
        (
            "/api/v2/series",
            json!({"series": [{"metric": "9m", "points": [{"timestamp": 1,
                                  "value": 1}]}]}),
        ),
        ("/api/v1/series", series(json!([[NOW_S + 3600, 1.0]]))),
        (
            "/api/v1/distribution_points",
            series(json!([[NOW_S, [1.0]], [1e300, [2.0]]])),
        ),
        ("/api/v1/distribution_points", series(json!([[NOW_S]]))),
        ("/api/v2/logs", json!("text")),
        ("/api/v2/logs", json!([1])),
    ] {
        let answer = api.post(path, body.clone()).await;
        assert_eq!(answer.status, 400, "{path} {body}: {answer:?}");
        assert!(answer.body["errors"][0].is_string());
    }
    let many: Vec<_> = (0..1001)
        .map(|i| json!({"message": i.to_string()}))
        .collect();
    assert_eq!(api.post("/api/v2/logs", json!(many)).await.status, 413);
    for path in ["/v0.4/traces", "/v0.5/traces"] {
        let garbage = api.bare("PUT", path).body(vec![0xc1, 0xff, 0x00]);
        assert_eq!(answer(garbage).await.status, 400);
    }
    let keyless = api
        .bare("POST", "/api/v2/series")
        .json(&json!({"series": []}));
    assert_eq!(answer(keyless).await.status, 403);
    api.store.writer().flush().await;
    let counts = api.store.reader().counts().unwrap();
    assert_eq!((counts.points, counts.spans, counts.logs), (0, 0, 0));
}

#[tokio::test]
async fn no_intake_takes_a_time_far_ahead_that_would_wipe_what_is_kept() {
    let api = Api::new(vec![]).await;
    let ahead_s = NOW_S + 30 * 86_400;
    let point = json!({"series": [{"metric": "m", "points": [[ahead_s, [1.0]]]}]});
    let answer = api.post("/api/v1/distribution_points", point).await;
    assert_eq!(answer.status, 400);
    let deployment = json!({"data": {"attributes": {"service": "s",
        "started_at": NOW_S * 1_000_000_000, "finished_at": ahead_s * 1_000_000_000}}});
    assert_eq!(
        api.post("/api/v2/dora/deployment", deployment).await.status,
        400
    );
    let log = json!({"message": "m", "timestamp": ahead_s * 1000});
    assert_eq!(api.post("/api/v2/logs", log).await.status, 202);
    api.store.writer().flush().await;
    let newest = api.store.reader().counts().unwrap().newest_ms;
    assert_eq!(
        newest,
        Some(NOW_MS),
        "a log of the future is of its arrival"
    );
}
