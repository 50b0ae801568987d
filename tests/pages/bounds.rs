//! Much of everything: pages stay usable, and say what they leave out.

use std::time::Instant;

use loadgen::telemetry::store::{MetricKind, MetricPoint, Retention, Store, TelemetryRecord};

use crate::{
    server::Pages,
    telemetry::{CONSUMER, Call, ENTRY, SERVICE, SpanOf, a_run, each_of_a_run, records},
};

const NOW: i64 = 1_795_347_600_000;
/// How many bytes a page has at most.
pub const LARGEST: usize = 300_000;

#[tokio::test]
async fn each_of_10_000_spans_of_a_trace_is_reached() {
    let at = (NOW - 60_000) as f64;
    let mut spans = vec![
        SpanOf::new(7, 1, 0, "aws.lambda", SERVICE, ENTRY)
            .ms(at, 10_000.0)
            .record(),
    ];
    for id in 2..=10_000u64 {
        let service = format!("service-{}", id % 80);
        // A hundred that each call the next, and many side by side below the first.
        let (parent, begins, ms) = match id {
            ..=100 => (id - 1, id as f64, 9_900.0 - 2.0 * id as f64),
            _ => (1, id as f64 * 0.9, 0.5),
        };
        spans.push(
            SpanOf::new(7, id, parent, "work", &service, "step")
                .ms(at + begins, ms)
                .record(),
        );
    }
    let pages = Pages::over(NOW, spans).await;
    let flame = pages.get("/apm/trace/7").await;
    let short = pages.get("/apm/trace/7?row=80").await;
    short.has("spans too short to draw apart");
    let deeper = pages.get(&flame.link("/apm/trace/7?row=40")).await;
    deeper.has("Rows 1 to 40");
    deeper.has("Rows 81 to 120");
    // A span that is asked for is drawn, however deep it lies.
    let deep = pages.get("/apm/trace/7?spanID=95").await;
    deep.has(" selected\"");
    // Zooming shows what was too short.
    let zoomed = pages.get("/apm/trace/7?zoom=4998").await;
    zoomed.has("500 µs");
    let list = pages.get("/apm/trace/7?graphType=list").await;
    list.has("More spans");
    let map = pages.get("/apm/trace/7?graphType=service_map").await;
    map.has("spans of further services are not drawn");
    for page in [flame, short, deeper, deep, zoomed, list, map] {
        assert_eq!(page.status, 200);
        assert!(page.body.len() < LARGEST, "{} bytes", page.body.len());
    }
}

#[tokio::test]
async fn a_payload_of_6_mb_is_folded_and_can_be_had_whole() {
    let at = (NOW - 60_000) as f64;
    let large = "x".repeat(6_000_000);
    let span = SpanOf::new(8, 1, 0, "aws.lambda", SERVICE, ENTRY)
        .ms(at, 10.0)
        .tag("function.request.body", large.clone());
    let pages = Pages::over(NOW, vec![span.record()]).await;
    let page = pages.get("/apm/trace/8").await;
    page.has("Open all of it (6.0 MB)");
    assert!(page.body.len() < 200_000, "{} bytes", page.body.len());
    let whole = pages
        .get(&page.link("/apm/trace/00000000000000000000000000000008/payload"))
        .await;
    assert!(whole.body.contains(&large));
}

#[tokio::test]
async fn a_log_line_of_6_mb_is_folded_and_can_be_had_whole() {
    let mut run = a_run(NOW, 1);
    for record in &mut run {
        if let TelemetryRecord::Log(log) = record {
            log.message = format!("{} {}", log.message, "y".repeat(6_000_000));
            break;
        }
    }
    let pages = Pages::over(NOW, run).await;
    let all = pages.get("/logs").await;
    assert!(all.body.len() < LARGEST, "{} bytes", all.body.len());
    let found = pages
        .get("/logs?query=%22START%20RequestId%3A%2000000000-2222%22")
        .await;
    let one = pages.get(&found.link_with("event=")).await;
    one.has("Open all of it (6.0 MB)");
    assert!(one.body.len() < LARGEST, "{} bytes", one.body.len());
    let whole = pages.get(&one.link("/logs/message")).await;
    assert!(whole.body.len() > 6_000_000);
}

