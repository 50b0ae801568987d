//! Runs that are cut short keep what they measured.

use super::place::{Place, signal, until_samples};

#[test]
fn what_a_killed_run_recorded_can_still_be_reported() {
    let place = Place::new();
    let mut child = place
        .command(&["run", "steady", "--quiet"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("loadgen starts");
    until_samples(&place);
    signal(&child, "KILL");
    child.wait().expect("it ends");
    let report = place.run(&["report", "--format", "json"]);
    assert_eq!(report.code, Some(0), "{}", report.err);
    let run = report.json();
    assert_eq!(run["interrupted"], true);
    assert_eq!(run["requests"]["planned"], 200);
    let sent = run["requests"]["sent"].as_u64().expect("a number");
    assert!((5..200).contains(&sent), "{sent}");
    assert_eq!(run["verdict"], "not_verified");
}

#[test]
fn one_ctrl_c_lets_requests_finish_reports_and_ends_with_130() {
    let place = Place::new();
    let child = place
        .command(&["run", "steady", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("loadgen starts");
    until_samples(&place);
    signal(&child, "INT");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(run["interrupted"], true);
    let requests = &run["requests"];
    assert_eq!(requests["sent"], requests["completed"], "{requests}");
    let sum: u64 = ["completed", "failed", "timed_out", "not_sent"]
        .iter()
        .filter_map(|key| requests[*key].as_u64())
        .sum();
    assert_eq!(requests["planned"], sum, "{requests}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::new();
    let mut child = place
        .command(&["scenarios", "--schema"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("loadgen starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_reader_that_goes_away_does_not_change_a_verdict() {
    let place = Place::new();
    let scenario = "name = \"own\"\n[[phase]]\nname = \"a\"\nburst = 2\n";
    place.write("own.toml", scenario);
    let url = "http://127.0.0.1:9/";
    let mut child = place
        .command(&["run", "own.toml", "--url", url, "--no-verify", "--quiet"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("loadgen starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(1));
}
