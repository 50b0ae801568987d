//! The built-in scenarios, and the whole format.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use loadgen::{
    insight::{Id, Provoked},
    lambda::Fault,
    scenario::{
        Arrivals, BUILTINS, Expected, LoadError, Metric, Scenario, Setting, ThresholdOperator,
        TlsOptions, json_schema,
    },
    schedule::Schedule,
};
use serde_json::Value;

use crate::support::command::{self, Finished};

fn loadgen(arguments: &[&str]) -> Finished {
    Finished::of(command::loadgen().args(arguments))
}

fn stdout(arguments: &[&str]) -> String {
    loadgen(arguments).succeeded()
}

fn file_of(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("scenarios").join(name).with_extension("toml")
}

#[test]
fn every_scenario_file_is_built_in_under_its_name() {
    let mut files: Vec<String> = fs::read_dir(file_of("x").parent().expect("a folder"))
        .expect("readable")
        .map(|entry| entry.expect("readable").path())
        .map(|path| {
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    files.sort();
    let mut names: Vec<&str> = BUILTINS.iter().map(|builtin| builtin.name).collect();
    names.sort_unstable();
    assert_eq!(files, names);
    for builtin in BUILTINS {
        let scenario = Scenario::load(builtin.name).expect(builtin.name);
        assert_eq!(scenario.name, builtin.name);
        assert_eq!(scenario.title, (builtin.title)().text);
    }
}

#[test]
fn every_built_in_begins_with_words_for_a_learner() {
    for builtin in BUILTINS {
        let scenario = Scenario::load(builtin.name).expect(builtin.name);
        assert!(builtin.text.starts_with("# "), "{}", builtin.name);
        assert!(
            (10..=58).contains(&scenario.title.chars().count()),
            "{}",
            scenario.title
        );
        assert!(builtin.text.lines().all(|line| line.chars().count() <= 100));
    }
}

#[test]
fn every_built_in_runs_under_half_a_minute_where_idling_is_skipped() {
    for builtin in BUILTINS {
        let scenario = Scenario::load(builtin.name).expect(builtin.name);
        let schedule = Schedule::of(&scenario).expect(builtin.name);
        let sending = schedule.length() - schedule.idling();
        assert!(
            sending < Duration::from_secs(26),
            "{}: {sending:?}",
            builtin.name
        );
        assert!(schedule.total() <= 10_000, "{}", builtin.name);
        let peak = schedule.steps().iter().map(|step| step.peak_per_second());
        assert!(peak.fold(0.0, f64::max) <= 200.0, "{}", builtin.name);
    }
}

#[test]
fn scenarios_lists_every_built_in_within_80_columns() {
    let listed = stdout(&["scenarios"]);
    for builtin in BUILTINS {
        let title = Scenario::load(builtin.name).expect(builtin.name).title;
        let has = |line: &str| line.starts_with(builtin.name) && line.ends_with(&title);
        assert!(listed.lines().any(has), "{}", builtin.name);
    }
    assert!(listed.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn every_insight_has_its_scenario_or_a_line_that_says_why_not() {
    let listed = stdout(&["scenarios"]);
    for &id in Id::ALL {
        match id.insight().provoked_by {
            Provoked::By(name) => {
                let scenario = Scenario::load(name).expect(name);
                let mut expected = scenario.expect.insights.iter();
                assert!(expected.any(|expected| expected.insight == id), "{id}");
            }
            Provoked::Never(_) => assert!(listed.contains(&format!("No scenario brings {id}: "))),
        }
    }
}

#[test]
fn a_printed_scenario_is_its_file_byte_for_byte() {
    for builtin in BUILTINS {
        let file = fs::read_to_string(file_of(builtin.name)).expect("readable");
        assert_eq!(stdout(&["scenarios", builtin.name]), file);
    }
}

#[test]
fn a_mistyped_name_gets_a_hint_and_exit_code_2() {
    let failed = loadgen(&["scenarios", "cold-strat"]);
    failed.ended(2, &["did you mean `cold-start`?"]);
    assert!(failed.out.is_empty());
}

/// Every key of the format, once.
const COMPLETE: &str = r#"
name = "complete"
title = "Every key once"
seed = 7

[function]
memory = "1GB"
timeout = "10s"
reserved_concurrency = 50
provisioned_concurrency = 5
init = "lognormal:900ms,1.5s"
warm = "80ms"
flush_strategy = "default"

[request]
method = "POST"
path = "/orders?limit=1"
headers = { content-type = "application/json", authorization = "Bearer ${KEY}" }
body = '{"a": "$${b}"}'  # or body_file = "order.json"
timeout = "5s"

[tls]
cacert = "ca.pem"
cert = "client.pem"
key = "client.key"

[[phase]]
name = "idle"
idle = "1h30m"

[[phase]]
name = "burst"
burst = 20
within = "2s"
fault = { kind = "latency", share = 0.5, ms = 250 }

[[phase]]
name = "rate"
rate = 20
for = "5s"
fault = { kind = "memory", share = 1, percent = 97 }

[[phase]]
name = "ramp"
ramp = { from = 0, to = 12.5 }
for = "10s"
fault = { kind = "status", share = 0.1, code = 503 }

[[phase]]
name = "poisson"
poisson = 0.5
for = "1m"
fault = { kind = "timeout", share = 0.25 }

[repeat]
times = 3

[expect]
insights = ["errors", { insight = "cold_starts", function = "other_function" }]
absent = ["throttles", "*"]
monitors = ["Errors of checkout", { monitor = "Cold starts of checkout", state = "ok" }]

[thresholds]
"response.warm.p95" = "< 800ms"
"errors.share" = "<= 20%"
"#;

/// The keys of functions that are modelled, which stand in place of `[function]`.
const MODELS: &str = r#"
name = "shop"
[[function]]
name = "cart"
runtime = "nodejs22.x"
service = "shop"
route = "/cart"
answer = '{"id": 7}'
invokes = ["mail"]
[[function]]
name = "mail"
[[phase]]
name = "burst"
burst = 20
function = "cart"
"#;

/// Every key of requests that differ, once.
const FLOWS: &str = r#"
name = "flows"
[[function]]
name = "orders"
runtime = "nodejs22.x"
service = "shop"
route = "/orders"
invokes = ["orders"]
[data.users]
file = "users.csv"
order = "random"
[auth]
request = { path = "/login?${users.email}" }
capture = { token = "json:$.token" }
lifetime = "50m"
per = "row"
[[request]]
name = "a"
form = { token = "${auth.token}" }
expect = { json = { "$.ok" = true } }
capture = { id = "json:$.id" }
function = "orders"
[[flow]]
name = "f"
weight = 3
cookies = true
steps = ["a", { pause = "2s" }, "a"]
[[phase]]
name = "p"
burst = 1
"#;

#[test]
fn every_key_of_flows_is_read_as_it_is_meant() {
    let scenario = Scenario::parse(FLOWS, "flows.toml").expect("sound");
    let traffic = scenario.traffic.expect("flows");
    let [flow] = traffic.flows.as_slice() else {
        panic!("one flow: {:?}", traffic.flows);
    };
    let pauses: Vec<Duration> = flow.steps.iter().map(|step| step.pause).collect();
    assert_eq!(pauses, [Duration::ZERO, Duration::from_secs(2)]);
    assert_eq!((flow.weight, flow.cookies), (3, true));
    let auth = traffic.auth.expect("a sign-in");
    assert_eq!(auth.lifetime, Some(Duration::from_secs(3_000)));
    assert_eq!(auth.per_row, Some(0));
    let request = &traffic.requests[0];
    assert_eq!(
        (request.method.as_str(), request.function.as_deref()),
        ("POST", Some("orders"))
    );
    assert_eq!(
        request.expected_json,
        [("$.ok".to_owned(), Value::Bool(true))]
    );
    assert_eq!(request.captures[0].source.to_string(), "json:$.id");
}

#[test]
fn every_key_is_read_as_it_is_meant() {
    let scenario = Scenario::parse(COMPLETE, "complete.toml").expect("sound");
    let seconds = Duration::from_secs;
    assert_eq!(
        (scenario.name.as_str(), scenario.seed, scenario.repeat),
        ("complete", 7, 3)
    );
    assert_eq!(scenario.tls.key, Some("client.key".into()));
    let function = &scenario.function;
    assert_eq!(function.memory.map(|memory| memory.mb()), Some(1024));
    assert_eq!(function.timeout, Some(seconds(10)));
    assert_eq!(
        (
            function.reserved_concurrency,
            function.provisioned_concurrency
        ),
        (Some(50), Some(5))
    );
    assert!(function.init.is_some() && function.warm.is_some());
    let request = &scenario.request;
    assert_eq!(
        (request.method.as_str(), request.timeout),
        ("POST", seconds(5))
    );
    let path = request.path.as_ref().map(ToString::to_string);
    assert_eq!(path.as_deref(), Some("/orders?limit=1"));
    let headers: Vec<&str> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(headers, ["content-type", "authorization"]);
    let arrivals: Vec<Arrivals> = scenario.phases.iter().map(|phase| phase.arrivals).collect();
    let expected = [
        Arrivals::Idle(seconds(5400)),
        Arrivals::Burst {
            count: 20,
            within: seconds(2),
        },
        Arrivals::Rate {
            per_second: 20.0,
            length: seconds(5),
        },
        Arrivals::Ramp {
            from: 0.0,
            to: 12.5,
            length: seconds(10),
        },
        Arrivals::Poisson {
            per_second: 0.5,
            length: seconds(60),
        },
    ];
    assert_eq!(arrivals, expected);
    let faults: Vec<Option<(Fault, f64)>> = scenario
        .phases
        .iter()
        .map(|phase| phase.fault.map(|fault| (fault.fault, fault.share)))
        .collect();
    let expected = [
        None,
        Some((Fault::Latency(Duration::from_millis(250)), 0.5)),
        Some((Fault::Memory { percent: 97 }, 1.0)),
        Some((Fault::Status(503), 0.1)),
        Some((Fault::Timeout, 0.25)),
    ];
    assert_eq!(faults, expected);
    let on = |insight, function: Option<&str>| Expected {
        insight,
        function: function.map(str::to_owned),
    };
    let insights = [
        on(Id::Errors, None),
        on(Id::ColdStarts, Some("other_function")),
    ];
    assert_eq!(scenario.expect.insights, insights);
    assert_eq!(scenario.expect.absent, [on(Id::Throttles, None)]);
    assert!(scenario.expect.absent_all_others);
    let limits: Vec<(String, ThresholdOperator, f64)> = scenario
        .thresholds
        .iter()
        .map(|threshold| {
            (
                threshold.figure.to_string(),
                threshold.comparison,
                threshold.limit,
            )
        })
        .collect();
    // In the order of the file.
    let expected = [
        (
            "response.warm.p95".to_owned(),
            ThresholdOperator::Below,
            800.0,
        ),
        (
            Metric::ErrorsShare.to_string(),
            ThresholdOperator::AtMost,
            0.2,
        ),
    ];
    assert_eq!(limits, expected);
}

/// All keys that the schema offers anywhere.
fn keys(schema: &Value, into: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                into.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| keys(value, into));
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        _ => {}
    }
}

#[test]
fn the_schema_offers_no_key_that_the_complete_scenario_does_not_show() {
    let mut offered = Vec::new();
    keys(json_schema(), &mut offered);
    assert!(offered.len() > 30, "{offered:?}");
    Scenario::parse(MODELS, "shop.toml").expect("sound");
    let complete = [COMPLETE, MODELS, FLOWS].concat();
    for key in offered {
        let shown = |word: &str| word == key;
        let words = complete.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        assert!(words.into_iter().any(shown), "{key}");
    }
}

#[test]
fn the_schema_is_printed_and_has_no_null() {
    let printed: Value = serde_json::from_str(&stdout(&["scenarios", "--schema"])).expect("JSON");
    assert_eq!(&printed, json_schema());
    assert_eq!(printed["title"], "loadgen scenario");
    assert!(!printed.to_string().contains("\"null\""));
}

#[test]
fn a_file_is_read_by_its_path_and_an_unreadable_one_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).expect("written");
        Scenario::load(&path(name))
    };
    let says = |loaded: Result<Scenario, LoadError>, what: &str| {
        let said = loaded.expect_err("refused").to_string();
        assert!(said.contains(what), "{said}");
    };
    let sound = "\u{feff}name = \"mine\"\r\n[[phase]]\r\nname = \"p\"\r\nburst = 1\r\n";
    assert_eq!(
        write("mine.toml", sound.as_bytes()).expect("sound").name,
        "mine"
    );
    let marks = write("marks.toml", "\u{feff}".repeat(300_000).as_bytes());
    assert!(matches!(marks, Err(LoadError::Mistakes(_))));
    let tls = "name = \"t\"\n[tls]\ncacert = \"ca.pem\"\ncert = \"c.pem\"\n[[phase]]\nname = \"p\"\nburst = 1\n";
    let tls = write("tls.toml", tls.as_bytes()).expect("sound").tls;
    assert_eq!(tls.ca, Some(folder.path().join("ca.pem")));
    let typed = TlsOptions {
        certificate: Some("typed.pem".into()),
        ..TlsOptions::default()
    };
    let both = typed.or(&tls);
    assert_eq!((both.ca, both.certificate), (tls.ca, typed.certificate));
    let set: Setting = "tls.cacert=typed.pem".parse().expect("a setting");
    let set = Scenario::load_with(&path("tls.toml"), &[set]).expect("sound");
    assert_eq!(set.tls.ca, Some("typed.pem".into()));
    let large = write("large.toml", &vec![b'#'; 17 * 1024 * 1024]);
    says(large, "cannot be read");
    let binary = write("binary.toml", b"name = \"\xff\"");
    says(binary, "byte 9 is wrong");
    assert!(matches!(
        write("bad.toml", b"name"),
        Err(LoadError::Mistakes(_))
    ));
    says(Scenario::load(&path("")), "is a directory");
    says(Scenario::load(&path("no.toml")), "there is no file");
}

#[test]
fn a_name_that_is_neither_built_in_nor_a_file_gets_a_hint() {
    let told = |name: &str| Scenario::load(name).expect_err(name).to_string();
    assert!(told("quite").contains("did you mean the built-in `quiet`?"));
    assert!(told("spkie.toml").contains("did you mean the built-in `spike`?"));
    assert!(told("something-else").contains("`loadgen scenarios`"));
    assert!(told("").contains("`loadgen scenarios`"));
}
