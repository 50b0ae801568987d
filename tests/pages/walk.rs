//! The walk that the guide takes: from the Insight to the line that raised.

use crate::{
    server::Pages,
    telemetry::{CONSUMER, ENTRY, SERVICE, a_run, trace_id},
};

const NOW: i64 = 1_795_347_600_000;

fn details(tab: &str) -> String {
    format!("/functions/{ENTRY}:ap-northeast-2:123456789012:aws?{tab}")
}

#[tokio::test]
async fn the_walk_leads_from_an_insight_to_the_line_that_raised() {
    let pages = Pages::over(NOW, a_run(NOW, 20)).await;
    let view = pages.get("/functions").await;
    assert_eq!(view.status, 200);
    view.has("4 Insights on 2 functions.");
    view.has("High errors");
    // The badge says why: 20 of 220 fail, and a failure counts twice.
    view.has("18.2".replace(' ', "\u{a0}").as_str());
    // First click: the badge. What it rests on, and the invocations behind it.
    let failed = pages.get(&view.link(&details("insight=high_errors"))).await;
    for part in [
        "Condition",
        "Measured over time",
        "class=\"limit\"",
        "more than 10 %",
    ] {
        failed.has(part);
    }
    failed.has("20 invocations found");
    failed.has("The metric counts 40 errors, and 20 invocations failed");
    failed.has("builtins.Exception");
    failed.has_not("✓");
    let trace = pages.get(&failed.link("/apm/trace/")).await;
    assert_eq!(trace.status, 200);
    trace.has("Throw an error.");
    trace.has(
        "<mark>  File &quot;/var/task/entry.py&quot;, line 31, in handler\n    raise Exception(",
    );
    trace.has("Request payload");
    trace.has("&quot;User-Agent&quot;: &quot;loadgen/0.1&quot;");
    let logs = pages
        .get(&trace.link("/logs?query=%40lambda.request_id"))
        .await;
    logs.has("REPORT RequestId");
    logs.has("[ERROR] Exception: Throw an error.");
}

#[tokio::test]
async fn each_insight_leads_to_the_invocations_behind_it() {
    let pages = Pages::over(NOW, a_run(NOW, 4)).await;
    let cold = pages.get(&details("insight=cold_starts")).await;
    cold.has("13 invocations found");
    cold.has_not("● warm");
    // What no invocation stands behind, and what is no Insight, lists all of them.
    pages
        .get(&details("insight=throttles"))
        .await
        .has("A throttled request never reaches the function");
    for &id in loadgen::insight::Id::ALL {
        let page = pages.get(&details(&format!("insight={id}"))).await;
        assert_eq!(page.status, 200, "{id}");
        page.has("What to do");
    }
    let none = pages.get(&details("insight=nonsense")).await;
    none.has_not("What to do");
}

#[tokio::test]
async fn a_cold_trace_shows_its_initialisation_and_goes_on_to_the_consumer() {
    let pages = Pages::over(NOW, a_run(NOW, 4)).await;
    let cold = pages.get(&details("start_kind=cold")).await;
    cold.has("cold");
    let trace = pages.get(&cold.link("/apm/trace/")).await;
    for part in [
        "aws.lambda.load",
        "GET /",
        ENTRY,
        "datadog-sample-sns-topic",
        "datadog-sample-sqs-queue",
        CONSUMER,
    ] {
        trace.has(part);
    }
    let map = pages
        .get(&format!(
            "/apm/trace/{:032x}?graphType=service_map",
            trace_id(1)
        ))
        .await;
    map.has(&format!("datadog-sample-sqs-queue calls {CONSUMER}"));
    let list = pages
        .get(&format!("/apm/trace/{:032x}?graphType=list", trace_id(1)))
        .await;
    list.has("sns.command sns.publish");
}

#[tokio::test]
async fn a_trace_is_zoomed_and_searched_by_its_address() {
    let pages = Pages::over(NOW, a_run(NOW, 1)).await;
    let address = format!("/apm/trace/{:032x}", trace_id(1));
    let whole = pages.get(&address).await;
    whole.has_not("class=\"minimap\"");
    // A click on a bar leads to the trace as it is drawn, with another span's details beside it.
    let bar = whole.link(&format!("{address}?spanID="));
    assert!(bar.ends_with("#trace"), "{bar}");
    let nearer = pages.get(&whole.link(&format!("{address}?window="))).await;
    nearer.has("class=\"minimap\"");
    nearer.has("Back to the full trace");
    let found = pages.get(&format!("{address}?find=SNS")).await;
    found.has("spans match");
    found.has(" dim\"");
    for window in [
        "-",
        "9-",
        "5-0",
        "99999999999999999-1",
        "1-99999999999999999",
        "x-y",
    ] {
        let page = pages.get(&format!("{address}?window={window}")).await;
        assert_eq!(page.status, 200, "{window}");
    }
}

#[tokio::test]
async fn a_change_of_the_function_is_marked_on_its_graphs() {
    let pages = Pages::over(NOW, a_run(NOW, 4)).await;
    let tab = pages.get(&details("tab=deployments")).await;
    tab.has("UpdateFunctionCode");
    tab.has("the original code restored");
    tab.has("class=\"event\"");
    let metrics = pages.get(&details("tab=metrics")).await;
    for graph in ["Cold starts", "Init duration", "Timeouts", "Out of memory"] {
        metrics.has(graph);
    }
}

