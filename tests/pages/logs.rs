//! The Log Explorer: what is found, when, and how much of it.

use loadgen::telemetry::store::{LogEntry, TelemetryRecord};

use crate::{
    server::{Answer, Pages},
    telemetry::a_run,
};

const NOW: i64 = 1_795_347_600_000;

#[tokio::test]
async fn hits_facets_and_histogram_count_the_same_lines() {
    let pages = Pages::over(NOW, a_run(NOW, 20)).await;
    let all = pages.get("/logs").await;
    all.has("Lines over time");
    let errors = pages.get(&all.link("/logs?query=status:error")).await;
    // Twenty invocations failed, each with a line of its own.
    errors.has("20 lines");
    errors.has("<span class=\"quiet\">20</span>");
    let bars: f64 = errors
        .body
        .split("<td class=\"number\">")
        .skip(1)
        .filter_map(|rest| rest.split('<').next()?.parse::<f64>().ok())
        .sum();
    assert_eq!(bars, 20.0);
    // Of the other statuses it is still said how many lines have them.
    let infos = |page: &Answer| {
        let rest = page.body.split("query=status:info\"").nth(1);
        rest.and_then(|rest| Some(rest.split("</a>").next()?.to_owned()))
    };
    assert!(infos(&all).is_some_and(|info| !info.contains(">0<")));
    assert_eq!(infos(&errors), infos(&all));
    // A status takes the place of the other; a second click takes it away.
    errors.link("/logs?query=status:info");
    errors.has("href=\"/logs\" aria-current=\"true\"");
}

#[tokio::test]
async fn each_facet_is_counted_however_many_values_others_have() {
    let line = |n: i64| {
        TelemetryRecord::Log(LogEntry {
            at_ms: NOW - n,
            status: if n < 300 { "info" } else { "error" }.to_owned(),
            service: format!("service-{n}"),
            host: String::new(),
            source: "lambda".to_owned(),
            message: "x".to_owned(),
            tags: vec![format!("functionname:function-{n}")],
            attributes: serde_json::json!({}),
        })
    };
    let pages = Pages::over(NOW, (1..=312).map(line).collect()).await;
    let all = pages.get("/logs").await;
    // The newest lines have all the functions' and services' names that are told apart.
    all.has("<span class=\"quiet\">13</span>");
}

#[tokio::test]
async fn a_line_opens_beside_the_list_with_the_way_to_its_trace() {
    let pages = Pages::over(NOW, a_run(NOW, 30)).await;
    let first = pages.get("/logs?query=REPORT").await;
    let older = pages.get(&first.link_with("after=")).await;
    let opened = pages.get(&older.link_with("event=")).await;
    for part in [
        "id=\"event\"",
        "Attributes",
        "lambda",
        "REPORT RequestId",
        "class=\"tag\"",
    ] {
        opened.has(part);
    }
    // The line itself names no trace: its invocation does.
    opened.link("/apm/trace/");
    opened.link("/logs?query=%40lambda.request_id");
    // The list stays on its page, whether the line is opened or closed.
    for page in [&older, &opened] {
        let mut lines = page.body.split("class=\"line\"").skip(1);
        assert!(lines.all(|line| {
            line.split("data-fold")
                .next()
                .is_some_and(|link| link.contains("after="))
        }));
    }
    let close = opened
        .body
        .split(" data-close")
        .next()
        .and_then(|before| before.rsplit("href=").next());
    assert!(close.is_some_and(|link| link.contains("after=") && !link.contains("event=")));
}
