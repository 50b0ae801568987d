//! The two headline scenarios and their kin, against the embedded sandbox and elsewhere.

use loadgen::sandbox::{Sandbox, SandboxOptions};
use serde_json::Value;

use crate::place::Place;

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
    assert_eq!(run["schema"], "loadgen.run/2");
    assert_eq!(run["target"]["kind"], "sandbox");
}

#[test]
fn a_plan_sends_nothing_and_predicts_what_the_run_then_shows() {
    let place = Place::new();
    let plan = place.run(&["plan", "cold-start"]);
    assert_eq!(plan.code, Some(0));
    assert!(!place.has_runs());
    assert!(plan.out.contains("cold_starts"), "{}", plan.out);
    assert!(plan.out.contains("✓ cold_starts"), "{}", plan.out);
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
fn a_plan_names_every_predicted_insight_that_the_verdict_would_count_against_the_run() {
    let place = Place::new();
    for scenario in ["cold-start", "errors", "timeouts", "over-provisioned"] {
        for own in [&[][..], &["--function", "mine"]] {
            let typed = [&["plan", scenario][..], own].concat();
            let plan = place.run(&[&typed[..], &["--json"]].concat()).json();
            let insights = plan["functions"][0]["insights"].as_array().expect("a list");
            let said = |more: &[&str]| {
                let text = place.run(&[&typed[..], more].concat()).out;
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            let full = said(&["--full"]);
            let mut shown_forbidden = 0;
            for one in insights {
                let id = one["id"].as_str().expect("an id");
                let shown = ["may", "must"].map(|word| format!(" {id} {word} appear"));
                let Some(shown) = shown.iter().find(|it| full.contains(*it)) else {
                    continue;
                };
                let is_forbidden = ["absent", "others"]
                    .map(Value::from)
                    .contains(&one["expected"]);
                let marked = full.contains(&format!("{shown}, forbidden by `absent`"));
                assert_eq!(marked, is_forbidden, "{id}: {full}");
                shown_forbidden += usize::from(is_forbidden);
            }
            let short = said(&[]);
            let is_said = short.contains("forbidden by `absent`");
            assert_eq!(is_said, shown_forbidden > 0, "{short}");
        }
    }
}

#[test]
fn a_plan_knows_its_target_and_what_its_limits_need() {
    let place = Place::new();
    let own = place.run(&["plan", "cold-start", "--function", "mine"]);
    assert_eq!(own.out.matches("may appear").count(), 1, "{}", own.out);
    let full = place.run(&["plan", "cold-start", "--function", "mine", "--full"]);
    assert!(full.out.matches("may appear").count() > 4, "{}", full.out);
    assert!(full.out.contains("0 to 60 cold starts"), "{}", full.out);

    let sandbox = Sandbox::embedded(SandboxOptions::default()).expect("a sandbox");
    let limit = "thresholds.\"response.cold.p95\"=< 2s";
    let words = [
        "plan",
        "cold-start",
        "--set",
        limit,
        "--set",
        "repeat.times=1",
    ];
    let url = ["--url", &sandbox.info().invoke_url];
    let plan = place.run(&[&words[..], &url].concat());
    assert_eq!(plan.code, Some(0), "{}", plan.err);
    for told in [
        "to the sandbox at",
        "response.cold.p95 < 2s",
        "planned, 59 needed",
    ] {
        assert!(plan.out.contains(told), "{told}: {}", plan.out);
    }
    let bursts = "finds 10 % in cold p50 from 5 of these bursts";
    let plan = plan.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plan.contains(bursts), "{plan}");
    sandbox.stop().expect("it stops");
}
