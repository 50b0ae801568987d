//! What the sandbox stores of its invocations.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use loadgen::sandbox::{
    Options,
    query::search::Query,
    store::{self, LogEvent, PointFilter, Reader, Search, Span},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Sandboxed, marker};

/// A sandbox that keeps its telemetry in a file, which is read once it has stopped.
struct Kept {
    sandbox: Sandboxed,
    file: PathBuf,
    folder: TempDir,
}

/// What a stopped sandbox left behind.
struct Left {
    reader: Reader,
    _folder: TempDir,
}

const EVER: (i64, i64) = (0, i64::MAX / 2_000_000);

impl Kept {
    async fn start() -> Kept {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("telemetry.db");
        let options = Options {
            data: Some(file.clone()),
            ..Options::default()
        };
        Kept {
            sandbox: Sandboxed::start(options).await,
            file,
            folder,
        }
    }

    async fn stop(self) -> Left {
        self.sandbox.stop().await;
        Left {
            reader: Reader::open(&self.file).expect("the store opens"),
            _folder: self.folder,
        }
    }
}

impl Left {
    fn spans(&self, trace: u64) -> Vec<Span> {
        let spans = self.reader.trace(trace).expect("a trace");
        spans.into_iter().map(|stored| stored.value).collect()
    }

    fn logs(&self) -> Vec<LogEvent> {
        let query = Query::All;
        let search = Search {
            query: &query,
            from_ms: EVER.0,
            to_ms: EVER.1,
            order: store::Order::OldestFirst,
            after: None,
        };
        let page = self.reader.logs(&search, 1_000).expect("logs");
        page.items.into_iter().map(|stored| stored.value).collect()
    }

    /// The points of a metric whose tags include all of `tags`.
    fn values(&self, name: &str, tags: &[&str]) -> Vec<f64> {
        let wanted = |found: &[String]| {
            tags.iter()
                .all(|tag| found.iter().any(|found| found == tag))
        };
        let filter = PointFilter {
            name,
            from_ms: EVER.0,
            to_ms: EVER.1,
            wanted: &wanted,
        };
        let series = self.reader.points(&filter).expect("points");
        series
            .iter()
            .flat_map(|series| &series.points)
            .flat_map(|(_, value, times)| vec![*value; *times as usize])
            .collect()
    }

    fn sum(&self, name: &str, tags: &[&str]) -> f64 {
        self.values(name, tags).iter().sum()
    }
}

const ENTRY: &str = "functionname:datadog-sample-entry-function";
const CONSUMER: &str = "functionname:datadog-sample-sqs-consumer-function";

fn next_trace() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1_311_768_467_463_790_320);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A request in a trace of its own, as loadgen sends it.
async fn traced(sandbox: &Sandboxed, fault: Option<&str>) -> u64 {
    let trace = next_trace();
    let mut request = sandbox
        .request()
        .header("user-agent", "loadgen/0.1")
        .header("x-datadog-trace-id", trace.to_string())
        .header("x-datadog-parent-id", "81985529216486895")
        .header("x-datadog-sampling-priority", "2")
        .header("x-datadog-origin", "loadgen")
        .header("x-datadog-tags", "_dd.p.tid=68126c4300000000")
        .header("x-loadgen-run", "run-1");
    if let Some(fault) = fault {
        request = request
            .header("x-loadgen-fault", fault)
            .header("x-loadgen-fault-key", "sandbox");
    }
    request.send().await.expect("an answer");
    trace
}

fn named<'a>(spans: &'a [Span], name: &str, resource: &str) -> &'a Span {
    spans
        .iter()
        .find(|span| span.name == name && span.resource.ends_with(resource))
        .unwrap_or_else(|| panic!("no {name} of {resource}"))
}

