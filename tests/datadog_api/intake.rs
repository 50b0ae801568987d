use std::io::Write;

use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use rmpv::Value as Packed;
use serde_json::json;

use loadgen::telemetry::store::StoreExtent;

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
    // `{"series": [...]}` as Facebook's own compressor writes it.
    let zstd = compressed_by_zstd();
    assert_eq!(post("zstd", zstd.clone()).await.status, 202);
    assert_eq!(
        post("zstd", zstd[..zstd.len() / 2].to_vec()).await.status,
        400
    );
    assert_eq!(post("zstd", b"no zstd".to_vec()).await.status, 400);
    // A frame whose window is 64 MiB, and 512 blocks of 128 KiB of one byte; the same with 1 MiB.
    for (window, status) in [(16 << 3, 400), (10 << 3, 413)] {
        let mut hostile = vec![0x28, 0xb5, 0x2f, 0xfd, 0, window];
        hostile.extend([0x02, 0x00, 0x10, b' '].repeat(512));
        assert_eq!(post("zstd", hostile).await.status, status);
    }
    assert_eq!(post("br", vec![]).await.status, 415);
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
    let extent = api.store.reader().extent().unwrap();
    assert_eq!(extent, StoreExtent::default(), "nothing is stored");
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
    let range = api.store.reader().extent().unwrap().range_ms;
    assert_eq!(
        range.map(|(_, newest)| newest),
        Some(NOW_MS),
        "a log of the future is of its arrival"
    );
}

/// `{"series": [{"metric": "zipped", "points": [[NOW_S - 60, [1.0]]]}]}`, by the `zstd` command.
fn compressed_by_zstd() -> Vec<u8> {
    vec![
        0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x43, 0x05, 0x02, 0x00, 0xe2, 0xc3, 0x0d, 0x11, 0xa0, 0x6f,
        0x40, 0x93, 0x57, 0x1f, 0xf4, 0x4b, 0x54, 0x97, 0xc1, 0x89, 0x71, 0x91, 0xfa, 0xbf, 0x35,
        0xd7, 0xaf, 0xbb, 0x8b, 0x30, 0x14, 0x03, 0x51, 0x90, 0x21, 0xc4, 0xa0, 0x33, 0x14, 0x7d,
        0x0d, 0xc6, 0x66, 0xd0, 0xec, 0x63, 0x6c, 0xb5, 0x39, 0xf5, 0x6a, 0x92, 0xbe, 0x6b, 0xab,
        0x38, 0xf5, 0xfc, 0x26, 0x7f, 0xb6, 0x0d, 0x01, 0x00, 0x1f, 0x82, 0x7a, 0x02, 0xdd, 0x96,
        0x8d, 0x72,
    ]
}

/// A field of bytes of a protobuf message, shorter than 128.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn sketch(at_s: i64, bounds: (f64, f64), bins: &[(u64, u64)]) -> Vec<u8> {
    let indices: Vec<u8> = bins.iter().flat_map(|(k, _)| varint(k * 2)).collect();
    let counts: Vec<u8> = bins.iter().flat_map(|(_, n)| varint(*n)).collect();
    let distribution = [
        [vec![8], varint(at_s as u64)].concat(),
        [vec![25], bounds.0.to_le_bytes().to_vec()].concat(),
        [vec![33], bounds.1.to_le_bytes().to_vec()].concat(),
        field(7, &indices),
        field(8, &counts),
    ]
    .concat();
    field(
        1,
        &[
            field(1, b"d"),
            field(4, b"Env:dev"),
            field(7, &distribution),
        ]
        .concat(),
    )
}

#[tokio::test]
async fn sketches_are_added_and_answer_within_their_relative_error() {
    let api = Api::new(vec![]).await;
    let post = |body: Vec<u8>| answer(api.request("POST", "/api/beta/sketches").body(body));
    // 1338 is the agent's index of 1.0, 1487 that of 10.08: 90 values of 1, then 10 of 10.
    let some = sketch(NOW_S - 60, (1.0, 1.0), &[(1338, 90)]);
    let others = sketch(NOW_S - 60, (10.0, 10.0), &[(1487, 10)]);
    assert_eq!(post([some, others].concat()).await.status, 202);
    for (query, expected) in [
        ("sum:d{env:dev}", 190.0),
        ("avg:d{*}", 1.9),
        ("min:d{*}", 1.0),
        ("max:d{*}", 10.0),
        ("p50:d{*}", 1.0),
        ("p95:d{*}", 10.0),
        ("count:d{*}", 100.0),
    ] {
        let found = api.query(query, 3600).await;
        let value = found.body["series"][0]["pointlist"][0][1].as_f64();
        let value = value.unwrap_or_else(|| panic!("{query}: {}", found.body));
        assert!(
            (value - expected).abs() <= expected / 128.0,
            "{query} {value}"
        );
    }
    let not_a_number = sketch(NOW_S - 60, (f64::NAN, 1.0), &[(1338, 1)]);
    let many: Vec<(u64, u64)> = (0..50).map(|k| (k, u64::from(u32::MAX) + 1)).collect();
    let ahead = sketch(NOW_S + 86_400, (1.0, 1.0), &[(1338, 1)]);
    let bins: Vec<(u64, u64)> = (0..10_000).map(|k| (k, 1)).collect();
    for wrong in [
        not_a_number,
        sketch(NOW_S - 60, (0.0, 1.0), &many[..10]),
        sketch(NOW_S - 60, (0.0, 1.0), &bins),
        ahead,
        vec![10, 200, 1],
        b"{}".to_vec(),
    ] {
        assert_eq!(post(wrong).await.status, 400);
    }
    let found = api.query("count:d{*}", 3600).await;
    assert_eq!(found.body["series"][0]["pointlist"][0][1], 100.0);
}