#[tokio::test]
async fn datadogs_own_links_work_with_only_the_host_changed() {
    let pages = Pages::over(NOW, a_run(NOW, 4)).await;
    let (from, to) = (NOW - 3_600_000, NOW);
    let low = trace_id(1) as u64;
    for link in [
        format!("/functions?cloud=aws&entity_view=lambda_functions&text_search={SERVICE}"),
        details("source=sls-plugin"),
        format!(
            "/apm/trace/{:032x}?graphType=flamegraph&shouldShowLegend=true&sort=time",
            trace_id(1)
        ),
        format!("/apm/trace/{low}"),
        format!(
            "/logs?query=service%3A{SERVICE}%20status%3Aerror&from_ts={from}&to_ts={to}&live=false"
        ),
        "/screen/integration/aws_lambda_enhanced_metrics".to_owned(),
    ] {
        let page = pages.get(&link).await;
        assert_eq!(page.status, 200, "{link}");
        page.has_not("Nothing matches");
        page.has_not("Nothing in this time range</h2>");
    }
}

#[tokio::test]
async fn the_time_range_decides_about_insights() {
    let pages = Pages::over(NOW, a_run(NOW, 4)).await;
    // The minute in which the function was broken.
    let (from, to) = (NOW - 10 * 60_000, NOW - 8 * 60_000);
    let narrow = pages
        .get(&format!("/functions?start={from}&end={to}"))
        .await;
    narrow.has("High errors");
    let (from, to) = (NOW - 51 * 60_000, NOW - 40 * 60_000);
    let before = pages
        .get(&format!("/functions?start={from}&end={to}"))
        .await;
    before.has_not("High errors");
    before.has("Cold starts");
    let nothing = pages.get("/functions?start=1000&end=2000").await;
    nothing.has("Nothing in this time range");
    nothing.has("range=all");
}

#[tokio::test]
async fn search_facets_and_order_live_in_the_address() {
    let pages = Pages::over(NOW, a_run(NOW, 4)).await;
    let none = pages.get("/functions?text_search=nothing-like-it").await;
    none.has("Nothing matches.");
    let node = pages.get("/functions?runtime=nodejs22.x").await;
    node.has(&format!("id=\"row-{CONSUMER}\""));
    node.has_not(&format!("id=\"row-{ENTRY}\""));
    let order = |body: &str| {
        body.find(&format!("id=\"row-{ENTRY}\"")) < body.find(&format!("id=\"row-{CONSUMER}\""))
    };
    let slow = pages.get("/functions?sort=duration&dir=desc").await;
    let fast = pages.get("/functions?sort=duration&dir=asc").await;
    assert!(order(&slow.body) && !order(&fast.body));
    let columns = pages.get("/functions?col=throttles&col=timeouts").await;
    columns.has("sort=throttles");
    columns.has_not("sort=invocations");
}

#[tokio::test]
async fn the_pages_speak_korean_and_keep_datadogs_english_names() {
    let pages = Pages::over(NOW, a_run(NOW, 4)).await;
    let page = pages.get(&details("lang=ko")).await;
    page.has("<html lang=\"ko\">");
    page.has("콜드 스타트");
    // What an Insight was measured by is Korean too.
    page.has("% 초과");
    page.has_not("more than");
    page.has("Open Trace");
    page.has("Invocations</a>");
    // The language goes along.
    assert!(page.link("/apm/trace/").contains("lang=ko"));
    page.has("lang=en");
}

#[tokio::test]
async fn before_any_data_each_page_says_what_to_type() {
    let pages = Pages::over(NOW, Vec::new()).await;
    for path in [
        "/functions",
        &details(""),
        "/apm/trace/1",
        "/logs",
        "/screen/integration/aws_lambda_enhanced_metrics",
    ] {
        let page = pages.get(path).await;
        page.has("loadgen cold-start");
    }
}

#[tokio::test]
async fn what_is_unknown_is_told_with_a_way_on() {
    let pages = Pages::over(NOW, a_run(NOW, 2)).await;
    for path in [
        "/functions/nope:a:1:aws",
        "/apm/trace/ffff",
        "/apm/trace/nope",
        "/logs?event=1-1",
    ] {
        let page = pages.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        page.has("There is:");
    }
    let bad = pages.get("/logs?query=%28status%3Aerror").await;
    bad.has("This search cannot be read");
}

#[tokio::test]
async fn pages_go_through_everything_without_repeating_or_leaving_out() {
    let pages = Pages::over(NOW, a_run(NOW, 30)).await;
    let mut path = details("");
    let mut seen = std::collections::BTreeSet::new();
    let mut listed = 0;
    loop {
        let page = pages.get(&path).await;
        for link in page.body.split("href=\"/apm/trace/").skip(1) {
            seen.insert(link.chars().take(32).collect::<String>());
            listed += 1;
        }
        if !page.body.contains(">Older<") {
            break;
        }
        let all: Vec<&str> = page
            .body
            .split("href=\"")
            .filter(|link| link.contains("after="))
            .collect();
        path = all
            .first()
            .and_then(|link| link.split('"').next())
            .expect("a link to the older ones")
            .replace("&amp;", "&");
    }
    // Three bursts of 30 with 20 warm ones each, and 150 steady ones.
    assert_eq!((seen.len(), listed), (300, 300));
}