#[tokio::test]
async fn one_request_is_one_trace_through_both_functions() {
    let kept = Kept::start().await;
    let trace = traced(&kept.sandbox, None).await;
    kept.sandbox.advance(10_000).await;
    let spans = kept.stop().await.spans(trace);

    let gateway = named(&spans, "aws.apigateway", "GET /");
    let entry = named(&spans, "aws.lambda", "entry-function");
    let publish = named(&spans, "sns.command", "sns.publish");
    let topic = named(&spans, "aws.sns", "sns-topic");
    let queue = named(&spans, "aws.sqs", "sqs-queue");
    let consumer = named(&spans, "aws.lambda", "consumer-function");
    let chain = [gateway, entry, publish, topic, queue, consumer];
    for pair in chain.windows(2) {
        assert_eq!(pair[1].parent_id, pair[0].span_id, "{}", pair[1].name);
        assert!(pair[0].start_ns <= pair[1].start_ns, "{}", pair[1].name);
    }
    assert_eq!(gateway.parent_id, 81_985_529_216_486_895);
    for lambda in [entry, consumer] {
        let load = named(&spans, "aws.lambda.load", &lambda.resource);
        assert_eq!(load.parent_id, lambda.span_id);
        assert_eq!(load.start_ns + load.duration_ns, lambda.start_ns);
        assert_eq!(load.duration_ns, 20_000_000, "the init that was asked for");
    }
    assert_eq!(spans.len(), 8);
    for span in &spans {
        assert_eq!(span.trace_id >> 64, 0x6812_6c43_0000_0000);
        assert!(span.duration_ns >= 0 && !span.error, "{}", span.name);
    }
    assert_eq!(
        entry.meta["function.request.headers.X-Loadgen-Run"],
        "run-1"
    );
    assert_eq!(gateway.meta["http.useragent"], "loadgen/0.1");
    assert_eq!(entry.meta["cold_start"], "true");
}

/// The spans of a reference file by name, and its metrics' tag keys by name.
type Keys = BTreeMap<String, BTreeSet<String>>;

fn reference(file: &str) -> (Keys, Keys) {
    let path = format!(
        "{}/tests/reference/telemetry/{file}",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).expect("the reference");
    let lines: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let (mut spans, mut metrics) = (Keys::new(), Keys::new());
    for line in lines {
        if let Some(name) = line["name"].as_str() {
            let keys = spans.entry(name.to_owned()).or_default();
            for group in ["meta", "metrics"] {
                let tags = line[group].as_object().expect("tags");
                keys.extend(tags.keys().cloned());
            }
        } else {
            let name = line["m"].as_str().expect("a metric").to_owned();
            let tags = line["t"].as_array().expect("tags");
            metrics.entry(name).or_default().extend(
                tags.iter()
                    .filter_map(|tag| Some(tag.as_str()?.split_once(':')?.0.to_owned())),
            );
        }
    }
    (spans, metrics)
}

/// Where our spans may differ from the reference, and why: span name, tag key, reason.
const PERMITTED: [(&str, &str, &str); 9] = [
    ("aws.lambda", "version", "the sample app sets DD_VERSION"),
    (
        "aws.lambda",
        "dd_trace",
        "the consumer is Node; its tracer's version was not recorded",
    ),
    (
        "aws.lambda",
        "function.request.headers.X-Loadgen-Run",
        "every request of loadgen has it",
    ),
    (
        "aws.lambda",
        "function.request.headers.X-Loadgen-Fault",
        "the test asks for a fault",
    ),
    (
        "aws.lambda",
        "function.request.headers.X-Loadgen-Fault-Key",
        "the test asks for a fault",
    ),
    (
        "aws.lambda",
        "function.response.headers.x-loadgen-cold-start",
        "a marker of our template",
    ),
    (
        "aws.lambda",
        "function.response.headers.x-loadgen-request-id",
        "a marker of our template",
    ),
    (
        "aws.lambda",
        "function.response.headers.x-loadgen-environment-id",
        "a marker of our template",
    ),
    (
        "aws.lambda",
        "function.response.headers.x-loadgen-init-age-ms",
        "a marker of our template",
    ),
];

