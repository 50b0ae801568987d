//! Requests to Lambda's Invoke API: each is told cold or warm by the tail of its own log.

use loadgen::sandbox::{Sandbox, SandboxOptions};
use tempfile::TempDir;

use crate::support::command::{Finished, loadgen_in};

const SCENARIO: &str = r#"
name = "invoke"
title = "Lambda's Invoke API"
[request]
method = "POST"
body = "{}"
headers = { "X-Amz-Log-Type" = "Tail" }
[[phase]]
name = "idle"
idle = "15m"
[[phase]]
name = "burst"
burst = 10
within = "0s"
[[phase]]
name = "pause"
idle = "30s"
[[phase]]
name = "again"
burst = 5
within = "2s"
"#;

#[test]
fn every_request_is_told_cold_or_warm_by_the_tail_of_its_log() {
    let sandbox = Sandbox::embedded(SandboxOptions::default()).expect("a sandbox");
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("invoke.toml"), SCENARIO).expect("a file");
    let base = sandbox.info().datadog_url.clone();
    let url = format!(
        "{}/2015-03-31/functions/datadog-sample-entry-function/invocations",
        base.trim_end_matches('/')
    );
    let mut command = loadgen_in(folder.path());
    command.args(["run", "invoke.toml", "--json", "--no-verify", "--url", &url]);
    let finished = Finished::of(&mut command);
    let run = finished.json();
    assert_eq!(run["cold"]["unknown"], 0, "{}", run["cold"]);
    assert_eq!(run["cold"]["cold"], 10, "{}", run["cold"]);
    assert_eq!(run["cold"]["evidence"]["tail"], 15, "{}", run["cold"]);
    sandbox.stop().expect("it stops");
}
