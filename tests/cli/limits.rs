//! `--threshold` and `--abort-on`.

use crate::{place::Place, support::server::plain_server};

/// Nearly all requests fail, for as long as nobody stops it.
const FAILING: &str = r#"
name = "failing"
title = "Nearly all raise"
[[phase]]
name = "steady"
rate = 40
for = "5m"
fault = { kind = "error", share = 0.9 }
"#;

#[test]
fn a_limit_from_the_command_line_decides_and_stays_with_the_run() {
    let place = Place::new();
    let words = ["cold-start", "--times", "1", "--burst", "6", "--json"];
    let missed = place.run(&[&words[..], &["--threshold", "response.all.p50 < 1us"]].concat());
    assert_eq!(missed.code, Some(1), "{}", missed.err);
    let run = missed.json();
    assert_eq!(run["verdict"], "missed");
    assert_eq!(run["thresholds"][0]["met"], false);
    assert_eq!(
        run["scenario"]["changes"][2],
        "threshold = response.all.p50 < 1us"
    );
    let again = place.run(&["verify", "--json"]);
    assert_eq!(again.code, Some(1));
    assert_eq!(again.json()["thresholds"], run["thresholds"]);

    let kept = place.run(&[&words[..], &["--threshold", "response.all.p50 < 1h"]].concat());
    assert_eq!(kept.code, Some(0), "{}", kept.err);
    assert_eq!(kept.json()["thresholds"][0]["met"], true);
}

#[test]
fn a_run_is_stopped_early_with_the_reason_and_its_report() {
    let place = Place::new();
    place.write("failing.toml", FAILING);
    let ended = place.run(&["run", "failing.toml", "--abort-on", "errors.share > 50%"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let page = ended.out.replace("\n ", "");
    assert!(
        page.starts_with("✗ Stopped early (") && page.contains("answers): errors.share was"),
        "{page}"
    );
    let run = place.run(&["report", "--format", "json"]).json();
    assert_eq!(run["verdict"], "missed");
    let sent = run["requests"]["sent"].as_u64().expect("a count");
    assert!((20..12_000).contains(&sent), "{sent}");
    assert!(run["aborted"].as_str().expect("a reason").contains("> 50%"));
    let junit = place.run(&["report", "--format", "junit"]).out;
    assert!(junit.contains("errors.share not &gt; 50%"), "{junit}");
}

/// Two phases, of which one is always cold.
const TWO_PHASES: &str = r#"
name = "two"
title = "A cold burst, then calm"
seed = 1
[[phase]]
name = "idle"
idle = "15m"
[[phase]]
name = "burst"
burst = 8
[[phase]]
name = "calm"
rate = 20
for = "1s"
[repeat]
times = 2
[thresholds]
"phase.burst.response.p50" = "> 500ms"
"phase.burst.cold.share" = ">= 100%"
"phase.calm.requests.sent" = ">= 40"
"#;

#[test]
fn a_limit_on_a_phase_counts_its_own_requests_and_stays_with_the_run() {
    let place = Place::new();
    place.write("two.toml", TWO_PHASES);
    let limit = ["--threshold", "phase.calm.response.p50 < 1us"];
    let ended = place.run(&[&["run", "two.toml", "--json"], &limit[..]].concat());
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let run = ended.json();
    let found = |metric: &str| {
        let mut limits = run["thresholds"].as_array().expect("limits").iter();
        limits
            .find(|limit| limit["metric"] == metric)
            .expect(metric)
    };
    for (metric, met) in [
        ("phase.burst.response.all.p50", true),
        ("phase.burst.cold.share", true),
        ("phase.calm.requests.sent", true),
        ("phase.calm.response.all.p50", false),
    ] {
        assert_eq!(found(metric)["met"], met, "{}", run["thresholds"]);
    }
    assert_eq!(found("phase.burst.cold.share")["value"], 1.0);
    let again = place.run(&["verify", "--json"]).json();
    assert_eq!(again["thresholds"], run["thresholds"]);
    let page = place.run(&["report"]).out;
    assert!(
        page.contains("phase.calm.response.all.p50 < 1us: missed, was"),
        "{page}"
    );
}

#[test]
fn a_run_is_stopped_for_what_one_phase_does() {
    let place = Place::new();
    place.write("failing.toml", FAILING);
    let condition = ["--abort-on", "phase.steady.response.p50 > 1us"];
    let ended = place.run(&[&["run", "failing.toml"], &condition[..]].concat());
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let run = place.run(&["report", "--format", "json"]).json();
    let why = run["aborted"].as_str().expect("a reason");
    assert!(
        why.starts_with("phase.steady.response.all.p50 was"),
        "{why}"
    );
}

#[test]
fn a_phase_that_there_is_not_is_told_with_the_nearest_and_nothing_is_sent() {
    let place = Place::new();
    place.write("two.toml", TWO_PHASES);
    place.write(
        "slip.toml",
        &TWO_PHASES.replace("phase.calm.", "phase.clam."),
    );
    for (words, told) in [
        (
            &[
                "run",
                "two.toml",
                "--threshold",
                "phase.brst.response.p95 < 1s",
            ][..],
            "`burst`",
        ),
        (
            &[
                "run",
                "two.toml",
                "--abort-on",
                "phase.brst.errors.share > 1%",
            ],
            "`burst`",
        ),
        (&["run", "slip.toml"], "`calm`"),
        (
            &[
                "bench",
                "http://127.0.0.1:9/",
                "--threshold",
                "phase.x.response.p95 < 1s",
            ],
            "no phases",
        ),
    ] {
        let ended = place.run(words);
        assert_eq!(ended.code, Some(2), "{words:?}: {}", ended.out);
        assert!(ended.err.contains(told), "{}", ended.err);
        assert!(!place.has_runs(), "{words:?}");
    }
}

#[test]
fn what_is_not_so_stops_nothing() {
    let place = Place::new();
    // The first is so from the beginning, but three requests are too few to stop for.
    let ended = place.run(&[
        "cold-start",
        "--times",
        "1",
        "--burst",
        "3",
        "--abort-on",
        "errors.share >= 0%",
        "--abort-on",
        "response.all.p50 > 1h",
    ]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let run = place.run(&["report", "--format", "json"]).json();
    assert_eq!(run.get("aborted"), None);
    assert_eq!(run["thresholds"].as_array().map(Vec::len), Some(0));
}

#[test]
fn what_the_last_answer_makes_so_is_a_limit_that_was_missed() {
    let place = Place::new();
    let url = plain_server();
    let words = ["bench", &url, "--rate", "100/s", "--duration", "300ms"];
    // Whoever looks a moment before the end sees fewer.
    let limit = ["--abort-on", "requests.completed >= 30", "--json"];
    let ended = place.run(&[&words[..], &limit].concat());
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert_eq!(ended.json()["thresholds"][0]["met"], false);
}
