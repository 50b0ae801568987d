//! `verify`, `audit` and `doctor` against answers in the shapes that Datadog's API was recorded with
//! (`tests/reference/api`).

use loadgen::{
    audit::{AuditScope, answers, functions},
    datadog::ApiError,
    doctor::{Report, State, Topic},
    insight::{Id, MonitorDemand, Quantity},
    record::Verdict,
    scenario::ExpectedMonitor,
    verify::{Patience, Subject, ask, ask_monitors, fetch_traces},
};
use serde_json::{Value, json};

use super::{
    run::subject,
    support::{
        command::{Finished, loadgen_in},
        stub::{Asked, Clock, Reply, Stub},
    },
};

fn fixture(name: &str) -> Value {
    let path = format!(
        "{}/tests/reference/api/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).expect(&path);
    serde_json::from_str(&text).expect(&path)
}

/// An answer with the content type that was recorded for it.
fn recorded(body: &Value, content_type: &str) -> Reply {
    let mut reply = Reply::text(200, &body.to_string());
    reply.headers = vec![("content-type", content_type.to_owned())];
    reply
}

/// The recorded column for each query, with a value of the function's.
fn scalar(asked: &Asked) -> Reply {
    let queries = asked.body["data"]["attributes"]["queries"]
        .as_array()
        .cloned();
    let queries = queries.unwrap_or_default();
    let text = |query: &Value| query["query"].as_str().unwrap_or_default().to_owned();
    let is_grouped = queries
        .iter()
        .any(|query| text(query).contains("by {functionname}"));
    let mut columns = Vec::new();
    if is_grouped {
        columns.push(fixture("scalar_group"));
    }
    for query in &queries {
        let value = match text(query) {
            q if q.contains("cold_start:true") => json!(8.0),
            q if q.contains("invocations") || q.contains("count:") => json!(20.0),
            q if q.contains("errors") => json!(0.0),
            _ => Value::Null,
        };
        let mut column = fixture("scalar_column");
        column["name"] = query["name"].clone();
        column["values"] = match (is_grouped, value) {
            (true, value) => json!([value, null]),
            (false, Value::Null) => json!([]),
            (false, value) => json!([value]),
        };
        columns.push(column);
    }
    let attributes = json!({"columns": columns});
    let body = json!({"data": {"id": "0", "type": "scalar_response", "attributes": attributes}});
    recorded(&body, "application/vnd.api+json")
}

async fn datadog() -> Stub {
    let mut pages = 0;
    Stub::answering(move |asked| match asked.path.as_str() {
        "/api/v1/validate" => recorded(&fixture("validate"), "application/json"),
        "/api/v2/query/scalar" => scalar(asked),
        "/api/v1/query" => recorded(&fixture("query_empty"), "text/json"),
        "/api/v1/monitor" => recorded(&fixture("monitors"), "application/json"),
        "/api/v2/spans/events/search" => {
            pages += 1;
            let name = if pages % 2 == 1 {
                "spans_page"
            } else {
                "spans_last"
            };
            recorded(&fixture(name), "application/vnd.api+json")
        }
        "/api/v2/logs/events/search" => recorded(&fixture("logs_empty"), "application/json"),
        _ => Reply::json(404, json!({"errors": ["Not found"]})),
    })
    .await
}

fn checkout() -> Subject {
    let mut subject = subject(20, &[Id::ColdStarts], false);
    for function in &mut subject.functions {
        function.view.function = "checkout".to_owned();
    }
    subject
}

const ONCE: Patience = Patience {
    wait: std::time::Duration::ZERO,
    first_pause: std::time::Duration::ZERO,
    longest_pause: std::time::Duration::ZERO,
};

#[tokio::test]
async fn verify_reads_recorded_columns_and_spans_without_an_operation_name() {
    let stub = datadog().await;
    let clock = Clock::new();
    let client = stub.client(&clock);
    let subject = checkout();
    let asked = ask(&client, clock.as_ref(), None, &subject, ONCE, |_| {});
    let asked = asked.await.expect("answers");
    let cold = asked
        .findings
        .iter()
        .find(|finding| finding.id == Id::ColdStarts);
    assert_eq!(cold.expect("a finding").verdict, Verdict::Seen);
    let (spans, traces) = fetch_traces(&client, &checkout()).await.expect("spans");
    assert_eq!((spans.len(), traces.len(), traces.unreadable), (1, 1, 0));
    assert_eq!(spans[0].span.name, "aws.lambda", "{:?}", spans[0]);
}

#[tokio::test]
async fn a_recorded_monitor_is_found_by_its_exact_name_with_the_time_that_it_fired() {
    let stub = datadog().await;
    let clock = Clock::new();
    let client = stub.client(&clock);
    let verdict = async |name: &str, demand| {
        let mut subject = checkout();
        (subject.from_ms, subject.to_ms) = (1_000_500, 1_090_000);
        subject.expect.monitors = vec![ExpectedMonitor {
            name: name.to_owned(),
            demand,
        }];
        let asked = ask_monitors(&client, clock.as_ref(), None, &subject, ONCE).await;
        asked.expect("answers").remove(0).verdict
    };
    let name = "Cold starts of checkout";
    assert_eq!(verdict(name, MonitorDemand::Alert).await, Verdict::Seen);
    assert_eq!(verdict(name, MonitorDemand::Ok).await, Verdict::Unexpected);
    assert_eq!(
        verdict("Cold starts", MonitorDemand::Alert).await,
        Verdict::CannotTell
    );
    let old = "Cold starts of checkout (old)";
    assert_eq!(verdict(old, MonitorDemand::Ok).await, Verdict::Missing);
}

#[tokio::test]
async fn audit_reads_recorded_groups() {
    let stub = datadog().await;
    let client = stub.client(&Clock::new());
    let scope = AuditScope {
        service: Some("shop".parse().expect("a tag")),
        from_ms: 0,
        to_ms: 1_000,
        ..AuditScope::default()
    };
    let found = functions(&client, &scope).await.expect("functions");
    assert!(found.contains("checkout"), "{found:?}");
    let names = ["checkout".parse().expect("a tag")];
    let answers = answers(&client, &scope, &names).await.expect("answers");
    assert_eq!(answers.value("checkout", Quantity::Invocations), Some(20.0));
    assert_eq!(answers.value("checkout", Quantity::Throttles), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_passes_an_api_that_answers_as_recorded_and_tells_a_refused_key() {
    for (refused, expected) in [(false, State::Ok), (true, State::Fix)] {
        let stub = match refused {
            false => datadog().await,
            true => Stub::answering(|_| Reply::json(403, fixture("forbidden"))).await,
        };
        let address = stub.address.clone();
        let output = tokio::task::spawn_blocking(move || {
            let folder = tempfile::tempdir().expect("a folder");
            let mut command = loadgen_in(folder.path());
            command.args(["doctor", "--json", "--datadog-url", &address]);
            command
                .env("PATH", folder.path())
                .output()
                .expect("it runs")
        });
        let output = output.await.expect("it ends");
        let report: Report =
            serde_json::from_value(Finished::from(output).json()).expect("a report");
        let key = report
            .checks
            .iter()
            .find(|check| check.topic == Topic::ApiKey);
        assert_eq!(key.expect("a check").state, expected, "{:?}", report.checks);
    }
}

#[tokio::test]
async fn a_refused_key_is_told_as_one() {
    let stub = Stub::answering(|_| Reply::json(403, fixture("forbidden"))).await;
    let clock = Clock::new();
    let client = stub.client(&clock);
    let asked = ask(&client, clock.as_ref(), None, &checkout(), ONCE, |_| {}).await;
    assert!(matches!(asked, Err(ApiError::ApiKey { .. })), "{asked:?}");
}