fn compare(ours: &[&Span], reference: &Keys) {
    for (name, expected) in reference {
        let found: BTreeSet<String> = ours
            .iter()
            .filter(|span| span.name == *name)
            .flat_map(|span| span.meta.keys().chain(span.metrics.keys()).cloned())
            .collect();
        assert!(!found.is_empty(), "no span {name}");
        for key in found.symmetric_difference(expected) {
            let permitted = PERMITTED
                .iter()
                .any(|(span, tag, _)| span == name && tag == key);
            assert!(permitted, "{name}: {key}");
        }
    }
}

#[tokio::test]
async fn spans_carry_the_tags_that_the_real_library_sets() {
    let kept = Kept::start().await;
    let ok = traced(&kept.sandbox, None).await;
    kept.sandbox.advance(700_000).await;
    let raised = traced(&kept.sandbox, Some("error")).await;
    let left = kept.stop().await;

    let spans = left.spans(ok);
    let (consumer, entry): (Vec<&Span>, Vec<&Span>) = spans.iter().partition(|span| {
        ["aws.sns", "aws.sqs"].contains(&span.name.as_str())
            || span.resource.contains("consumer-function")
    });
    compare(&entry, &reference("entry_ok.json").0);
    compare(&consumer, &reference("consumer.json").0);
    let spans = left.spans(raised);
    compare(
        &spans.iter().collect::<Vec<_>>(),
        &reference("entry_throw.json").0,
    );
    let entry = named(&spans, "aws.lambda", "entry-function");
    assert!(entry.error);
    assert_eq!(entry.meta["error.type"], "builtins.Exception");
    assert_eq!(entry.meta["error.message"], "Throw an error.");
    let stack = &entry.meta["error.stack"];
    assert!(stack.contains("/var/task/index.py"), "{stack}");
    assert!(
        stack.contains("raise Exception('Throw an error.')"),
        "{stack}"
    );
    assert_eq!(entry.meta["function.response"], "None");
    let gateway = named(&spans, "aws.apigateway", "GET /");
    assert!(!gateway.error);
    assert_eq!(gateway.meta["http.status_code"], "502");
    assert!(spans.iter().all(|span| span.name != "sns.command"));
}

