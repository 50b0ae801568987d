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
