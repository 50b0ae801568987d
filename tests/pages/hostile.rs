//! Whatever a request carried is text, nowhere markup.

use loadgen::telemetry::store::{
    DeploymentEvent, LogEntry, MetricKind, MetricPoint, TelemetryRecord,
};
use proptest::prelude::*;

use crate::{
    server::Pages,
    telemetry::{SpanOf, a_run},
};

const NOW: i64 = 1_795_347_600_000;
const EVIL: &str =
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}&#x3c;b\u{202e}";

fn evil_records() -> Vec<TelemetryRecord> {
    let at = NOW - 60_000;
    let name = EVIL.to_lowercase();
    let mut span = SpanOf::new(9, 1, 0, "aws.lambda", EVIL, EVIL)
        .ms(at as f64, 5.0)
        .tag("functionname", name.clone())
        .tag("request_id", EVIL)
        .tag("error.type", EVIL)
        .tag("error.message", EVIL)
        .tag(
            "error.stack",
            format!("Traceback\n  File \"/var/task/{EVIL}\", line 1\n    {EVIL}"),
        )
        .tag("function.request.headers.User-Agent", EVIL)
        .tag(&format!("function.request.{EVIL}"), EVIL)
        .tag("function.response", EVIL)
        .tag(EVIL, EVIL);
    span.span.error = true;
    let metric = |metric: &str| {
        TelemetryRecord::Metric(MetricPoint {
            name: format!("aws.lambda.enhanced.{metric}"),
            kind: MetricKind::Distribution,
            at_ms: at,
            value: 1.0,
            tags: vec![
                format!("functionname:{name}"),
                format!("service:{EVIL}"),
                format!("env:{EVIL}"),
                format!("region:{EVIL}"),
                format!("{EVIL}:{EVIL}"),
                "cold_start:true".to_owned(),
            ]
            .into(),
        })
    };
    vec![
        metric("invocations"),
        metric("errors"),
        metric("duration"),
        span.record(),
        SpanOf::new(9, 2, 1, EVIL, EVIL, EVIL)
            .ms(at as f64, 2.0)
            .kind(EVIL)
            .record(),
        TelemetryRecord::Log(LogEntry {
            at_ms: at,
            status: EVIL.to_owned(),
            service: EVIL.to_owned(),
            host: EVIL.to_owned(),
            source: EVIL.to_owned(),
            message: format!("{EVIL}\n{EVIL}"),
            tags: vec![format!("functionname:{name}"), EVIL.to_owned()],
            attributes: serde_json::json!({EVIL: EVIL, "lambda": {"request_id": EVIL}, "dd": {"trace_id": EVIL}}),
        }),
        TelemetryRecord::Deployment(DeploymentEvent {
            at_ms: at,
            function: name,
            event: EVIL.to_owned(),
            detail: EVIL.to_owned(),
        }),
    ]
}

#[tokio::test]
async fn markup_in_telemetry_stays_text() {
    let pages = Pages::over(NOW, evil_records()).await;
    let view = pages.get("/functions").await;
    let function = view.link("/functions/%22");
    let mut paths = vec![
        "/functions".to_owned(),
        "/logs".to_owned(),
        "/screen/integration/aws_lambda_enhanced_metrics".to_owned(),
        function.clone(),
    ];
    for tab in ["logs", "metrics", "deployments"] {
        paths.push(format!("{function}?tab={tab}"));
    }
    for view in ["flamegraph", "service_map", "list"] {
        paths.push(format!("/apm/trace/9?graphType={view}"));
    }
    let logs = pages.get("/logs").await;
    paths.push(logs.link_with("event="));
    for path in paths {
        let page = pages.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        page.has("alert(1)");
        let lower = page.body.to_lowercase();
        assert!(!lower.contains("<script>alert"), "{path}");
        assert!(!lower.contains("<img"), "{path}");
        assert!(!lower.contains("onerror=alert(2)>"), "{path}");
        assert!(!lower.contains("href=\"javascript:"), "{path}");
    }
}

#[tokio::test]
async fn a_payload_as_plain_text_is_never_html() {
    let pages = Pages::over(NOW, evil_records()).await;
    let answer = pages
        .http
        .get(format!(
            "{}/apm/trace/9/payload?spanID=1&part=response",
            pages.base
        ))
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        answer.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    assert!(answer.text().await.expect("text").contains("<script>"));
}

#[test]
fn any_address_gets_an_answer_and_echoes_no_markup() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let pages = runtime.block_on(Pages::over(NOW, a_run(NOW, 1)));
    let keys = "(text_search|query|event|after|start|end|range|lang|sort|dir|col|tab|graph|spanID|zoom|window|find|insight|from|row|functionname|service)";
    let values = "[ -~<>\"'%&]{0,24}|[0-9]{1,25}|-[0-9]{1,22}|<script>alert(1)</script>";
    let paths = proptest::sample::select(vec![
        "/functions",
        "/functions/datadog-sample-entry-function",
        "/functions/%00%ff:",
        "/apm/trace/6b02d33d000000001234567800000001",
        "/logs",
        "/screen/integration/aws_lambda_enhanced_metrics",
    ]);
    proptest!(ProptestConfig::with_cases(200), |(path in paths, params in proptest::collection::vec((keys, values), 0..5))| {
        let mut url = reqwest::Url::parse(&format!("{}{path}", pages.base)).expect("a URL");
        url.query_pairs_mut().extend_pairs(params);
        let (status, body) = runtime.block_on(async {
            let answer = pages.http.get(url).send().await.expect("an answer");
            (answer.status().as_u16(), answer.text().await.expect("text"))
        });
        prop_assert!(status < 500, "{status}: {body}");
        prop_assert!(!body.contains("<script>alert"));
    });
}
