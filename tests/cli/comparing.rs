//! `loadgen compare`.

use loadgen::record::Keep;

use super::place::Place;

fn simulated(place: &Place, scenario: &str, seed: &str) {
    let name = format!("{scenario}-{seed}");
    let words = ["simulate", scenario, "--seed", seed, "--out", &name];
    assert_ne!(place.run(&words).code, Some(2));
}

#[test]
fn two_runs_of_one_scenario_are_compared_in_every_format() {
    let place = Place::new();
    simulated(&place, "cold-start", "1");
    simulated(&place, "cold-start", "2");
    let words = ["compare", "cold-start-1", "cold-start-2"];
    let page = place.run(&words);
    assert_eq!(page.code, Some(0), "{}", page.err);
    for told in [
        "No significant difference",
        "simulated, none sent",
        "95 % band",
        "The seed differs",
        "A burst counts as one observation",
    ] {
        assert!(page.out.contains(told), "{told}: {}", page.out);
    }
    assert!(page.out.lines().all(|line| line.chars().count() <= 100));
    let of = |format| place.run(&[&words[..], &["--format", format]].concat()).out;
    let json: serde_json::Value = serde_json::from_str(&of("json")).expect("JSON");
    assert_eq!(json["finding"], "no_difference");
    assert!(of("markdown").lines().count() < 60);
    let html = of("html");
    assert!(html.contains("<svg") && html.contains(">Finding</th>") && !html.contains("<script"));
    let limit = ["--fail-on", "cold.p50 > 0%"];
    let held = place.run(&[&words[..], &limit].concat());
    assert_eq!(held.code, Some(0), "{}", held.out);
    assert!(held.out.contains("not above noise"), "{}", held.out);
}

#[test]
fn the_init_time_is_compared_as_lambda_measured_it() {
    let place = Place::new();
    simulated(&place, "cold-start", "1");
    simulated(&place, "cold-start", "2");
    let json = |words: &[&str]| -> serde_json::Value {
        serde_json::from_str(&place.run(words).out).expect("JSON")
    };
    let run = json(&["report", "cold-start-1", "--format", "json"]);
    assert_eq!(run["init_times"]["source"], "model");
    assert_eq!(run["latency_ms"]["init"]["cold"]["n"], run["cold"]["cold"]);
    let words = ["compare", "cold-start-1", "cold-start-2"];
    let compared = json(&[&words[..], &["--format", "json"]].concat());
    let rows = compared["rows"].as_array().expect("rows");
    let row = |metric: &str| rows.iter().find(|row| row["metric"] == metric).cloned();
    let init = row("init.cold.p50").expect("a row");
    assert!(
        init["low"].is_number() && init["high"].is_number(),
        "{init}"
    );
    let held = place.run(&[&words[..], &["--fail-on", "init.cold.p50 > 900%"]].concat());
    assert_eq!(held.code, Some(0), "{}", held.out);
    assert!(
        held.out.contains("Init time of cold starts"),
        "{}",
        held.out
    );

    // A run of before, and one whose logs were not kept.
    let of_metric = r#"{"function":"f","basis":"datadog","source":"metric","n":60,"mean_ms":900.0,"max_ms":1100.0,"joined":0}"#;
    for (name, times, metric, told) in [
        (
            "cold-start-2",
            Some(of_metric),
            "init.cold.mean",
            "a mean alone",
        ),
        (
            "cold-start-2",
            None,
            "init.cold.mean",
            "no line of Lambda's says",
        ),
        (
            "cold-start-1",
            None,
            "init.cold.p50",
            "no line of Lambda's says",
        ),
    ] {
        place.change_run(name, |run| {
            run["latency_ms"]
                .as_object_mut()
                .expect("an object")
                .remove("init");
            run["init_times"] = times.map_or(serde_json::Value::Null, |times| {
                serde_json::from_str(times).expect("JSON")
            });
        });
        let compared = json(&[&words[..], &["--format", "json"]].concat());
        let rows = compared["rows"].as_array().expect("rows");
        let of_init = |row: &&serde_json::Value| {
            row["metric"]
                .as_str()
                .is_some_and(|name| name.starts_with("init."))
        };
        let init: Vec<_> = rows.iter().filter(of_init).collect();
        assert_eq!(init.len(), 1, "{init:?}");
        assert_eq!(init[0]["metric"], metric);
        let why = init[0]["reason"]["text"].as_str().expect("why");
        assert!(why.contains(told) && init[0]["chance"].is_null(), "{why}");
    }
}