#[tokio::test]
async fn spans_whose_parents_form_a_ring_are_drawn() {
    let at = (NOW - 60_000) as f64;
    let span = |id, parent| SpanOf::new(6, id, parent, "aws.sqs", "q", "q").ms(at + id as f64, 4.0);
    let lambda = SpanOf::new(6, 4, 3, "aws.lambda", SERVICE, CONSUMER)
        .ms(at, 5.0)
        .tag("functionname", CONSUMER);
    let mut ring = vec![
        span(1, 3).record(),
        span(2, 1).record(),
        span(3, 2).record(),
        span(5, 5).record(),
        lambda.record(),
    ];
    ring.extend(records(Call {
        at_ms: NOW - 90_000,
        cold: true,
        failed: false,
        number: 1,
    }));
    let pages = Pages::over(NOW, ring).await;
    for view in ["flamegraph", "service_map", "list"] {
        assert_eq!(
            pages
                .get(&format!("/apm/trace/6?graphType={view}"))
                .await
                .status,
            200
        );
    }
    // The Serverless View walks the same ring upwards, to find what invokes the function.
    assert_eq!(pages.get("/functions").await.status, 200);
}

#[tokio::test]
async fn a_thousand_functions_fit_a_page_that_says_what_it_leaves_out() {
    let point = |number: usize, metric: &str| {
        TelemetryRecord::Metric(MetricPoint {
            name: format!("aws.lambda.enhanced.{metric}"),
            kind: MetricKind::Distribution,
            at_ms: NOW - 60_000,
            value: 1.0,
            tags: vec![
                format!("functionname:function-{number:04}-of-many"),
                format!("service:service-{}", number % 30),
                "cold_start:true".to_owned(),
            ]
            .into(),
        })
    };
    let metrics = ["invocations", "errors", "duration"];
    let records = (0..1_000).flat_map(|number| metrics.map(|metric| point(number, metric)));
    let pages = Pages::over(NOW, records.collect()).await;
    let view = pages.get("/functions").await;
    view.has("3,000 Insights on 1,000 functions.");
    view.has("900 more are not shown");
    let found = pages.get("/functions?text_search=function-0999").await;
    found.has("row-function-0999-of-many");
    let dashboard = pages
        .get("/screen/integration/aws_lambda_enhanced_metrics")
        .await;
    for page in [view, found, dashboard] {
        assert!(page.body.len() < LARGEST, "{} bytes", page.body.len());
    }
}

/// Page sizes do not grow with the number of invocations. With `LOADGEN_PAGES_INVOCATIONS` set
/// this measures: it prints how long each page took and how many bytes it had.
#[tokio::test]
async fn pages_stay_small_however_much_is_stored() {
    let asked = std::env::var("LOADGEN_PAGES_INVOCATIONS").ok();
    let n: u64 = asked.as_ref().and_then(|n| n.parse().ok()).unwrap_or(4_000);
    let folder = tempfile::tempdir().expect("a folder");
    let retention = Retention {
        bytes: 64 << 30,
        ..Retention::of_run()
    };
    let store = Store::open(folder.path().join("telemetry.db"), retention).expect("a store");
    // A request is two invocations: an eighth of them in each burst, five in the last minute.
    let pages = Pages::over_store(NOW, store, each_of_a_run(NOW, n / 16)).await;
    let function = format!("/functions/{ENTRY}");
    let consumer = format!("/functions/{CONSUMER}");
    let first = pages.get(&function).await;
    let trace = first.link("/apm/trace/");
    let burst = NOW - 50 * 60_000;
    for path in [
        "/functions",
        "/functions?range=7d",
        &format!("/functions?start={burst}&end={}", burst + 20_000),
        &function,
        &format!("{function}?start={burst}&end={}", burst + 20_000),
        &format!("{function}?status=error"),
        &format!("{function}?start_kind=cold"),
        &format!("{function}?insight=cold_starts"),
        &format!("{function}?insight=high_memory"),
        &format!("{consumer}?status=error"),
        &format!("{function}?tab=metrics"),
        &format!("{function}?tab=logs"),
        &format!("{function}?tab=logs&status=error"),
        &trace,
        "/logs",
        "/logs?query=status%3Aerror",
        "/logs?query=status%3Awarn",
        "/logs?query=no-line-has-this",
        &format!("/logs?query=functionname%3A{CONSUMER}"),
        "/logs?query=%40lambda.request_id%3A00000021-2222-4333-8444-555555555555",
        "/screen/integration/aws_lambda_enhanced_metrics",
    ] {
        let begun = Instant::now();
        let page = pages.get(path).await;
        if asked.is_some() {
            eprintln!(
                "{:>7.0?} {:>7} bytes  {path}",
                begun.elapsed(),
                page.body.len()
            );
        }
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.body.len() < LARGEST,
            "{path}: {} bytes",
            page.body.len()
        );
    }
}
