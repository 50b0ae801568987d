//! The two headline scenarios and their kin, against the embedded sandbox and elsewhere.

use serde_json::Value;

use crate::{place::Place, support::server::plain_server};

fn insight<'a>(run: &'a Value, id: &str, function: &str) -> &'a Value {
    run["insights"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|finding| finding["id"] == id && finding["function"] == function)
        .unwrap_or_else(|| panic!("no finding for {id} of {function}"))
}

const ENTRY: &str = "datadog-sample-entry-function";
const CONSUMER: &str = "datadog-sample-sqs-consumer-function";

#[test]
fn cold_start_shows_cold_starts_by_marker_and_finds_their_insight_on_both_functions() {
    let place = Place::new();
    let ended = place.run(&["cold-start", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let run = ended.json();
    assert_eq!(run["requests"]["sent"], 60);
    assert_eq!(run["cold"]["cold"], 60);
    assert_eq!(run["cold"]["evidence"]["marker"], 60);
    // How long the environments took to come up stands in the REPORT lines, of each request.
    assert_eq!(run["init_times"]["source"], "report_lines");
    assert_eq!(run["init_times"]["joined"], 60);
    assert_eq!(run["latency_ms"]["init"]["cold"]["n"], 60);
    let (init, response) = (
        run["latency_ms"]["init"]["cold"]["p50"].as_f64(),
        run["latency_ms"]["response"]["cold"]["p50"].as_f64(),
    );
    assert!(
        init > Some(0.0) && init < response,
        "{init:?} of {response:?}"
    );
    assert_eq!(run["verdict"], "met");
    for function in [ENTRY, CONSUMER] {
        let finding = insight(&run, "cold_starts", function);
        assert_eq!(finding["verdict"], "seen", "{finding}");
        assert_eq!(finding["basis"], "sandbox", "{finding}");
    }
    for finding in run["insights"].as_array().expect("a list") {
        assert_ne!(finding["verdict"], "unexpected", "{finding}");
    }
}

#[test]
fn the_report_carries_every_key_that_others_rely_on() {
    let place = Place::new();
    let run = place
        .run(&["cold-start", "--times", "1", "--burst", "2", "--json"])
        .json();
    for key in [
        "schema",
        "tool_version",
        "run_id",
        "scenario.name",
        "target.kind",
        "simulated",
        "started_at",
        "ended_at",
        "interrupted",
        "requests.planned",
        "requests.sent",
        "requests.completed",
        "requests.failed",
        "requests.timed_out",
        "requests.not_sent",
        "schedule.send_lag_ms.p50",
        "schedule.send_lag_ms.p99",
        "schedule.send_lag_ms.max",
        "latency_ms.response.all.n",
        "latency_ms.service.cold.p999",
        "latency_ms.connect.unknown.mean",
        "cold.share_low",
        "cold.share_high",
        "cold.evidence",
        "status.200",
        "failures",
        "phases",
        "insights",
        "thresholds",
        "verdict",
    ] {
        let pointer = format!("/{}", key.replace('.', "/"));
        assert!(run.pointer(&pointer).is_some(), "{key} is missing");
    }
    assert_eq!(run["schema"], "loadgen.run/1");
    assert_eq!(run["target"]["kind"], "sandbox");
}

#[test]
fn errors_are_expected_seen_and_told_apart_from_temperature() {
    let place = Place::new();
    let ended = place.run(&["errors", "--for", "3s", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let run = ended.json();
    assert_eq!(run["failures"]["function_error"], 12);
    for id in ["errors", "high_errors"] {
        assert_eq!(insight(&run, id, ENTRY)["verdict"], "seen");
    }
    // A bare 502 has no marker: what is known of its temperature comes from its trace.
    assert_eq!(run["cold"]["evidence"]["trace"], 12);
    assert_eq!(run["cold"]["unknown"], 0);
}

#[test]
fn quiet_traffic_shows_no_insight_on_the_entry_function() {
    let place = Place::new();
    let ended = place.run(&["run", "quiet", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let run = ended.json();
    for finding in run["insights"].as_array().expect("a list") {
        if finding["function"] == ENTRY {
            assert!(
                matches!(finding["verdict"].as_str(), Some("absent" | "cannot_tell")),
                "{finding}"
            );
        }
    }
}

#[test]
fn a_server_that_gives_no_evidence_is_unknown_and_nobody_can_tell() {
    let place = Place::new();
    let url = plain_server();
    let ended = place.run(&[
        "cold-start",
        "--idle",
        "100ms",
        "--times",
        "2",
        "--burst",
        "5",
        "--url",
        &url,
        "--json",
    ]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let run = ended.json();
    assert_eq!(run["target"]["kind"], "http");
    assert_eq!(run["requests"]["completed"], 10);
    assert_eq!(run["cold"]["unknown"], 10);
    assert_eq!(run["cold"]["share_low"], 0.0);
    assert_eq!(run["cold"]["share_high"], 1.0);
    assert_eq!(
        insight(&run, "cold_starts", "(unnamed function)")["verdict"],
        "cannot_tell"
    );
    assert_eq!(run["target"]["functions"]["entry"], Value::Null);
}

#[test]
fn a_plan_sends_nothing_and_predicts_what_the_run_then_shows() {
    let place = Place::new();
    let plan = place.run(&["plan", "cold-start"]);
    assert_eq!(plan.code, Some(0));
    assert!(!place.has_runs());
    assert!(plan.out.contains("cold_starts"), "{}", plan.out);
    assert!(plan.out.contains("must appear"), "{}", plan.out);
    let run = place.run(&["cold-start", "--times", "1", "--json"]).json();
    for finding in run["insights"].as_array().expect("a list") {
        let (predicted, observed) = (&finding["predicted"], &finding["observed"]);
        let settled = |met: &Value| met == "yes" || met == "no";
        if settled(predicted) && settled(observed) {
            assert_eq!(predicted, observed, "{finding}");
        }
    }
}

#[test]
fn a_missed_limit_is_told_and_ends_with_1() {
    let place = Place::new();
    place.write(
        "strict.toml",
        "name = \"strict\"\n[[phase]]\nname = \"one\"\nburst = 3\n\
         [thresholds]\n\"response.all.max\" = \"< 1ms\"\n\"errors.count\" = \"<= 0\"\n",
    );
    let ended = place.run(&["run", "strict.toml", "--json"]);
    assert_eq!(ended.code, Some(1));
    let run = ended.json();
    assert_eq!(run["verdict"], "missed");
    let limits = run["thresholds"].as_array().expect("a list");
    let met: Vec<_> = limits.iter().map(|limit| &limit["met"]).collect();
    assert_eq!(met, [false, true]);
}

#[test]
fn an_expectation_that_cannot_be_met_ends_with_1_and_the_reason() {
    let place = Place::new();
    place.write(
        "hope.toml",
        "name = \"hope\"\n[[phase]]\nname = \"one\"\nburst = 3\n\
         [expect]\ninsights = [\"timeouts\"]\n",
    );
    let ended = place.run(&["run", "hope.toml", "--wait", "0s"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("timeouts missing"), "{}", ended.out);
}

#[test]
fn verify_asks_again_over_the_telemetry_that_the_run_kept() {
    let place = Place::new();
    let run = place
        .run(&["cold-start", "--times", "1", "--no-verify", "--json"])
        .json();
    assert_eq!(insight(&run, "cold_starts", ENTRY)["basis"], "client");
    let verified = place.run(&["verify", "--json"]);
    assert_eq!(verified.code, Some(0), "{}", verified.err);
    let verified = verified.json();
    let finding = insight(&verified, "cold_starts", ENTRY);
    assert_eq!(finding["verdict"], "seen");
    assert_eq!(finding["basis"], "sandbox");
}