#[test]
fn a_report_that_was_shared_stands_for_its_run() {
    let place = Place::new();
    simulated(&place, "errors", "1");
    simulated(&place, "errors", "2");
    let report = [
        "report",
        "errors-1",
        "--format",
        "html",
        "--out",
        "shared.html",
    ];
    assert_eq!(place.run(&report).code, Some(0));
    let rows = |a: &str, b: &str| {
        let ended = place.run(&["compare", a, b, "--format", "json"]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.json()["rows"].clone()
    };
    let of_runs = rows("errors-1", "errors-2");
    let of_report = rows("shared.html", "errors-2");
    let bands = |rows: &serde_json::Value| -> Vec<(String, Option<String>)> {
        let said = |row: &serde_json::Value| {
            let low = row["low"].as_f64().map(|low| format!("{low:.4}"));
            (row["metric"].to_string(), low)
        };
        rows.as_array().expect("rows").iter().map(said).collect()
    };
    assert!(bands(&of_runs).iter().any(|(_, low)| low.is_some()));
    assert_eq!(bands(&of_report), bands(&of_runs));
    let itself = place.run(&["compare", "errors-1", "shared.html"]);
    assert!(
        itself.out.contains("No significant difference"),
        "{}",
        itself.out
    );
    assert!(
        itself.out.contains("Of B there is its report alone"),
        "{}",
        itself.out
    );
}

#[test]
fn a_run_of_which_few_samples_are_left_does_not_differ_from_itself() {
    let place = Place::new();
    simulated(&place, "errors", "1");
    let words = ["simulate", "errors", "--seed", "1", "--out", "thinned"];
    assert_ne!(place.run(&words).code, Some(2));
    let keep = Keep::share(0.4);
    place.change_run("thinned", |run| run["samples"]["share"] = 0.4.into());
    place.change_file("thinned/samples.ndjson", |text| {
        let kept = |line: &&str| {
            let sample: serde_json::Value = serde_json::from_str(line).expect("a sample");
            keep.takes(sample["index"].as_u64().expect("an index"))
        };
        text.lines()
            .filter(kept)
            .map(|line| format!("{line}\n"))
            .collect()
    });
    let ended = place.run(&["compare", "errors-1", "thinned", "--format", "json"]);
    let compared = ended.json();
    assert_eq!(compared["finding"], "no_difference", "{compared}");
    for row in compared["rows"].as_array().expect("rows") {
        assert_eq!(row["n_a"], row["n_b"], "{row}");
        assert_eq!(row["a"], row["b"], "{row}");
    }
    let notes = compared["notes"].to_string();
    assert!(
        notes.contains("Of B only some samples are there"),
        "{notes}"
    );
}

#[test]
fn a_phase_is_compared_by_itself_where_a_limit_names_it() {
    let place = Place::new();
    simulated(&place, "cold-start", "1");
    simulated(&place, "cold-start", "2");
    let words = ["compare", "cold-start-1", "cold-start-2"];
    let with = |limit: &str| place.run(&[&words[..], &["--fail-on", limit]].concat());
    let kept = with("phase.burst.cold.p50 > 900%");
    assert_eq!(kept.code, Some(0), "{}{}", kept.out, kept.err);
    let said = "phase.burst.response.cold.p50 > 900%: kept";
    assert!(kept.out.contains(said), "{}", kept.out);
    let slip = with("phase.brst.cold.p50 > 10%");
    assert_eq!(slip.code, Some(2), "{}", slip.out);
    assert!(slip.err.contains("`burst`"), "{}", slip.err);
    let report = [
        "report",
        "cold-start-1",
        "--format",
        "html",
        "--out",
        "one.html",
    ];
    assert_eq!(place.run(&report).code, Some(0));
    let limit = "phase.burst.cold.p50 > 900%";
    let untold = place.run(&["compare", "one.html", "cold-start-2", "--fail-on", limit]);
    assert_eq!(untold.code, Some(1), "{}", untold.out);
    assert!(untold.out.contains("every sample"), "{}", untold.out);
}

#[test]
fn a_file_that_is_no_report_or_a_cut_one_is_told_apart() {
    let place = Place::new();
    simulated(&place, "errors", "1");
    let page = place.run(&["report", "errors-1", "--format", "html"]).out;
    let end = page.find("loadgen-histograms").expect("data");
    for (text, told) in [
        ("<!DOCTYPE html><p>hello", "is no run"),
        ("", "is no run"),
        (&page[..page.len() / 3], "is cut"),
        (&page[..end + 400], "is cut"),
    ] {
        place.write("page.html", text);
        for words in [["page.html", "errors-1"], ["errors-1", "page.html"]] {
            let ended = place.run(&[&["compare"], &words[..]].concat());
            assert_eq!(ended.code, Some(2), "{}", ended.out);
            assert!(ended.err.contains(told), "{}", ended.err);
            assert!(ended.err.contains("page.html"), "{}", ended.err);
        }
    }
    let older = page.replace("loadgen-scatter", "something-else");
    place.write("older.html", &older);
    let ended = place.run(&["compare", "older.html", "errors-1"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("cannot be determined"), "{}", ended.out);
}

#[test]
fn what_cannot_be_compared_is_refused_and_said() {
    let place = Place::new();
    simulated(&place, "cold-start", "1");
    simulated(&place, "errors", "1");
    for (words, told) in [
        (&["cold-start-1", "nowhere"][..], "is no run"),
        (&["cold-start-1", "errors-1"], "--anyway"),
        (
            &["cold-start-1", "cold-start-1", "--fail-on", "warm.p99"],
            "for example",
        ),
    ] {
        let ended = place.run(&[&["compare"], words].concat());
        assert_eq!(ended.code, Some(2), "{words:?}");
        assert!(ended.err.contains(told), "{}", ended.err);
    }
    let anyway = place.run(&["compare", "cold-start-1", "errors-1", "--anyway"]);
    assert_eq!(anyway.code, Some(0), "{}", anyway.err);
    assert!(anyway.out.contains("The scenario differs"));
    let same = place.run(&["compare", "cold-start-1", "cold-start-1"]);
    assert!(
        same.out.contains("No significant difference"),
        "{}",
        same.out
    );
}
