//! Several functions in one run: each gets the scenario's requests, and has a row of its own.

use std::process::Command;

use loadgen::{
    control::ModelledApp,
    lambda::Function,
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::{Finished, loadgen_in};

const SHOP: &str = r#"
[[function]]
name = "shop-cart"
init = "400ms"
[[function]]
name = "shop-pay"
init = "900ms"
runtime = "nodejs22.x"
[[function]]
name = "other"
"#;

const SCENARIO: &str = r#"
name = "two"
[[phase]]
name = "idle"
idle = "15m"
[[phase]]
name = "burst"
burst = 6
within = "0s"
[[phase]]
name = "pause"
idle = "20s"
[[phase]]
name = "again"
burst = 4
within = "1s"
[expect]
insights = ["cold_starts"]
[thresholds]
"function.shop-pay.init.cold.p50" = "> 800ms"
"function.shop-cart.init.cold.p50" = "< 500ms"
"#;

/// A sandbox of these functions.
fn sandbox_of(app: &str) -> EmbeddedSandbox {
    let app: ModelledApp = toml::from_str(app).expect("an app");
    let options = SandboxOptions {
        functions: Some(app.function.iter().map(Function::from).collect()),
        ..SandboxOptions::default()
    };
    Sandbox::embedded(options).expect("a sandbox")
}

fn place() -> (TempDir, EmbeddedSandbox) {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("two.toml"), SCENARIO).expect("a file");
    (folder, sandbox_of(SHOP))
}

fn run(folder: &TempDir, sandbox: &EmbeddedSandbox) -> Command {
    let mut command = loadgen_in(folder.path());
    command.args(["run", "two.toml", "--endpoint", &sandbox.info().datadog_url]);
    command
}

#[test]
fn each_function_gets_all_requests_and_has_its_own_figures_insights_and_limits() {
    let (folder, sandbox) = place();
    let mut command = run(&folder, &sandbox);
    let finished = Finished::of(command.args(["--invoke-matching", "shop-*", "--json"]));
    let run = finished.json();
    assert_eq!(finished.code, Some(0), "{}", run["sentence"]);
    assert_eq!(run["requests"]["sent"], 20);
    let names = json!(["shop-cart", "shop-pay"]);
    assert_eq!(run["target"]["functions"]["invoked"], names);
    for (place, init_ms) in [(0, 400.0), (1, 900.0)] {
        let function = &run["functions"][place];
        assert_eq!(function["sent"], 10, "{function}");
        assert_eq!(function["cold"]["cold"], 6, "{function}");
        let p50 = function["latency_ms"]["init"]["cold"]["p50"].as_f64();
        assert!((p50.expect("an init") - init_ms).abs() < 2.0, "{function}");
        assert!(function["usd_per_thousand"].as_f64().expect("a cost") > 0.0);
        let seen = run["insights"].as_array().expect("findings").iter();
        let mut seen = seen.filter(|finding| finding["function"] == function["name"]);
        let cold = seen.find(|finding| finding["id"] == "cold_starts");
        let cold = cold.expect("a finding");
        assert_eq!(cold["verdict"], "seen", "{cold}");
    }
    let met = |limit: &Value| limit["met"] == true;
    assert!(
        run["thresholds"]
            .as_array()
            .expect("limits")
            .iter()
            .all(met)
    );

    // Worst first: the one with the longer init.
    let mut report = loadgen_in(folder.path());
    let text = Finished::of(report.args(["report", "--full"])).out;
    let place = |name: &str| {
        text.find(&format!("✓ {name} "))
            .unwrap_or_else(|| panic!("{text}"))
    };
    assert!(place("shop-pay") < place("shop-cart"), "{text}");
    let mut report = loadgen_in(folder.path());
    let page = Finished::of(report.args(["report", "--format", "markdown"])).out;
    assert!(
        page.contains("shop-pay") && page.contains("shop-cart"),
        "{page}"
    );
    let mut report = loadgen_in(folder.path());
    let page = Finished::of(report.args(["report", "--format", "html"])).out;
    let row = |name: &str| page.find(&format!("\u{a0}{name}</th>")).expect("a row");
    assert!(row("shop-pay") < row("shop-cart"));
    sandbox.stop().expect("it stops");
}

