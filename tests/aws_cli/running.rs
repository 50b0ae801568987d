//! Scenarios against a stack: `--stack`, `--endpoint`, `--force-cold`, and the `[function]` table.

use std::sync::Arc;

use crate::{
    stage::{FUNCTION, Heads, Stage},
    support::{command::Finished, server::serve},
};

const FAULT_KEY: &str = "a-fault-key-of-the-stack";

/// An emulator's data plane: answers every request and keeps its head, in lower case.
fn api() -> (String, Heads) {
    let heads = Heads::default();
    let kept = Arc::clone(&heads);
    let address = serve(move |head| {
        // Nothing is sent but to the stage.
        let status = match head.starts_with("GET /datadog-sample-app-stage ") {
            true => "200 OK",
            false => "404 Not Found",
        };
        kept.lock().expect("the heads").push(head.to_lowercase());
        format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok").into()
    });
    (address, heads)
}

fn stage(memory: u32) -> Stage {
    let configuration = format!(
        r#"case "$*" in
        *MemorySize*) echo '{{"FunctionArn":"arn","MemorySize":{memory},"Timeout":3}}' ;;
        *LOADGEN_FAULT_KEY*) echo '"{FAULT_KEY}"' ;;
        *RevisionId*) echo '{{"RevisionId":"r1","Environment":{{"Variables":{{}}}}}}' ;;
        *) echo '{{"State":"Active","LastUpdateStatus":"Successful"}}' ;;
        esac"#
    );
    Stage::new()
        .plays("get-function-configuration", &configuration)
        .plays("get-function-concurrency", "echo '{}'")
        .plays(
            "describe-stack-resources",
            &format!("echo '[\"the-consumer\",\"{FUNCTION}\"]'"),
        )
        .plays("update-function-configuration", "echo '{}'")
}

fn run(stage: &Stage, scenario: &str, flags: &[&str]) -> Finished {
    let file = stage.at("scenario.toml");
    std::fs::write(&file, scenario).expect("a file");
    let mut command = stage.loadgen();
    command
        .arg("run")
        .arg(file)
        .args(["--no-verify", "--out"])
        .arg(stage.at("run"))
        .args(flags);
    Finished::of(&mut command)
}

const TWO_BURSTS: &str = r#"
name = "two-bursts"
[[phase]]
name = "first"
burst = 2
[[phase]]
name = "idle"
idle = "15m"
[[phase]]
name = "second"
burst = 3
"#;

#[test]
fn a_stacks_api_is_found_and_reached_on_an_emulator_by_its_host_header() {
    let (stage, (api, heads)) = (stage(512), api());
    run(
        &stage,
        TWO_BURSTS,
        &["--stack", "mine", "--endpoint", &api, "--force-cold"],
    )
    .ended(0, &[]);
    let heads = heads.lock().expect("not poisoned");
    assert_eq!(heads.len(), 5);
    let port = api.rsplit(':').next().expect("a port");
    let host = format!("\r\nhost: ab12.execute-api.localhost:{port}\r\n");
    assert!(heads.iter().all(|head| head.contains(&host)), "{heads:?}");
    assert!(
        heads
            .iter()
            .all(|head| head.contains("x-datadog-sampling-priority: 2"))
    );
    assert!(
        stage
            .calls()
            .lines()
            .filter(|call| *call != "--version")
            .all(|call| call.ends_with(&format!("--endpoint-url {api}")))
    );
}

#[test]
fn forcing_cold_environments_replaces_idling_for_every_function_of_the_stack() {
    let (stage, (api, _)) = (stage(512), api());
    let said = run(
        &stage,
        TWO_BURSTS,
        &["--stack", "mine", "--endpoint", &api, "--force-cold"],
    );
    said.ended(
        0,
        &[
            "In place of each idle phase:",
            "$ aws lambda update-function-configuration",
        ],
    );
    assert_eq!(stage.count("update-function-configuration"), 2);
    // The second burst came to empty environments, but for those that Lambda may have made ahead:
    // of the requests sent before its first answer, structure says that they were cold.
    let run: serde_json::Value =
        serde_json::from_slice(&std::fs::read(stage.at("run/run.json")).expect("a run"))
            .expect("JSON");
    assert_eq!(run["requests"]["sent"], 5);
    assert_eq!(run["target"]["functions"]["consumer"], "the-consumer");
    let cold = run["cold"]["cold"].as_u64().expect("a count");
    assert!((1..=3).contains(&cold), "{}", run["cold"]);
    assert_eq!(run["cold"]["warm"], 0);
}

#[test]
fn an_environment_that_cannot_be_forced_ends_the_run_with_the_reason() {
    let (stage, (api, heads)) = (stage(512), api());
    let stage = stage.refuses(
        "update-function-configuration",
        "AccessDeniedException",
        "you may not",
    );
    let said = run(
        &stage,
        TWO_BURSTS,
        &["--stack", "mine", "--endpoint", &api, "--force-cold"],
    );
    // Nobody interrupted it.
    assert_eq!(said.code, Some(1), "{}", said.err);
    let words: Vec<&str> = said.out.split_whitespace().collect();
    let why = "could not be skipped: AWS denied";
    assert!(words.join(" ").contains(why), "{}", said.out);
    assert_eq!(heads.lock().expect("not poisoned").len(), 2);
}

