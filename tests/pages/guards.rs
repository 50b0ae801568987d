//! Who may ask, and what an answer allows.

use crate::{server::Pages, telemetry::a_run};

const NOW: i64 = 1_795_347_600_000;

#[tokio::test]
async fn every_answer_forbids_foreign_scripts_styles_and_frames() {
    let pages = Pages::over(NOW, a_run(NOW, 2)).await;
    for path in [
        "/functions",
        "/logs",
        "/_pages/look.css",
        "/_pages/pages.js",
        "/functions/nope",
        "/apm/trace/1/payload",
    ] {
        let answer = pages
            .http
            .get(format!("{}{path}", pages.base))
            .send()
            .await
            .expect("an answer");
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn pages_need_nothing_that_the_policy_forbids() {
    let pages = Pages::over(NOW, a_run(NOW, 2)).await;
    let trace = pages
        .get("/functions")
        .await
        .link("/functions/datadog-sample-entry");
    let trace = pages.get(&trace).await.link("/apm/trace/");
    for path in [
        "/functions",
        "/logs",
        "/screen/integration/aws_lambda_enhanced_metrics",
        &trace,
    ] {
        let page = pages.get(path).await;
        page.has_not(" style=");
        page.has_not("<style");
        page.has_not(" onclick=");
        page.has_not("src=\"http");
        assert_eq!(page.body.matches("<script").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn other_hosts_and_origins_are_turned_away() {
    let pages = Pages::over(NOW, Vec::new()).await;
    let url = format!("{}/functions", pages.base);
    let foreign = pages
        .http
        .get(&url)
        .header("host", "evil.example")
        .send()
        .await
        .expect("an answer");
    assert_eq!(foreign.status().as_u16(), 421);
    let foreign = pages
        .http
        .get(&url)
        .header("origin", "https://evil.example")
        .send()
        .await
        .expect("an answer");
    assert_eq!(foreign.status().as_u16(), 403);
}

#[tokio::test]
async fn an_open_page_hears_of_new_telemetry() {
    let pages = Pages::over(NOW, a_run(NOW, 1)).await;
    let mut answer = pages
        .http
        .get(format!("{}/_pages/live", pages.base))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let first = answer.chunk().await.expect("a chunk").expect("an event");
    let first = String::from_utf8_lossy(&first).into_owned();
    let version = first.trim().strip_prefix("data: ").expect("data");
    // The page itself says which version it was drawn from, so it need not ask again at once.
    pages
        .get("/functions")
        .await
        .has(&format!("data-version=\"{version}\""));
}