#[test]
fn two_runs_of_several_functions_are_compared_function_by_function_worst_first() {
    let (folder, before) = place();
    let after = sandbox_of(&SHOP.replace("900ms", "1200ms"));
    let scenario = SCENARIO.replace("[expect]", "[repeat]\ntimes = 4\n[expect]");
    std::fs::write(folder.path().join("two.toml"), scenario).expect("a file");
    for (out, sandbox) in [("a", &before), ("b", &after)] {
        let mut command = run(&folder, sandbox);
        command.args(["--invoke-matching", "shop-*", "--no-verify", "--out", out]);
        Finished::of(&mut command);
    }
    let compare = |more: &[&str]| {
        let mut command = loadgen_in(folder.path());
        Finished::of(command.args(["compare", "a", "b"]).args(more))
    };
    let compared = compare(&["--format", "json"]).json();
    let rows = compared["rows"].as_array().expect("rows");
    let of_functions = rows.iter().filter_map(|row| row["metric"].as_str());
    let of_functions: Vec<&str> = of_functions
        .filter(|it| it.starts_with("function."))
        .collect();
    assert_eq!(of_functions.len(), 4, "{rows:?}");
    assert_eq!(of_functions[0], "function.shop-pay.init.cold.p50");
    let worst = rows.iter().find(|row| row["metric"] == of_functions[0]);
    let change = worst.expect("the row")["change"]
        .as_f64()
        .expect("a change");
    assert!((change - 1.0 / 3.0).abs() < 0.01, "{rows:?}");

    // The reports of both runs say the same as their folders.
    for name in ["a", "b"] {
        let mut report = loadgen_in(folder.path());
        let page = Finished::of(report.args(["report", name, "--format", "html"])).out;
        std::fs::write(folder.path().join(format!("{name}.html")), page).expect("a file");
    }
    let mut command = loadgen_in(folder.path());
    command.args(["compare", "a.html", "b.html", "--format", "json"]);
    let of_pages = Finished::of(&mut command).json();
    let of_function = |compared: &Value, name: &str| -> Vec<Value> {
        let rows = compared["rows"].as_array().expect("rows").iter();
        let rows = rows.filter(|row| row["metric"].as_str().is_some_and(|it| it.contains(name)));
        let figures = |row: &Value| json!([row["metric"], row["a"], row["b"], row["n_a"]]);
        rows.map(figures).collect()
    };
    for name in ["function.shop-pay.", "function.shop-cart."] {
        let of_folders = of_function(&compared, name);
        assert_eq!(of_folders.len(), 2, "{compared}");
        assert_eq!(of_function(&of_pages, name), of_folders);
    }

    let slower = compare(&["--fail-on", "function.shop-pay.init.cold.p50 > 10%"]);
    assert_eq!(slower.code, Some(1), "{}", slower.out);
    assert!(
        slower.out.contains("Functions, worst first"),
        "{}",
        slower.out
    );
    let same = compare(&["--fail-on", "function.shop-cart.init.cold.p50 > 10%"]);
    assert_eq!(same.code, Some(0), "{}", same.out);
    let page = compare(&["--format", "markdown"]).out;
    let place = |name: &str| page.find(name).expect(name);
    assert!(
        place("shop-pay init.cold.p50") < place("<details>"),
        "{page}"
    );
    let absent = compare(&["--fail-on", "function.shop-crt.cold.p50 > 10%"]);
    absent.ended(
        2,
        &["the run has no function `shop-crt` (did you mean `shop-cart`?)"],
    );
    before.stop().expect("it stops");
    after.stop().expect("it stops");
}

#[test]
fn a_scenario_models_its_own_functions_and_sends_phases_to_one_of_them() {
    let folder = TempDir::new().expect("a folder");
    let phases = SCENARIO.replace(
        "name = \"again\"",
        "name = \"again\"\nfunction = \"shop-pay\"",
    );
    let named = phases.replace(
        "name = \"burst\"",
        "name = \"burst\"\nfunction = \"shop-cart\"",
    );
    let limit = named.find("\"function.shop-pay").expect("a limit");
    let text = format!("{}\n{SHOP}", &named[..limit].replace("[thresholds]", ""));
    std::fs::write(folder.path().join("own.toml"), &text).expect("a file");
    let mut plan = loadgen_in(folder.path());
    let plan = Finished::of(plan.args(["plan", "own.toml", "--full"])).succeeded();
    assert!(plan.contains("6 requests at once to shop-cart"), "{plan}");
    let mut command = loadgen_in(folder.path());
    let finished = Finished::of(command.args(["run", "own.toml", "--json"]));
    let run = finished.json();
    assert_eq!(
        run["target"]["functions"]["invoked"],
        json!(["shop-cart", "shop-pay"])
    );
    assert_eq!(run["target"]["functions"]["watched"], json!(["other"]));
    let sent = |place: usize| {
        (
            &run["functions"][place]["name"],
            &run["functions"][place]["sent"],
        )
    };
    assert_eq!(sent(0), (&json!("shop-cart"), &json!(6)));
    assert_eq!(sent(1), (&json!("shop-pay"), &json!(4)));
    assert_eq!(finished.code, Some(0), "{}", run["sentence"]);
    // Its telemetry is kept beside it, as of any embedded sandbox.
    let mut latest = loadgen_in(folder.path());
    let said = Finished::of(latest.args(["report", "--full"])).out;
    assert!(said.contains("shop-pay"), "{said}");

    let mut elsewhere = loadgen_in(folder.path());
    let elsewhere = elsewhere.args(["run", "own.toml", "--url", "http://127.0.0.1:9/"]);
    Finished::of(elsewhere).ended(2, &["invokes `shop-cart`, which this run does not"]);
    let limit = ["--threshold", "function.shop-py.init.cold.p50 < 2s"];
    let mut typed = loadgen_in(folder.path());
    let typed = typed.args(["run", "own.toml"]).args(limit);
    Finished::of(typed).ended(2, &["no function `shop-py` (did you mean `shop-pay`?)"]);
    let mut simulate = loadgen_in(folder.path());
    let simulate = Finished::of(simulate.args(["simulate", "own.toml"]));
    simulate.ended(2, &["the model in virtual time is the sample app"]);
}