#[test]
fn a_function_that_is_not_as_the_scenario_needs_gets_the_commands_and_no_load() {
    let (stage, (api, heads)) = (stage(128), api());
    let scenario = format!(
        "{TWO_BURSTS}[function]\nmemory = \"512MB\"\ntimeout = \"3s\"\nreserved_concurrency = 2\n"
    );
    run(&stage, &scenario, &["--stack", "mine", "--endpoint", &api]).ended(
        2,
        &[
            "nothing was sent",
            "memory: it has 128 MB, the scenario needs 512 MB",
            "--memory-size 512",
            "reserved_concurrency: it has none, the scenario needs 2",
            "aws lambda put-function-concurrency",
        ],
    );
    assert_eq!(heads.lock().expect("not poisoned").len(), 0);
    assert!(!stage.at("run").exists());
}

#[test]
fn the_fault_key_is_read_from_the_function_only_where_faults_are_planned() {
    let (quiet, (api_url, _)) = (stage(512), api());
    run(
        &quiet,
        "name = \"quiet\"\n[[phase]]\nname = \"a\"\nburst = 1\n",
        &["--stack", "mine", "--endpoint", &api_url],
    );
    assert!(!quiet.calls().contains("LOADGEN_FAULT_KEY"));

    let (faulty, (api_url, heads)) = (stage(512), api());
    let scenario = "name = \"faulty\"\n[[phase]]\nname = \"a\"\nburst = 2\nfault = { kind = \"error\", share = 0.5 }\n";
    let said = run(
        &faulty,
        scenario,
        &["--stack", "mine", "--endpoint", &api_url],
    );
    let heads = heads.lock().expect("not poisoned");
    let with_key = |head: &&String| head.contains(&format!("x-loadgen-fault-key: {FAULT_KEY}"));
    assert_eq!(heads.iter().filter(with_key).count(), 1, "{heads:?}");
    let record = std::fs::read_to_string(faulty.at("run/run.json")).expect("a run");
    for place in [&said.out, &said.err, &record, &faulty.calls()] {
        assert!(!place.contains(FAULT_KEY));
    }
}

#[test]
fn a_stack_that_cannot_be_used_is_told_before_anything_is_sent() {
    let stage = stage(512).plays(
        "describe-stacks",
        "echo '{\"Stacks\":[{\"StackStatus\":\"CREATE_IN_PROGRESS\"}]}'",
    );
    run(&stage, TWO_BURSTS, &["--stack", "mine"]).ended(2, &["CREATE_IN_PROGRESS"]);
    assert!(!stage.at("run").exists());
}

#[test]
fn load_to_a_real_stack_needs_a_yes_and_says_what_idling_cannot_promise() {
    let stage = stage(512);
    run(&stage, TWO_BURSTS, &["--stack", "mine"]).ended(
        2,
        &[
            "likely, not certain",
            "use --force-cold",
            "nothing was sent",
            "add `--yes`",
        ],
    );
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let stage = stage(512);
    for flags in [
        &["--stack", "mine", "--url", "http://127.0.0.1:1/"][..],
        &["--force-cold"],
        &["--endpoint", "http://127.0.0.1:1"],
        &[
            "--url",
            "https://example.com/",
            "--endpoint",
            "http://127.0.0.1:1",
        ],
        &["--stack", "mine", "--force-cold", "--real-idle"],
    ] {
        assert_eq!(run(&stage, TWO_BURSTS, flags).code, Some(2), "{flags:?}");
    }
    assert_eq!(stage.calls(), "");
}

#[test]
fn two_stacks_are_compared_by_cold_starts_that_were_forced() {
    let (stage, (api, _)) = (stage(512), api());
    let mut command = stage.loadgen();
    command.args(["ab", "stack:mine", "stack:other", "--endpoint", &api]);
    command.args(["--force-cold", "--pairs", "10", "--warm", "1"]);
    command
        .args(["--format", "json", "--out"])
        .arg(stage.at("kept"))
        .env_remove("DD_API_KEY");
    let said = Finished::of(&mut command);
    said.ended(0, &["In place of each idle phase:"]);
    let found = said.json();
    let pairs = found["a"]["asked"].as_u64().expect("a count");
    for side in ["a", "b"] {
        // Forced cold starts are cold by structure, though this server sends no markers.
        assert_eq!(found[side]["cold"], pairs, "{found}");
    }
    // Both functions of each stack, before each cold start.
    let forced = stage.count("update-function-configuration");
    assert_eq!(forced as u64, 2 * 2 * pairs);
}

#[test]
fn a_published_version_cannot_be_forced_cold_beside_another_either() {
    let stage = stage(512);
    let lambda = serve(|_| b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n".to_vec());
    let mut command = stage.loadgen();
    command.args(["ab", "invoke:shop:main", "invoke:shop:7", "--force-cold"]);
    command.args(["--endpoint", &lambda]);
    command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    command.env("AWS_SECRET_ACCESS_KEY", "secret");
    let parts = [
        "`shop:main` is a published version",
        "leave --force-cold out and idle",
    ];
    Finished::of(&mut command).ended(2, &parts);
    assert_eq!(stage.count("update-function-configuration"), 0);
}