#[tokio::test]
async fn metrics_carry_the_tags_that_the_real_library_sets() {
    let kept = Kept::start().await;
    traced(&kept.sandbox, Some("error")).await;
    let left = kept.stop().await;
    for (name, expected) in reference("entry_throw.json").1 {
        let wanted = |tags: &[String]| {
            let keys: BTreeSet<&str> = tags
                .iter()
                .filter_map(|tag| Some(tag.split_once(':')?.0))
                .collect();
            expected.iter().all(|key| keys.contains(key.as_str()))
        };
        let filter = PointFilter {
            name: &name,
            from_ms: EVER.0,
            to_ms: EVER.1,
            wanted: &wanted,
        };
        assert!(
            !left.reader.points(&filter).expect("points").is_empty(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn every_invocation_is_counted_and_only_the_first_is_cold() {
    let kept = Kept::start().await;
    for _ in 0..4 {
        traced(&kept.sandbox, None).await;
        kept.sandbox.advance(5_000).await;
    }
    let left = kept.stop().await;
    for function in [ENTRY, CONSUMER] {
        let invocations = "aws.lambda.enhanced.invocations";
        assert_eq!(left.sum(invocations, &[function]), 4.0);
        assert_eq!(left.sum(invocations, &[function, "cold_start:true"]), 1.0);
        assert_eq!(left.sum("aws.lambda.invocations", &[function]), 4.0);
        assert_eq!(left.sum("aws.lambda.enhanced.errors", &[function]), 0.0);
        let init = left.values("aws.lambda.enhanced.init_duration", &[function]);
        assert_eq!(init, [0.02]);
        let sizes = left.values("aws.lambda.enhanced.memorysize", &[function]);
        assert_eq!(sizes, [512.0; 4]);
        assert!(
            left.values("aws.lambda.timeout", &[function])
                .contains(&3.0)
        );
        assert!(left.sum("aws.lambda.enhanced.estimated_cost", &[function]) > 0.0);
        let durations = left.values("aws.lambda.enhanced.duration", &[function]);
        assert!(
            durations
                .iter()
                .all(|seconds| (0.005..3.0).contains(seconds))
        );
    }
}

#[tokio::test]
async fn a_failure_is_counted_as_often_as_library_and_extension_count_it() {
    // Basis: two for an exception and one for a returned 5xx measured with datadog-lambda
    // 8.130.0; the extension's own one read in its source.
    let expected = [
        ("error", 3.0, 1.0),
        ("timeout", 1.0, 1.0),
        ("memory;percent=150", 1.0, 1.0),
        ("status;code=503", 1.0, 0.0),
        ("status;code=404", 0.0, 0.0),
    ];
    for (fault, enhanced, cloudwatch) in expected {
        let kept = Kept::start().await;
        kept.sandbox.configure(json!({ "timeout": "1s" })).await;
        traced(&kept.sandbox, Some(fault)).await;
        let left = kept.stop().await;
        let errors = left.sum("aws.lambda.enhanced.errors", &[ENTRY]);
        assert_eq!(errors, enhanced, "{fault}");
        assert_eq!(
            left.sum("aws.lambda.errors", &[ENTRY]),
            cloudwatch,
            "{fault}"
        );
        let timeouts = left.sum("aws.lambda.enhanced.timeouts", &[ENTRY]);
        assert_eq!(timeouts == 1.0, fault == "timeout");
        let killed = left.sum("aws.lambda.enhanced.out_of_memory", &[ENTRY]);
        assert_eq!(killed == 1.0, fault.starts_with("memory"));
        let consumed = left.sum("aws.lambda.enhanced.invocations", &[CONSUMER]);
        assert_eq!(consumed, 0.0, "{fault}");
    }
}

#[tokio::test]
async fn a_timeout_is_an_error_span_of_its_own_type() {
    let kept = Kept::start().await;
    kept.sandbox.configure(json!({ "timeout": "1s" })).await;
    let trace = traced(&kept.sandbox, Some("timeout")).await;
    let left = kept.stop().await;
    let spans = left.spans(trace);
    let entry = named(&spans, "aws.lambda", "entry-function");
    assert!(entry.error);
    assert_eq!(entry.meta["error.type"], "Timeout");
    let lines = left.logs();
    let line = lines
        .iter()
        .find(|log| log.message.contains("Task timed out after 1.00 seconds"))
        .expect("the timeout's line");
    assert_eq!(line.status, "error");
}

#[tokio::test]
async fn throttled_requests_are_counted_by_cloudwatch_only() {
    let kept = Kept::start().await;
    kept.sandbox
        .configure(json!({ "reserved_concurrency": 1 }))
        .await;
    let requests = (0..5).map(|_| traced(&kept.sandbox, None));
    futures_util::future::join_all(requests).await;
    let left = kept.stop().await;
    assert_eq!(left.sum("aws.lambda.throttles", &[ENTRY]), 4.0);
    assert_eq!(left.sum("aws.lambda.invocations", &[ENTRY]), 1.0);
    assert_eq!(left.sum("aws.lambda.enhanced.invocations", &[ENTRY]), 1.0);
}

#[tokio::test]
async fn unused_provisioned_concurrency_shows_as_low_utilization() {
    let kept = Kept::start().await;
    kept.sandbox
        .configure(json!({ "provisioned_concurrency": 10 }))
        .await;
    let answer = kept.sandbox.invoke().await;
    assert_eq!(
        marker(&answer, "x-loadgen-cold-start").as_deref(),
        Some("false")
    );
    let left = kept.stop().await;
    let name = "aws.lambda.provisioned_concurrency_utilization";
    assert_eq!(left.values(name, &[ENTRY]), [0.1]);
}

#[tokio::test]
async fn logs_say_what_lambda_and_the_handler_wrote() {
    let kept = Kept::start().await;
    let trace = traced(&kept.sandbox, None).await;
    kept.sandbox.advance(10_000).await;
    traced(&kept.sandbox, Some("error")).await;
    let left = kept.stop().await;
    let logs: Vec<LogEvent> = left
        .logs()
        .into_iter()
        .filter(|log| log.host.ends_with("entry-function"))
        .collect();
    let starts: Vec<&str> = logs
        .iter()
        .map(|log| log.message.split([' ', '\t']).next().unwrap_or_default())
        .collect();
    let expected = [
        "INIT_START",
        "START",
        "[INFO]",
        "END",
        "REPORT",
        "START",
        "[ERROR]",
        "END",
        "REPORT",
    ];
    assert_eq!(starts, expected);
    for log in &logs {
        assert_eq!(log.service, "datadog-serverless-sample-app");
        assert_eq!(log.source, "lambda");
        assert_eq!(log.attributes["lambda"]["arn"], json!(log.host));
        assert!(log.attributes["lambda"]["request_id"].is_string());
    }
    let high = 0x6812_6c43_0000_0000_u128 << 64;
    let id = format!("{:032x}", high | u128::from(trace));
    assert_eq!(logs[2].attributes["dd"]["trace_id"], json!(id));
    assert!(logs[2].message.contains(&format!("dd.trace_id={id}")));
    assert!(logs[4].message.contains("Init Duration: 20.00 ms"));
    assert_eq!(logs[6].status, "error");
    assert!(
        logs[6]
            .message
            .contains("Traceback (most recent call last)")
    );
}

#[tokio::test]
async fn deployments_are_recorded() {
    let kept = Kept::start().await;
    kept.sandbox
        .configure(json!({ "memory": "256MB", "reserved_concurrency": 5, "warm": "1ms" }))
        .await;
    for path in ["break", "restore"] {
        let path = format!("/_sandbox/{path}");
        let (status, _) = kept.sandbox.json(reqwest::Method::POST, &path, None).await;
        assert_eq!(status, 200);
    }
    let left = kept.stop().await;
    let deployments = left
        .reader
        .deployments(EVER.0, EVER.1)
        .expect("deployments");
    let events: Vec<&str> = deployments
        .iter()
        .map(|deployment| deployment.event.as_str())
        .collect();
    let expected = [
        "UpdateFunctionConfiguration",
        "PutFunctionConcurrency",
        "UpdateFunctionCode",
        "UpdateFunctionCode",
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn a_request_without_trace_headers_begins_a_trace_of_its_own() {
    let kept = Kept::start().await;
    let answer = kept.sandbox.invoke().await;
    let id = marker(&answer, "x-loadgen-request-id").expect("an id");
    let left = kept.stop().await;
    let query = Query::parse(&format!("@request_id:{id} operation_name:aws.apigateway"));
    let query = query.expect("a query");
    let search = Search {
        query: &query,
        from_ms: EVER.0,
        to_ms: EVER.1,
        order: store::Order::OldestFirst,
        after: None,
    };
    let page = left.reader.spans(&search, 10).expect("spans");
    let [span] = page.items.as_slice() else {
        panic!("{} spans", page.items.len());
    };
    assert_eq!(span.value.parent_id, 0);
    assert_eq!(span.value.metrics["_sampling_priority_v1"], 1.0);
    assert_eq!(span.value.meta["_dd.p.dm"], "-0");
}

#[tokio::test]
async fn a_batch_goes_on_in_the_trace_of_its_first_message() {
    let kept = Kept::start().await;
    let requests = (0..30).map(|_| traced(&kept.sandbox, None));
    let traces = futures_util::future::join_all(requests).await;
    kept.sandbox.advance(60_000).await;
    let left = kept.stop().await;
    let invocations = left.sum("aws.lambda.enhanced.invocations", &[CONSUMER]);
    let mut consumed = 0;
    let mut messages = 0;
    for trace in traces {
        for span in left.spans(trace) {
            if span.name == "aws.lambda" && span.resource.contains("consumer") {
                consumed += 1;
                messages += (0..10)
                    .filter(|n| {
                        let key = format!("function.request.Records.{n}.messageId");
                        span.meta.contains_key(&key)
                    })
                    .count();
            }
        }
    }
    assert_eq!(f64::from(consumed), invocations);
    assert_eq!(messages, 30, "every message is in exactly one batch");
}
