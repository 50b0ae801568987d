//! The language of all that is said: typed, or else the environment's.

use loadgen::scenario::BUILTINS;

use crate::{
    place::Place,
    support::{command::Finished, korean::english, server::plain_server},
};

/// Runs `loadgen` with these words, which speaks Korean in all that it says.
#[track_caller]
fn in_korean(place: &Place, words: &[&str], code: i32) -> Finished {
    let ended = Finished::of(place.command(words).env("LOADGEN_LANG", "ko"));
    assert_eq!(ended.code, Some(code), "{words:?}: {}", ended.err);
    let said = format!("{}{}", ended.out, ended.err);
    let none: Vec<String> = Vec::new();
    assert_eq!(english(&said), none, "{words:?}:\n{said}");
    assert!(said.contains(|c| ('가'..='힣').contains(&c)), "{said}");
    ended
}

#[test]
fn the_first_variable_that_is_set_to_something_decides_and_what_is_typed_before_all() {
    let place = Place::new();
    let says = |set: &[(&str, &str)], words: &[&str]| {
        let mut command = place.command(&[&["run", "missing.toml"], words].concat());
        let ended = Finished::of(command.envs(set.iter().copied()));
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        ended.err
    };
    for (set, words) in [
        (&[("LANG", "ko_KR.UTF-8")][..], &[][..]),
        (&[("LC_MESSAGES", "ko.eucKR"), ("LANG", "C")], &[]),
        (&[("LC_ALL", ""), ("LANG", "ko")], &[]),
        (&[("LOADGEN_LANG", "ko"), ("LC_ALL", "en_US.UTF-8")], &[]),
        (&[("LC_ALL", "POSIX")], &["--lang", "ko"]),
    ] {
        let said = says(set, words);
        assert!(said.starts_with("오류: 파일"), "{set:?} {words:?}: {said}");
    }
    for (set, words) in [
        (&[][..], &[][..]),
        (&[("LANG", "C.UTF-8")], &[]),
        (&[("LC_ALL", "xx_YY"), ("LANG", "ko_KR.UTF-8")], &[]),
        (&[("LANG", "ko_KR.UTF-8")], &["--lang=en"]),
    ] {
        let said = says(set, words);
        assert!(said.starts_with("error: there is no file"), "{said}");
    }
    let said = says(&[], &["--lang", "xx"]);
    assert!(said.contains("`xx`") && said.contains("en, ko"), "{said}");
}

#[test]
fn a_run_is_told_in_korean_from_the_plan_to_what_to_do_next() {
    let place = Place::new();
    let ended = in_korean(&place, &["cold-start", "--burst", "5", "--times", "2"], 0);
    for part in [
        "cold-start: 환경이 회수될 때까지 유휴, 이어서 버스트",
        "진입 함수에 예측되는 인사이트",
        "burst 1/2: 보냄 5회, 콜드 5회(유휴 15 min 건너뜀)",
        "cold_starts 확실함",
        "실행 기록: ",
    ] {
        assert!(ended.err.contains(part), "{part} in\n{}", ended.err);
    }
    in_korean(&place, &["errors", "--for", "2s"], 0);
    in_korean(&place, &["verify", "--wait", "0s"], 0);
    let url = plain_server();
    let bench = ["bench", &url, "--rate", "100/s", "--duration", "200ms"];
    in_korean(&place, &bench, 0);
}

#[test]
fn every_built_in_scenario_is_planned_and_simulated_in_korean() {
    let place = Place::new();
    in_korean(&place, &["scenarios"], 0);
    for builtin in BUILTINS {
        in_korean(&place, &["plan", builtin.name], 0);
        let code = if builtin.name == "shop" { 2 } else { 0 };
        in_korean(&place, &["simulate", builtin.name], code);
    }
    let sweep = ["--sweep", "expiry=5m..20m"];
    let swept = ["simulate", "cold-start", "--sweep", "expiry=5m..20m"];
    in_korean(&place, &swept, 0);
    let steady = [
        "simulate",
        "--arrivals",
        "poisson:1/s",
        "--duration",
        "1000s",
    ];
    in_korean(&place, &steady, 0);
    in_korean(&place, &[&steady[..], &sweep].concat(), 0);
}

#[test]
fn what_cannot_run_is_refused_in_korean() {
    let place = Place::new();
    place.write(
        "bad.toml",
        "name = \"no good\"\nsed = 1\n[[phase]]\nname = \"단계\"\nbust = 1\n",
    );
    place.write(
        "secret.toml",
        "name = \"secret\"\n[request]\nheaders = { authorization = \"${LOADGEN_TEST_UNSET}\" }\n\
         [[phase]]\nname = \"one\"\nburst = 1\n",
    );
    let far = "https://host.invalid/";
    for words in [
        &["run", "bad.toml"][..],
        &["run", "secret.toml"],
        &["run", "cold-strat"],
        &["scenarios", "erors"],
        &["cold-start", "--idle", "0s"],
        &["errors", "--share", "1.5"],
        &["cold-start", "--url", "nonsense"],
        &["cold-start", "--url", "http://host.invalid/"],
        &["cold-start", "--url", far, "--burst", "4000"],
        &["cold-start", "--url", far, "--no-verify"],
        &["cold-start", "--function", "mine"],
        &["cold-start", "--abort-on", "init.p95 > 1s"],
        &["bench", far, "--threshold", "response.p95 < 1s"],
        &["report", "nowhere"],
        &["verify"],
    ] {
        in_korean(&place, words, 2);
    }
}
