//! What no one means to send: names without end, letters that turn a line round, traces that no
//! clock made, and ranges that hold nothing.

use loadgen::telemetry::store::{LogEntry, MetricKind, MetricPoint, TelemetryRecord};

use crate::{
    bounds::LARGEST,
    server::Pages,
    telemetry::{CONSUMER, ENTRY, SERVICE, SpanOf, a_run},
};

const NOW: i64 = 1_795_347_600_000;

/// Telemetry of functions called `name`, and with `name` wherever a text may stand.
fn called(name: &str, number: u64) -> Vec<TelemetryRecord> {
    let at = NOW - 60_000;
    let function = format!("f{number}-{name}");
    let mut span = SpanOf::new(
        9,
        number,
        number.saturating_sub(1),
        "aws.lambda",
        name,
        &function,
    )
    .ms(at as f64, 5.0)
    .tag("functionname", function.clone())
    .tag("request_id", name)
    .tag("error.type", name)
    .tag("error.message", name)
    .tag(
        "error.stack",
        format!("Traceback\n  File \"/var/task/{name}\", line 1\n    {name}"),
    )
    .tag("function.request.body", name)
    .tag("function.response", name)
    .tag(&format!("tag-{name}"), name);
    span.span.error = true;
    let metric = |metric: &str| {
        TelemetryRecord::Metric(MetricPoint {
            name: format!("aws.lambda.enhanced.{metric}"),
            kind: MetricKind::Distribution,
            at_ms: at,
            value: 1.0,
            tags: vec![
                format!("functionname:{}", function.to_lowercase()),
                format!("service:{name}"),
                format!("runtime:{name}"),
                format!("region:{name}"),
            ]
            .into(),
        })
    };
    vec![
        metric("invocations"),
        metric("errors"),
        metric("duration"),
        span.record(),
        TelemetryRecord::Log(LogEntry {
            at_ms: at,
            status: name.to_owned(),
            service: name.to_owned(),
            host: name.to_owned(),
            source: name.to_owned(),
            message: name.to_owned(),
            tags: vec![
                format!("functionname:{}", function.to_lowercase()),
                name.to_owned(),
            ],
            attributes: serde_json::json!({name: name, "lambda": {"request_id": name}, "dd": {"trace_id": name}}),
        }),
    ]
}

async fn each_is_drawn(pages: &Pages, paths: &[String]) {
    for path in paths {
        let page = pages.get(path).await;
        assert!(
            page.status == 200 || page.status == 404,
            "{path}: {}",
            page.status
        );
        let shown: String = path.chars().take(80).collect();
        assert!(
            page.body.len() < LARGEST,
            "{shown}: {} bytes",
            page.body.len()
        );
    }
}

#[tokio::test]
async fn names_lines_and_tags_of_100_kb_leave_pages_small() {
    let name = "n".repeat(100_000);
    let records = (1..12).flat_map(|number| called(&name, number)).collect();
    let pages = Pages::over(NOW, records).await;
    let view = pages.get("/functions").await;
    let function = view.link("/functions/f1-nnn");
    let logs = pages.get("/logs").await;
    let mut paths = vec![
        "/functions".to_owned(),
        "/screen/integration/aws_lambda_enhanced_metrics".to_owned(),
        "/logs".to_owned(),
        logs.link_with("event="),
        format!("/logs?query={}", "q".repeat(20_000)),
    ];
    for tab in ["logs", "metrics", "deployments", "invocations"] {
        paths.push(format!("{function}?tab={tab}"));
    }
    for view in ["flamegraph", "service_map", "list"] {
        paths.push(format!("/apm/trace/9?graphType={view}"));
    }
    each_is_drawn(&pages, &paths).await;
    // The function is found by as much of its name as is shown.
    assert_eq!(pages.get(&function).await.status, 200);
}

#[tokio::test]
async fn control_and_right_to_left_letters_stay_where_they_stand() {
    let odd = "\u{202e}gnip\u{202c} \u{0}\u{1b}[31m\u{7}\u{2066}שלום\u{2028}\u{feff}مرحبا";
    let pages = Pages::over(NOW, called(odd, 1)).await;
    let view = pages.get("/functions").await;
    view.has("שלום");
    let function = view.link("/functions/f1-");
    let paths = [
        &function,
        "/logs",
        "/apm/trace/9",
        "/apm/trace/9?graphType=list",
    ];
    for path in paths {
        assert_eq!(pages.get(path).await.status, 200, "{path}");
    }
    let look = pages.get("/_pages/look.css").await;
    look.has("unicode-bidi: isolate");
}

#[tokio::test]
async fn rings_orphans_and_clocks_that_differ_are_drawn_whole() {
    let at = (NOW - 60_000) as f64;
    let hours = 7_200_000.0;
    let span = |id, parent| SpanOf::new(6, id, parent, "work", SERVICE, "step");
    let spans = vec![
        SpanOf::new(6, 1, 0, "aws.lambda", SERVICE, CONSUMER)
            .ms(at, 50.0)
            .tag("functionname", CONSUMER)
            .record(),
        // A ring, one that is its own parent, two orphans.
        span(2, 3).ms(at, 5.0).record(),
        span(3, 2).ms(at + 1.0, 5.0).record(),
        span(4, 4).ms(at + 2.0, 5.0).record(),
        span(5, 777).ms(at + 3.0, 5.0).record(),
        // A child before its parent, one after, and one whose clock ran backwards.
        span(6, 1).ms(at - 20.0, 5.0).record(),
        span(7, 1).ms(at + hours, 5.0).record(),
        span(8, 1).ms(at + 9.0, -4.0).record(),
    ];
    let pages = Pages::over(NOW, spans).await;
    for view in ["flamegraph", "service_map", "list"] {
        let page = pages.get(&format!("/apm/trace/6?graphType={view}")).await;
        assert_eq!(page.status, 200);
        page.has("8 spans");
    }
    // By the hours that one clock is ahead all others are one bar; zooming takes them apart.
    let flame = pages.get("/apm/trace/6").await;
    flame.has("too short to draw apart");
    let nearer = pages.get(&flame.link_with("window=")).await;
    nearer.has("Back to the full trace");
}

#[tokio::test]
async fn ranges_that_hold_nothing_or_too_much_are_drawn() {
    let pages = Pages::over(NOW, a_run(NOW, 4)).await;
    let year = 365 * 86_400_000;
    for path in [
        "/functions",
        &format!("/functions/{ENTRY}"),
        "/logs",
        "/screen/integration/aws_lambda_enhanced_metrics",
    ] {
        let ranged = |from: i64, to: i64| format!("{path}?start={from}&end={to}");
        let nothing = pages.get(&ranged(1_000, 2_000)).await;
        assert_eq!(nothing.status, 200, "{path}");
        let decade = pages.get(&ranged(NOW - 9 * year, NOW + year)).await;
        assert_eq!(decade.status, 200, "{path}");
        decade.has_not("Nothing in this time range</h2>");
        // Backwards is no range: the page shows its usual one.
        let backwards = pages.get(&ranged(NOW, NOW - 1_000)).await;
        backwards.has_not("Nothing in this time range</h2>");
        assert!(decade.body.len() < LARGEST && backwards.body.len() < LARGEST);
    }
}
