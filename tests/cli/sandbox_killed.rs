//! A sandbox that is killed while it works: what its API had shown is still there afterwards.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use loadgen::telemetry::{
    search::Query,
    store::{EventSearch, Retention, SearchOrder, Store, StoreReader},
};
use serde_json::{Value, json};

use crate::support::command::loadgen;

struct Sandbox {
    process: Child,
    base: String,
    invoke: String,
}

fn start(data: &Path) -> Sandbox {
    let mut process = loadgen()
        .args(["sandbox", "--port", "0", "--json", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let addresses: Value = serde_json::from_str(&line).unwrap();
    let text = |key: &str| addresses[key].as_str().unwrap().to_owned();
    Sandbox {
        process,
        base: text("datadog_url"),
        invoke: text("invoke_url"),
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill(); // SIGKILL: no handler runs
        let _ = self.process.wait();
    }
}

/// The request ids of the entry function's spans that the API shows.
async fn shown(client: &reqwest::Client, sandbox: &Sandbox) -> Vec<String> {
    let filter = json!({"query": ENTRY_SPANS, "from": "now-1h", "to": "now+1h"});
    let attributes = json!({"filter": filter, "page": {"limit": 1000}});
    let answer: Value = client
        .post(format!("{}/api/v2/spans/events/search", sandbox.base))
        .header("DD-API-KEY", "0123456789abcdef0123456789abcdef")
        .header(
            "DD-APPLICATION-KEY",
            "0123456789abcdef0123456789abcdef01234567",
        )
        .json(&json!({"data": {"type": "search_request", "attributes": attributes}}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let events = answer["data"].as_array().unwrap().iter();
    events
        .map(|event| {
            event["attributes"]["custom"]["request_id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

const ENTRY_SPANS: &str = "operation_name:aws.lambda resource_name:datadog-sample-entry-function";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_api_has_shown_survives_a_kill_under_load() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let folder = tempfile::tempdir().unwrap();
    let sandbox = start(folder.path());
    let load: Vec<_> = (0..4)
        .map(|_| {
            let (client, invoke) = (client.clone(), sandbox.invoke.clone());
            tokio::spawn(async move {
                for _ in 0..100 {
                    if client.get(format!("{invoke}/")).send().await.is_err() {
                        return; // killed
                    }
                }
            })
        })
        .collect();
    let mut seen = Vec::new();
    while seen.len() < 20 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        seen = shown(&client, &sandbox).await;
    }
    drop(sandbox);
    for one in load {
        one.await.unwrap();
    }

    let file = folder.path().join("telemetry.db");
    let kept = request_ids(&file);
    for id in &seen {
        assert!(kept.contains(id), "{id} was shown and is lost");
    }
    // And it goes on.
    Store::open(&file, Retention::default())
        .unwrap()
        .close()
        .unwrap();
    let again = start(folder.path());
    assert_eq!(shown(&client, &again).await.len(), kept.len());
}

fn request_ids(file: &Path) -> Vec<String> {
    let reader = StoreReader::open(file).unwrap();
    let query = Query::parse(ENTRY_SPANS).unwrap();
    let search = EventSearch {
        query: &query,
        from_ms: 0,
        to_ms: i64::MAX,
        order: SearchOrder::OldestFirst,
        after: None,
    };
    let page = reader.spans(&search, 10_000).unwrap();
    let spans = page.items.iter();
    spans
        .map(|stored| stored.value.meta["request_id"].clone())
        .collect()
}
