//! Our telemetry beside what the real library sent.

use std::collections::{BTreeMap, BTreeSet};

use loadgen::telemetry::store::{PointFilter, Span};
use serde_json::Value;

use super::{EVER, Kept, named, traced};

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
const PERMITTED: [(&str, &str, &str); 8] = [
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
            interval_ms: 1,
            wanted: &wanted,
        };
        assert!(
            !left.reader.points(&filter).expect("points").is_empty(),
            "{name}"
        );
    }
}
