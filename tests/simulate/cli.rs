//! `loadgen simulate` as it is typed.

use serde_json::Value;

use crate::support::command::{Finished, loadgen};

fn simulate(words: &str) -> Finished {
    Finished::of(loadgen().arg("simulate").args(words.split_whitespace()))
}

fn printed(words: &str) -> (String, i32) {
    let finished = simulate(words);
    (finished.out, finished.code.expect("an exit code"))
}

fn json(words: &str) -> Value {
    simulate(words).json()
}

#[test]
fn steady_arrivals_give_every_figure_with_its_interval() {
    let outcome = json(
        "--arrivals poisson:0.9/s --warm exp:1.991s --cold exp:2.244s --expiry 600s --cap 1000 \
         --reuse newest --duration 10000s --seeds 5 --json",
    );
    for key in [
        "requests",
        "p_cold",
        "p_reject",
        "mean_environments",
        "mean_busy",
    ] {
        let part = |end: &str| outcome[key][end].as_f64().expect(key);
        assert!(part("low") <= part("mean") && part("mean") <= part("high"));
    }
    assert!(outcome["invocations_per_cpu_second"].as_f64() > Some(0.0));
    assert_eq!(outcome["simulated"], true);
}

#[test]
fn the_first_burst_comes_after_the_first_gap() {
    let bursts = |duration: &str| {
        let words = format!(
            "--arrivals burst:50/900s --warm const:0.5s --cold const:1s --duration {duration} \
             --seeds 1 --json"
        );
        json(&words)["requests_total"].as_u64()
    };
    assert_eq!(bursts("900s"), Some(0));
    assert_eq!(bursts("901s"), Some(50));
    assert_eq!(bursts("90000s"), Some(99 * 50));
}

#[test]
fn a_run_without_a_request_has_no_shares() {
    let outcome = json("--arrivals burst:50/900s --duration 1s --json");
    assert_eq!(outcome["p_cold"]["mean"], Value::Null);
    assert_eq!(outcome["mean_busy"]["mean"], 0.0);
}

#[test]
fn a_scenario_s_simulation_is_reported_like_a_run_and_the_same_every_time() {
    let words = "cold-start --json";
    let (first, code) = printed(words);
    assert_eq!(code, 0);
    assert_eq!(printed(words).0, first);
    let run: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(run["schema"], "loadgen.run/2");
    assert_eq!(run["simulated"], true);
    assert_eq!(run["verdict"], "met");
    assert_eq!(run["cold"]["cold"], 60);
    assert_eq!(run["requests"]["completed"], 60);
    let seen: Vec<&Value> = run["insights"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["verdict"] == "seen")
        .map(|finding| &finding["function"])
        .collect();
    assert_eq!(
        seen,
        [
            "datadog-sample-entry-function",
            "datadog-sample-sqs-consumer-function"
        ]
    );
    let (text, _) = printed("cold-start");
    assert!(text.contains("simulated in virtual time: nothing was sent"));
    assert_ne!(printed("cold-start --json --seed 7").0, first);
}

#[test]
fn an_account_of_ten_throttles_a_burst_of_twenty() {
    let run = json("cold-start --cap 10 --json");
    assert_eq!(run["status"]["500"], 30);
    assert_eq!(run["verdict"], "missed");
}

#[test]
fn a_longer_expiry_lets_fewer_go_cold() {
    let sweep = json("cold-start --sweep expiry=300s..3600s --json");
    let cold: Vec<u64> = sweep["points"]
        .as_array()
        .expect("points")
        .iter()
        .filter_map(|point| point["entry"]["cold"].as_u64())
        .collect();
    assert_eq!(cold, [60, 60, 20, 20, 20]);
    let (text, code) = printed("cold-start --sweep provisioned=0..20");
    assert_eq!(code, 0);
    assert!(text.contains("provisioned_concurrency"), "{text}");
}

#[test]
fn steady_arrivals_go_cold_less_the_longer_environments_are_kept() {
    let words = "--arrivals poisson:1/min --duration 10d --sweep expiry=30s..480s --json";
    let points = json(words)["points"].clone();
    let cold: Vec<f64> = points
        .as_array()
        .expect("points")
        .iter()
        .filter_map(|point| point["p_cold"]["mean"].as_f64())
        .collect();
    assert_eq!(cold.len(), 5);
    assert!(cold.is_sorted_by(|a, b| a > b), "{cold:?}");
    // Poisson arrivals and short service: cold when none came for the expiry, exp(-T).
    for (share, expiry) in cold.iter().zip([0.5, 1.0, 2.0, 4.0, 8.0]) {
        assert!((share - f64::exp(-expiry)).abs() < 0.02, "{share} {expiry}");
    }
}

#[test]
fn every_built_in_scenario_meets_its_expectations_in_virtual_time() {
    for builtin in loadgen::scenario::BUILTINS {
        // Its requests differ, which the model in virtual time does not serve.
        if builtin.name == "shop" {
            simulate("shop").ended(2, &["`loadgen run` sends them to the sandbox"]);
            continue;
        }
        for seed in 1..=5 {
            let (text, code) = printed(&format!("{} --seed {seed}", builtin.name));
            assert_eq!(code, 0, "{} {seed}: {text}", builtin.name);
        }
    }
}

#[test]
fn a_simulated_run_is_kept_and_shown_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run");
    let words = format!("spike --out {}", path.display());
    let (text, _) = printed(&words);
    let again = Finished::of(loadgen().arg("report").arg(&path));
    assert_eq!(again.succeeded(), text);
    simulate(&words).ended(2, &[]);
}

#[test]
fn what_cannot_be_simulated_is_said_and_ends_with_two() {
    for (words, said) in [
        ("", "required"),
        ("no-such-scenario", "no-such-scenario"),
        ("--arrivals poisson:0/s", "above 0"),
        ("--arrivals poisson:-1/s", "above 0"),
        ("--arrivals burst:0/900s", "1 to 1000000"),
        ("--arrivals burst:50/0s", "above 0s"),
        ("--arrivals nothing", "describes no arrivals"),
        ("--arrivals poisson:1/s --duration 0s", "no time"),
        ("--arrivals poisson:1/s --duration=-5s", "negative"),
        ("--arrivals poisson:1/s --duration 878400h", "3,653 days"),
        ("--arrivals poisson:1/s --cap 0", "1..=1000000"),
        ("--arrivals poisson:1/s --cap=-1", "--cap"),
        ("--arrivals poisson:1/s --seeds 0", "1..=10000"),
        ("--arrivals poisson:1000000/s", "5e9"),
        ("--arrivals poisson:1/s --warm exp:0s", "above zero"),
        ("--arrivals poisson:1/s --reuse fifo", "mru, newest or lru"),
        ("--arrivals poisson:1/s cold-start", "cannot be used with"),
        ("cold-start --warm 1s", "cannot be used with"),
        ("cold-start --cap 0", "1..=1000000"),
        ("cold-start --proactive 2", "0 to 1"),
        ("cold-start --sweep expiry=1h..1m", "backwards"),
        ("cold-start --sweep colour=red", "no sweep"),
        ("cold-start --sweep provisioned=0..2000", "unreserved"),
        (
            "--arrivals poisson:1/s --sweep memory=128MB..1GB",
            "needs a scenario",
        ),
    ] {
        simulate(words).ended(2, &[said]);
    }
}
