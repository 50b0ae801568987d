//! Audit and verify speak of the same telemetry with one evaluation: they never disagree.

use std::collections::BTreeMap;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Finished, loadgen_in};

fn json_of(folder: &TempDir, arguments: &[&str]) -> Value {
    Finished::of(loadgen_in(folder.path()).args(arguments)).json()
}

#[test]
fn an_audit_of_a_run_agrees_with_its_verdicts() {
    for scenario in ["cold-start", "errors"] {
        let folder = TempDir::new().expect("a folder");
        let ran = json_of(&folder, &["run", scenario, "--quiet", "--json"]);
        let audit = json_of(&folder, &["audit", "latest", "--format", "json"]);
        let mut audited = BTreeMap::new();
        for function in audit["functions"].as_array().expect("functions") {
            for one in function["insights"].as_array().expect("insights") {
                let key = (
                    function["function"].as_str().expect("a name").to_owned(),
                    one["id"].as_str().expect("an id").to_owned(),
                );
                audited.insert(key, one.clone());
            }
        }
        let mut compared = 0;
        for finding in ran["insights"].as_array().expect("findings") {
            let key = (
                finding["function"].as_str().expect("a name").to_owned(),
                finding["id"].as_str().expect("an id").to_owned(),
            );
            let one = audited
                .get(&key)
                .unwrap_or_else(|| panic!("{key:?} is missing"));
            let observed = finding["observed"].as_str().unwrap_or("cannot_tell");
            // What verify cannot tell, for more may come, an audit takes as it is.
            if observed != "cannot_tell" {
                assert_eq!(one["met"], observed, "{key:?} of {scenario}: {one}");
                compared += 1;
            }
        }
        assert!(compared >= 10, "{compared} compared of {scenario}");
    }
}

#[test]
fn a_run_without_telemetry_says_where_else_to_ask() {
    let folder = TempDir::new().expect("a folder");
    json_of(
        &folder,
        &["run", "cold-start", "--quiet", "--json", "--out", "run"],
    );
    std::fs::remove_file(folder.path().join("run/telemetry.db")).expect("it was there");
    let Finished { code, err, .. } = Finished::of(loadgen_in(folder.path()).args(["audit", "run"]));
    assert_eq!(code, Some(2));
    assert!(err.contains("holds no telemetry"), "{err}");
}
