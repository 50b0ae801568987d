//! The same scenario in virtual time and over HTTP against the sandbox: one model, one outcome.

use std::{fs, path::Path};

use serde_json::Value;

use crate::support::command::{Finished, loadgen_in};

fn printed(words: &[&str], folder: &Path) -> Value {
    Finished::of(loadgen_in(folder).args(words)).json()
}

/// Bursts leave nothing to the jitter of real arrivals: which of the requests that come at once
/// is first does not change how many find an environment.
const SCENARIO: &str = r#"
name = "both"
title = "Bursts that are cold, throttled and warm"
seed = 11

[function]
reserved_concurrency = 25

[[phase]]
name = "first"
burst = 20

[[phase]]
name = "forgotten"
idle = "15m"

[[phase]]
name = "too-many"
burst = 30

[[phase]]
name = "pause"
idle = "10s"

[[phase]]
name = "warm"
burst = 10

[[phase]]
name = "calm"
idle = "10s"

[[phase]]
name = "failing"
burst = 10
fault = { kind = "error", share = 0.5 }
"#;

#[test]
fn simulation_and_sandbox_count_the_same_cold_warm_and_throttled() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("both.toml");
    fs::write(&file, SCENARIO).expect("a scenario");
    let simulated = printed(&["simulate", "both.toml", "--json"], folder.path());
    let sent = printed(
        &["run", "both.toml", "--json", "--no-verify"],
        folder.path(),
    );
    assert_eq!(simulated["simulated"], true);
    assert_eq!(sent["simulated"], false);
    assert_eq!(simulated["status"], sent["status"]);
    let phases = |run: &Value, key: &str| -> Vec<u64> {
        let phases = run["phases"].as_array().expect("phases");
        phases.iter().filter_map(|p| p[key].as_u64()).collect()
    };
    // first, forgotten, too-many, pause, warm, calm, failing
    assert_eq!(phases(&simulated, "cold"), [20, 0, 25, 0, 0, 0, 0]);
    assert_eq!(phases(&simulated, "failed"), [0, 0, 5, 0, 0, 0, 5]);
    assert_eq!(phases(&simulated, "warm"), [0, 0, 0, 0, 10, 0, 10]);
    for key in ["planned", "sent", "ok", "failed", "cold"] {
        assert_eq!(phases(&simulated, key), phases(&sent, key), "{key}");
    }
    // A raised exception comes back without markers: the client cannot know what the model knows.
    assert!(phases(&sent, "warm")[6] >= 5);
}
