//! `--threshold` and `--abort-on`.

use crate::place::Place;

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
fn a_percentile_that_the_plan_cannot_support_is_refused_as_a_reason_to_stop() {
    let place = Place::new();
    let limit = ["--abort-on", "response.p99 > 1s"];
    let bench = [
        "bench",
        "http://127.0.0.1:9/",
        "--rate",
        "10/s",
        "--duration",
        "1s",
    ];
    for words in [&["cold-start", "--times", "1"][..], &bench] {
        let ended = place.run(&[words, &limit].concat());
        assert_eq!(ended.code, Some(2), "{words:?}: {}", ended.out);
        assert!(ended.err.contains("needs 299 responses"), "{}", ended.err);
        assert!(!place.has_runs(), "{words:?}");
    }
}
