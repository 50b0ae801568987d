//! The run's folder: what others read of it.

use std::fs;

use hdrhistogram::{
    Histogram,
    serialization::{
        Deserializer,
        interval_log::{IntervalLogIterator, LogEntry},
    },
};

use super::place::Place;

#[test]
fn the_interval_log_holds_exactly_the_runs_latencies() {
    let place = Place::new();
    let run = place
        .run(&["cold-start", "--times", "2", "--burst", "5", "--json"])
        .json();
    let log = fs::read(place.newest().expect("a run").join("histograms.hlog")).expect("a log");
    let mut whole: Histogram<u64> =
        Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("bounds");
    let mut intervals = 0;
    for entry in IntervalLogIterator::new(&log) {
        let LogEntry::Interval(interval) = entry.expect("a readable line") else {
            continue;
        };
        if interval.tag().map(|tag| tag.as_str()) != Some("response.cold") {
            continue;
        }
        let bytes = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            interval.encoded_histogram(),
        )
        .expect("base64");
        let part: Histogram<u64> = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .expect("a histogram");
        whole.add(&part).expect("the same bounds");
        intervals += 1;
    }
    assert!(intervals >= 2, "{intervals} intervals");
    let cold = &run["latency_ms"]["response"]["cold"];
    assert_eq!(cold["n"], whole.len());
    assert_eq!(cold["max"], whole.max() as f64 / 1e3);
}

#[test]
fn a_report_is_the_same_however_often_it_is_asked_for() {
    let place = Place::new();
    let first = place
        .run(&["cold-start", "--times", "1", "--burst", "2"])
        .out;
    assert_eq!(place.run(&["report"]).out, first);
    assert_eq!(place.run(&["report", "latest"]).out, first);
    let json = place.run(&["report", "--format", "json"]).out;
    let kept = fs::read_to_string(place.newest().expect("a run").join("run.json"));
    assert_eq!(json, kept.expect("run.json"));
}

#[test]
fn a_report_goes_into_what_is_there_and_leaves_nothing_beside_it() {
    let place = Place::new();
    place.run(&["cold-start", "--times", "1", "--burst", "2", "--quiet"]);
    let json = place.run(&["report", "--format", "json"]).out;
    let piped = place.run(&["report", "--format", "json", "--out", "/dev/fd/1"]);
    assert_eq!((piped.code, piped.out), (Some(0), json.clone()));
    let into_folder = place.run(&["report", "--out", "loadgen-runs"]);
    assert_eq!(into_folder.code, Some(2), "{}", into_folder.err);
    let written = place.run(&["report", "--format", "json", "--out", "whole.json"]);
    assert_eq!(written.code, Some(0));
    let newest = place.newest().expect("a run");
    let folder = newest.ancestors().nth(2).expect("the place");
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["loadgen-runs", "whole.json"]);
}

#[test]
fn no_file_of_a_run_has_a_secret_of_the_environment() {
    let place = Place::new();
    place.write(
        "secret.toml",
        "name = \"secret\"\n[request]\nmethod = \"POST\"\n\
         headers = { x-token = \"a ${LOADGEN_TEST_KEY}\", x-plain = \"in-clear\" }\n\
         body = '{\"key\": \"${LOADGEN_TEST_KEY}\"}'\n\
         [[phase]]\nname = \"one\"\nburst = 2\n",
    );
    let mut command = place.command(&["run", "secret.toml", "--quiet"]);
    let ended = command.env("LOADGEN_TEST_KEY", "s3cret-s3cret").output();
    assert!(ended.expect("loadgen starts").status.success());
    let mut kept = Vec::new();
    for file in fs::read_dir(place.newest().expect("a run")).expect("a folder") {
        kept.extend(fs::read(file.expect("a file").path()).expect("readable"));
    }
    let has = |text: &str| kept.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has("in-clear"), "payloads are kept");
    assert!(!has("s3cret-s3cret"));
}

#[test]
fn damaged_lines_are_passed_over_and_the_rest_is_read() {
    let place = Place::new();
    place.run(&["cold-start", "--times", "1", "--burst", "3", "--quiet"]);
    let folder = place.newest().expect("a run");
    let samples = folder.join("samples.ndjson");
    let text = fs::read_to_string(&samples).expect("samples");
    let cut = &text[..text.len() - 40];
    fs::write(&samples, format!("garbage\n{{}}\n{cut}")).expect("written");
    let run = fs::read_to_string(folder.join("run.json")).expect("run.json");
    let mut run: serde_json::Value = serde_json::from_str(&run).expect("JSON");
    run["ended_at"] = serde_json::Value::Null;
    fs::write(folder.join("run.json"), run.to_string()).expect("written");
    let report = place.run(&["report", "--format", "json"]).json();
    assert_eq!(report["requests"]["sent"], 2);
    assert_eq!(report["interrupted"], true);
}

#[test]
fn folders_that_are_no_runs_are_told_apart() {
    let place = Place::new();
    assert_eq!(place.run(&["runs"]).code, Some(0));
    for (words, told) in [
        (&["report"][..], "there are no runs"),
        (&["report", "nowhere"][..], "is no run"),
    ] {
        let ended = place.run(words);
        assert_eq!(ended.code, Some(2));
        assert!(ended.err.contains(told), "{}", ended.err);
    }
    place.run(&["cold-start", "--times", "1", "--burst", "1", "--quiet"]);
    let file = place.newest().expect("a run").join("run.json");
    for (text, told) in [
        ("{\"schema\": \"loadgen.run/9\"}", "loadgen.run/9"),
        ("{\"schema\": \"loadgen.run/1\"}", "is damaged"),
        ("not json", "is damaged"),
    ] {
        fs::write(&file, text).expect("written");
        let ended = place.run(&["report"]);
        assert_eq!(ended.code, Some(2), "{text}");
        assert!(ended.err.contains(told), "{}", ended.err);
    }
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let place = Place::new();
    let help = place.run(&["--help"]).out;
    let script = place.run(&["completions", "bash"]).out;
    let manual = place.run(&["man"]).out;
    for command in [
        "cold-start",
        "errors",
        "plan",
        "verify",
        "sandbox",
        "view",
        "aws",
    ] {
        assert!(help.contains(command), "{command}");
        assert!(script.contains(command), "{command}");
        assert!(
            manual.contains(&command.replace('-', "\\-")),
            "{command} is not in the manual"
        );
    }
}

#[test]
fn the_schema_is_of_no_run_and_no_other_format() {
    let ended = Place::new().run(&["report", "--schema", "--format", "csv"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("--schema"), "{}", ended.err);
}

#[test]
fn what_a_run_keeps_in_words_is_korean_in_a_korean_report() {
    let place = Place::new();
    let in_korean = |words: &[&str]| {
        place.run(words);
        place.run(&["report", "--format", "html", "--lang", "ko"])
    };
    let page = in_korean(&["cold-start", "--times", "1", "--burst", "2"]).out;
    assert!(page.contains("동시에 요청 2회") && page.contains("호출 2회 대비 콜드 스타트 2회"));
    assert!(!page.contains("lang=\"en\""));
    let page = in_korean(&["errors", "--abort-on", "errors.count >= 1"]).out;
    let why = "errors.count 값이 실행 종료 조건(&gt;= 1)에 해당했습니다: 1";
    assert!(
        page.contains("조기 중단(응답 ") && page.contains(why),
        "{page}"
    );
    assert!(!page.contains("lang=\"en\"") && page.contains("&gt;= 1 아님"));
}