#[tokio::test]
async fn traces_come_as_the_agent_passes_them_on_and_the_key_may_stand_in_the_query() {
    let api = Api::new(vec![]).await;
    let meta = field(10, &[field(1, b"function"), field(2, b"f")].concat());
    let span = [
        field(1, b"web"),
        field(2, b"aws.lambda"),
        field(3, b"f"),
        [vec![32], varint(77)].concat(),
        [vec![40], varint(5)].concat(),
        [vec![56], varint(((NOW_S - 60) * 1_000_000_000) as u64)].concat(),
        [vec![64], varint(5_000_000)].concat(),
        [vec![72], varint(1)].concat(),
        meta,
        field(12, b"serverless"),
    ]
    .concat();
    let chunk = field(6, &field(3, &span));
    let payload = field(5, &[chunk, field(8, b"prod")].concat());
    let path = format!("/api/v0.2/traces?api_key={API_KEY}");
    let answer_of = |path: &str, body: Vec<u8>| answer(api.bare("POST", path).body(body));
    assert_eq!(answer_of(&path, payload.clone()).await.status, 202);
    assert_eq!(
        answer_of("/api/v0.2/traces", payload.clone()).await.status,
        403
    );
    assert_eq!(answer_of(&path, payload[..20].to_vec()).await.status, 400);
    let found = api
        .spans("trace_id:77 operation_name:aws.lambda status:error env:prod")
        .await;
    let attributes = &found.body["data"][0]["attributes"];
    assert_eq!(attributes["custom"]["function"], "f", "{}", found.body);
    assert_eq!(attributes["env"], "prod");
    let stats = format!("/api/v0.2/stats?api_key={API_KEY}");
    assert_eq!(answer_of(&stats, vec![0x80]).await.status, 202);
    assert_eq!(answer_of(&stats, vec![0xc1]).await.status, 400);
}

#[tokio::test]
async fn what_a_body_unpacks_to_is_bounded() {
    let api = Api::new(vec![]).await;
    let tags = vec!["x".repeat(1 << 20)];
    let points: Vec<_> = (0..200).map(|_| json!([NOW_S - 60, [1.0]])).collect();
    let body = json!({"series": [{"metric": "m", "points": points, "tags": tags}]});
    let answer_of_metrics = api.post("/api/v1/distribution_points", body).await;
    assert_eq!(answer_of_metrics.status, 413);
    let text = Packed::from("y".repeat(1 << 20));
    let row = |_| {
        let mut row: Vec<Packed> = vec![0.into(); 9];
        row.extend([Packed::Map(vec![]), Packed::Map(vec![]), 0.into()]);
        Packed::Array(row)
    };
    let traces = Packed::Array(vec![Packed::Array((0..100).map(row).collect())]);
    let mut body = Vec::new();
    let payload = Packed::Array(vec![Packed::Array(vec![text]), traces]);
    rmpv::encode::write_value(&mut body, &payload).unwrap();
    let answer = answer(api.bare("PUT", "/v0.5/traces").body(body)).await;
    assert_eq!(answer.status, 400);
    assert_eq!(api.store.reader().extent().unwrap().latest, [0; 4]);
}

#[tokio::test]
async fn a_word_with_wildcards_is_bounded_and_a_refused_key_can_be_shown() {
    let api = Api::new(vec![]).await;
    let long = format!("*{}", "a".repeat(2_000));
    assert_eq!(api.spans(&long).await.status, 400);
    let path = "/api/v2/spans/events";
    let request = api.bare("GET", path).header("DD-API-KEY", API_KEY);
    let refused = request.header("DD-APPLICATION-KEY", api::BAD_APPLICATION_KEY);
    assert_eq!(answer(refused).await.status, 403);
}
