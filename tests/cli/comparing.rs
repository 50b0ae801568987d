//! `loadgen compare`.

use super::place::Place;

fn simulated(place: &Place, scenario: &str, seed: &str) {
    let name = format!("{scenario}-{seed}");
    let words = ["simulate", scenario, "--seed", seed, "--out", &name];
    assert_ne!(place.run(&words).code(), Some(2));
}

#[test]
fn two_runs_of_one_scenario_are_compared_in_every_format() {
    let place = Place::new();
    simulated(&place, "cold-start", "1");
    simulated(&place, "cold-start", "2");
    let words = ["compare", "cold-start-1", "cold-start-2"];
    let page = place.run(&words);
    assert_eq!(page.code(), Some(0), "{}", page.talk());
    for told in [
        "No difference that this many requests could show",
        "simulated, none sent",
        "95 % band",
        "The seed differs",
        "A burst counts as one observation",
    ] {
        assert!(page.out().contains(told), "{told}: {}", page.out());
    }
    assert!(page.out().lines().all(|line| line.chars().count() <= 100));
    let of = |format| {
        place
            .run(&[&words[..], &["--format", format]].concat())
            .out()
    };
    let json: serde_json::Value = serde_json::from_str(&of("json")).expect("JSON");
    assert_eq!(json["finding"], "no_difference");
    assert!(of("markdown").lines().count() < 60);
    let html = of("html");
    assert!(html.contains("<svg") && !html.contains("<script"));
    let limit = ["--fail-on", "cold.p50 > 0%"];
    let held = place.run(&[&words[..], &limit].concat());
    assert_eq!(held.code(), Some(0), "{}", held.out());
    assert!(held.out().contains("not beyond noise"), "{}", held.out());
}

#[test]
fn the_init_time_is_compared_as_lambda_measured_it() {
    let place = Place::new();
    simulated(&place, "cold-start", "1");
    simulated(&place, "cold-start", "2");
    let json = |words: &[&str]| -> serde_json::Value {
        serde_json::from_str(&place.run(words).out()).expect("JSON")
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
    assert_eq!(held.code(), Some(0), "{}", held.out());
    assert!(
        held.out().contains("Init time of cold starts"),
        "{}",
        held.out()
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
        let why = init[0]["untold"].as_str().expect("why");
        assert!(why.contains(told) && init[0]["chance"].is_null(), "{why}");
    }
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
        assert_eq!(ended.code(), Some(2), "{words:?}");
        assert!(ended.talk().contains(told), "{}", ended.talk());
    }
    let anyway = place.run(&["compare", "cold-start-1", "errors-1", "--anyway"]);
    assert_eq!(anyway.code(), Some(0), "{}", anyway.talk());
    assert!(anyway.out().contains("The scenario differs"));
    let same = place.run(&["compare", "cold-start-1", "cold-start-1"]);
    assert!(same.out().contains("No difference"), "{}", same.out());
}
