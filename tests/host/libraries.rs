//! Programs that are not ours: AWS's Runtime Interface Client for Python, and Datadog's library around a
//! handler. `tests/clients/run` installs both into `target/host-libraries`.

use std::{collections::BTreeSet, os::unix::fs::symlink, path::PathBuf, time::Duration};

use serde_json::{Value, json};

use crate::place::Place;

const HANDLER: &str = "\
def handler(event, context):
    if event.get('fail'):
        raise ValueError('asked')
    return {'statusCode': 200, 'body': context.aws_request_id}
";

/// The folder of a library; None, said aloud, where it is not installed.
fn library(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("target/host-libraries")
        .join(name);
    let there = folder.is_dir();
    if !there {
        eprintln!(
            "SKIPPED: {} is not there; tests/clients/run installs it",
            folder.display()
        );
    }
    there.then_some(folder)
}

#[test]
fn the_runtime_interface_client_of_aws_runs_as_a_bootstrap() {
    let Some(library) = library("awslambdaric") else {
        return;
    };
    let bootstrap = format!(
        "#!/bin/sh\nPYTHONPATH=.:{} exec python3 -m awslambdaric shop.handler\n",
        library.display()
    );
    let place = Place::with(&[("ric/shop.py", HANDLER), ("ric/bootstrap", &bootstrap)]);
    place.executable("ric/bootstrap");
    let sandbox = place.sandbox("ric=ric");
    let answer = sandbox.invoke("ric", &json!({}));
    assert_eq!(
        answer.body["statusCode"], 200,
        "{} {}",
        answer.body, answer.log
    );
    let id = answer.body["body"].as_str().expect("an id");
    assert!(
        answer.log.contains(&format!("REPORT RequestId: {id}")),
        "{}",
        answer.log
    );
    let failed = sandbox.invoke("ric", &json!({ "fail": true }));
    assert_eq!(failed.body["errorType"], "ValueError", "{}", failed.body);
    assert!(
        failed.body["stackTrace"][0]
            .as_str()
            .is_some_and(|line| line.contains("line 3")),
        "{}",
        failed.body
    );
}

#[test]
fn the_library_of_datadog_wraps_the_handler_and_its_own_telemetry_is_kept() {
    let Some(library) = library("datadog_lambda") else {
        return;
    };
    let place = Place::with(&[("shop/index.py", HANDLER)]);
    for entry in library.read_dir().expect("a folder").flatten() {
        symlink(entry.path(), place.path("shop").join(entry.file_name())).expect("linked");
    }
    let sandbox = place.sandbox("shop=shop:index.handler");
    assert_eq!(
        sandbox
            .configure("shop", &json!({ "memory": "512MB", "timeout": "30s" }))
            .0,
        200
    );
    // What the library stamps with the wall clock lies where the model's clock is.
    sandbox.advance(Duration::from_secs(3 * 3_600));
    let answer = sandbox.get("");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let spans = sandbox.search("spans/events", "operation_name:aws.lambda");
    let span = &spans["data"][0]["attributes"];
    let tags = &span["custom"];
    assert_eq!(tags["datadog_lambda"], "8.130.0", "{span}");
    assert_eq!(
        tags["cold_start"].to_string().trim_matches('"'),
        "true",
        "{span}"
    );
    assert!(tags.get("emitted_by").is_none(), "{span}");
    let parents = sandbox.search("spans/events", "operation_name:aws.apigateway");
    assert_eq!(
        parents["data"][0]["attributes"]["span_id"], span["parent_id"],
        "{parents}"
    );
    // The keys are those of the recorded telemetry, but for its payloads and its publish.
    let recorded = include_str!("../reference/telemetry/entry_ok.json");
    let recorded: Vec<Value> = serde_json::from_str(recorded).expect("JSON");
    let recorded = recorded
        .iter()
        .find(|one| one["name"] == "aws.lambda")
        .expect("a span");
    let keys = |value: &Value| -> BTreeSet<String> {
        flat(value, "")
            .into_iter()
            .filter(|key| !key.starts_with("function.re"))
            .collect()
    };
    let missing: Vec<String> = keys(&recorded["meta"])
        .difference(&keys(tags))
        .cloned()
        .collect();
    assert!(missing.is_empty(), "{missing:?} {span}");
    let logs = sandbox.search("logs/events", "service:shop");
    let said = logs.to_string();
    assert!(
        said.contains("REPORT RequestId") && !said.contains("\\\"traces\\\""),
        "{said}"
    );
}

/// The dotted names of all texts in a value.
fn flat(value: &Value, before: &str) -> Vec<String> {
    match value {
        Value::Object(inner) => (inner.iter())
            .flat_map(|(key, value)| match before {
                "" => flat(value, key),
                _ => flat(value, &format!("{before}.{key}")),
            })
            .collect(),
        _ => vec![before.to_owned()],
    }
}