#[test]
fn phases_name_functions_that_are_invoked_where_an_endpoint_says() {
    let (folder, sandbox) = place();
    let base = sandbox.info().datadog_url.clone();
    let text = r#"
name = "phases"
[[phase]]
name = "idle"
idle = "15m"
[[phase]]
name = "cart"
burst = 3
function = "shop-cart"
[[phase]]
name = "pay"
burst = 2
function = "shop-pay"
[expect]
insights = ["cold_starts", { insight = "cold_starts", function = "shop-pay" }]
[thresholds]
"function.shop-pay.init.cold.max" = "< 5s"
"#;
    std::fs::write(folder.path().join("phases.toml"), text).expect("a file");
    let at = |more: &[&str]| {
        let mut command = loadgen_in(folder.path());
        Finished::of(
            command
                .args(["run", "phases.toml", "--endpoint", &base])
                .args(more),
        )
    };
    let finished = at(&["--payload", r#"{"order": 7}"#, "--json"]);
    let run = finished.json();
    assert_eq!(finished.code, Some(0), "{}", run["sentence"]);
    let sent = |place: usize| {
        let function = &run["functions"][place];
        (
            function["name"].clone(),
            function["sent"].clone(),
            function["cold"]["cold"].clone(),
        )
    };
    assert_eq!(sent(0), (json!("shop-cart"), json!(3), json!(3)));
    assert_eq!(sent(1), (json!("shop-pay"), json!(2), json!(2)));
    assert_eq!(run["cold"]["evidence"]["tail"], 5, "{}", run["cold"]);
    let text = text.replace("shop-pay", "shop-pya");
    std::fs::write(folder.path().join("phases.toml"), &text).expect("a file");
    at(&[]).ended(2, &["no function `shop-pya`"]);

    // The plan predicts each of them.
    let mut plan = loadgen_in(folder.path());
    let plan = Finished::of(plan.args(["plan", "phases.toml", "--json"])).json();
    let functions = plan["functions"].as_array().expect("functions");
    let names: Vec<&Value> = functions.iter().map(|one| &one["function"]).collect();
    assert_eq!(names, ["shop-cart", "shop-pya"], "{plan}");
    let own = format!("{text}{SHOP}").replace("shop-pya", "shop-pay");
    std::fs::write(folder.path().join("own.toml"), own).expect("a file");
    let mut plan = loadgen_in(folder.path());
    let plan = Finished::of(plan.args(["plan", "own.toml"])).succeeded();
    for part in [
        "Predicted Insights of each function",
        "shop-cart cold_starts",
        "shop-pay cold_starts",
        "2 planned, 1 needed",
    ] {
        assert!(plan.contains(part), "{part}: {plan}");
    }
    sandbox.stop().expect("it stops");
}

#[test]
fn a_plan_says_once_what_may_appear_of_many_functions_alike() {
    let (folder, _sandbox) = place();
    let names: Vec<String> = (0..40).map(|number| format!("f{number}")).collect();
    let plan = |more: &[&str]| {
        let mut command = loadgen_in(folder.path());
        command.args(["plan", "two.toml"]).args(more);
        let invoked = names.iter().flat_map(|name| ["--invoke", name]);
        Finished::of(command.args(invoked)).succeeded()
    };
    let short = plan(&[]);
    assert_eq!(short.matches("may appear").count(), 1, "{short}");
    assert!(short.contains("40 functions"), "{short}");
    let full = plan(&["--full"]);
    assert!(full.contains("f39 cold_starts"), "{full}");
}

#[test]
fn functions_that_cannot_be_in_one_run_are_refused() {
    let (folder, sandbox) = place();
    let two = [
        "arn:aws:lambda:eu-west-1:123456789012:function:a",
        "arn:aws:lambda:us-east-1:123456789012:function:b",
    ];
    let mut command = loadgen_in(folder.path());
    command.args(["run", "two.toml", "--invoke", two[0], "--invoke", two[1]]);
    Finished::of(&mut command).ended(2, &["several regions (eu-west-1, us-east-1)"]);
    let mut command = run(&folder, &sandbox);
    let finished = Finished::of(command.args(["--invoke-matching", "nothing-*"]));
    finished.ended(2, &["no function matches `nothing-*` among the 3"]);
    let mut command = run(&folder, &sandbox);
    for name in 0..101 {
        command.args(["--invoke", &format!("f{name}")]);
    }
    Finished::of(&mut command).ended(2, &["101 functions are more than the 100"]);
    sandbox.stop().expect("it stops");
}
