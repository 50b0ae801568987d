//! `loadgen view` as it is typed.

use assert_cmd::Command;
use predicates::str::contains;

fn view(words: &[&str]) -> assert_cmd::assert::Assert {
    let nowhere = tempfile::tempdir().expect("a folder");
    Command::cargo_bin("loadgen")
        .expect("the binary")
        .current_dir(nowhere.path())
        .env_remove("LOADGEN_RUNS")
        .arg("view")
        .args(words)
        .assert()
}

#[test]
fn without_a_run_it_says_how_to_make_one() {
    view(&[]).code(2).stderr(contains("loadgen cold-start"));
    view(&["nothing-there"]).code(2).stderr(contains("no run"));
}

#[test]
fn a_language_that_is_not_spoken_is_refused() {
    view(&["--lang", "fr"]).code(2).stderr(contains("en, ko"));
}
