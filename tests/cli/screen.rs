//! What a run ends with, and what is planned, fits a terminal of 24 lines and 80 columns in both
//! languages, and the verdict stands last.

use loadgen::{report::text::columns, scenario::BUILTINS};

use crate::place::Place;

/// What is printed on stdout.
#[track_caller]
fn printed(place: &Place, words: &[&str]) -> String {
    let ended = place.run(words);
    assert!(
        matches!(ended.code, Some(0 | 1)),
        "{words:?}: {}",
        ended.err
    );
    ended.out
}

#[track_caller]
fn fits(page: &str, rows: usize) {
    for line in page.lines() {
        assert!(
            columns(line) <= 80,
            "{} columns: {line}\n{page}",
            columns(line)
        );
    }
    let count = page.lines().count();
    assert!(count <= rows, "{count} lines, not {rows}:\n{page}");
}

#[test]
fn every_built_in_scenario_is_planned_and_reported_on_one_screen() {
    let place = Place::new();
    for builtin in BUILTINS {
        for (lang, verdict) in [("en", " requests failed · "), ("ko", "회 실패 · ")] {
            let plan = printed(&place, &["plan", builtin.name, "--lang", lang]);
            // The prompt takes a line.
            fits(&plan, 23);
            if builtin.name == "shop" {
                continue;
            }
            let report = printed(&place, &["simulate", builtin.name, "--lang", lang]);
            // So do the three lines that say where the run is.
            fits(&report, 20);
            let last = report.lines().last().unwrap_or_default();
            assert!(last.contains(verdict), "{report}");
            let full = printed(
                &place,
                &["simulate", builtin.name, "--lang", lang, "--full"],
            );
            assert!(full.lines().count() > report.lines().count(), "{full}");
        }
    }
}

#[test]
fn the_last_screen_of_a_run_says_where_it_is_what_it_rests_on_and_the_verdict_last() {
    let place = Place::new();
    for (lang, parts) in [
        (
            "en",
            [
                "The run is in ",
                "Response time ",
                "needs 299",
                "✓ Met (",
                "requests failed",
            ],
        ),
        (
            "ko",
            [
                "실행 기록: ",
                "응답 시간 ",
                "299 필요",
                "✓ 충족(",
                "회 실패",
            ],
        ),
    ] {
        let ended = place.run(&["errors", "--lang", lang]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        fits(&ended.out, 20);
        for part in parts {
            let said = [&ended.err, &ended.out]
                .iter()
                .any(|text| text.contains(part));
            assert!(said, "{part} in {}{}", ended.err, ended.out);
        }
        for line in ended
            .err
            .lines()
            .filter(|line| !line.contains("loadgen-runs/"))
        {
            assert!(columns(line) <= 80, "{} columns: {line}", columns(line));
        }
        let quiet = place.run(&["errors", "--lang", lang, "--quiet"]);
        assert_eq!(quiet.err, "");
    }
}
