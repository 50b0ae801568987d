//! `loadgen verify` as it is typed.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use loadgen::sandbox::{Sandbox, SandboxOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    command::{Finished, loadgen_in},
    stub::{Reply, Stub},
};

const SCENARIO: &str = r#"
name = "small"
title = "Five at once"
[[phase]]
name = "burst"
burst = 5
[expect]
insights = ["cold_starts"]
absent = ["*"]
"#;

/// A folder with a run of [`SCENARIO`] in it, made once and copied.
fn a_run() -> (TempDir, PathBuf) {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("small.toml"), SCENARIO).expect("a file");
        let ran = loadgen_in(folder.path())
            .args(["run", "small.toml", "--quiet", "--out", "run"])
            .output()
            .expect("it runs");
        assert!(ran.status.success(), "{ran:?}");
        folder
    });
    let copy = TempDir::new().expect("a folder");
    let run = copy.path().join("run");
    fs::create_dir(&run).expect("a folder");
    for entry in fs::read_dir(made.path().join("run")).expect("the run") {
        let path = entry.expect("a file").path();
        fs::copy(&path, run.join(path.file_name().expect("a name"))).expect("a copy");
    }
    (copy, run)
}

pub fn change(run: &Path, change: impl FnOnce(&mut Value)) {
    let path = run.join("run.json");
    let mut value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
    change(&mut value);
    fs::write(path, value.to_string()).expect("written");
}

/// The same run as if it had been against AWS, where nothing of it is on this machine.
pub fn a_run_on_aws() -> (TempDir, PathBuf) {
    let (folder, run) = a_run();
    change(&run, |value| {
        value["target"]["kind"] = json!("aws");
        value["target"]["datadog_url"] = Value::Null;
        value["target"]["configured"] = json!([]);
    });
    fs::remove_file(run.join("telemetry.db")).expect("it was there");
    (folder, run)
}

#[test]
fn a_run_is_verified_again_over_its_own_telemetry() {
    let (folder, _) = a_run();
    let Finished { code, out, err } =
        Finished::of(loadgen_in(folder.path()).args(["verify", "run", "--json"]));
    assert_eq!(code, Some(0), "{err}");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let cold = report["insights"]
        .as_array()
        .expect("findings")
        .iter()
        .find(|finding| finding["id"] == "cold_starts")
        .expect("a finding");
    assert_eq!(
        (&cold["basis"], &cold["verdict"]),
        (&json!("sandbox"), &json!("seen"))
    );
    assert_eq!(
        (&cold["predicted"], &cold["client"]),
        (&json!("yes"), &json!("yes"))
    );
    // Its sandbox is gone again, so the link leads to Datadog's page of warnings.
    let link = cold["link"].as_str().expect("a link");
    assert!(link.ends_with("serverless_warnings/#cold-starts"), "{link}");
}

#[test]
fn an_expectation_that_is_not_met_is_exit_1_and_named() {
    let (folder, run) = a_run();
    change(&run, |value| {
        let toml = SCENARIO.replace("cold_starts", "timeouts");
        value["scenario"]["toml"] = json!(toml);
    });
    let Finished { code, out, .. } =
        Finished::of(loadgen_in(folder.path()).args(["verify", "run", "--wait", "0s"]));
    assert_eq!(code, Some(1));
    assert!(out.contains("timeouts missing"), "{out}");
}

#[test]
fn without_keys_a_person_gets_a_checklist() {
    let (folder, _) = a_run_on_aws();
    let Finished { code, out, .. } = Finished::of(
        loadgen_in(folder.path())
            .args(["verify", "run"])
            .env("DD_SITE", "ap1.datadoghq.com"),
    );
    assert_eq!(code, Some(1));
    for part in [
        "[ ] cold_starts on datadog-sample-entry-function must appear",
        "https://ap1.datadoghq.com/functions?cloud=aws",
        "cold_start:true}.as_count()",
        "/organization-settings/api-keys",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn what_cannot_be_asked_is_exit_2_with_the_way_out() {
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], &'a str);
    let cases: [Case; 5] = [
        (
            &[("DD_SITE", "datadog.com")],
            &[],
            "set DD_SITE to one of datadoghq.com",
        ),
        (&[("DD_API_KEY", "k")], &[], "set DD_APP_KEY"),
        (
            &[("DD_API_KEY", "a b"), ("DD_APP_KEY", "k")],
            &[],
            "copy the key again",
        ),
        (
            &[],
            &["--datadog-url", "http://api.datadoghq.com"],
            "is not https",
        ),
        (&[], &["--wait", "soon"], "not a duration"),
    ];
    let (folder, _) = a_run_on_aws();
    for (environment, flags, expected) in cases {
        let Finished { code, err, .. } = Finished::of(
            loadgen_in(folder.path())
                .args(["verify", "run"])
                .args(flags)
                .envs(environment.iter().copied()),
        );
        assert_eq!(code, Some(2), "{environment:?} {flags:?}: {err}");
        assert!(err.contains(expected), "{expected}: {err}");
        assert!(!err.contains("a b"), "{err}");
    }
}

#[test]
fn a_run_that_is_not_there_is_exit_2() {
    let folder = TempDir::new().expect("a folder");
    let Finished { code, err, .. } = Finished::of(loadgen_in(folder.path()).arg("verify"));
    assert_eq!(code, Some(2));
    assert!(err.contains("loadgen cold-start"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn refused_keys_are_exit_2_and_the_run_stays_as_it_was() {
    let stub = Stub::playing([Reply::json(403, json!({"errors": ["Forbidden"]}))]).await;
    let (folder, run) = a_run_on_aws();
    let before = fs::read(run.join("run.json")).expect("a file");
    let address = stub.address.clone();
    let output = tokio::task::spawn_blocking(move || {
        let output = loadgen_in(folder.path())
            .args(["verify", "run", "--datadog-url", &address])
            .env("DD_API_KEY", "hush-hush")
            .env("DD_APP_KEY", "hush-hush")
            .output();
        let after = fs::read(run.join("run.json")).expect("a file");
        (output, after)
    });
    let (output, after) = output.await.expect("it ran");
    let Finished { code, out, err } = output.expect("it runs").into();
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("Forbidden") && err.contains("DD_SITE"),
        "{err}"
    );
    assert!(!err.contains("hush") && !out.contains("hush"));
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_run_is_not_lost_when_nobody_verifies_it_at_its_end() {
    // A sandbox whose API has stopped taking keys.
    let real = Sandbox::embedded(SandboxOptions::default()).expect("a sandbox");
    let info = serde_json::to_value(real.info()).expect("JSON");
    real.stop().expect("it stops");
    let stub = Stub::answering(move |asked| {
        let host = asked.headers["host"].to_str().expect("a host");
        let mut info = info.clone();
        info["invoke_url"] = json!(format!("http://{host}/stage"));
        info["datadog_url"] = json!(format!("http://{host}"));
        match asked.path.as_str() {
            path if path.starts_with("/_sandbox") => Reply::json(200, info),
            path if path.starts_with("/api") => Reply::json(403, json!({"errors": ["Forbidden"]})),
            _ => Reply::text(200, "Sent message to SNS").with("x-loadgen-cold-start", "true"),
        }
    })
    .await;
    let address = format!("{}/stage", stub.address);
    let ran = tokio::task::spawn_blocking(move || {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("small.toml"), SCENARIO).expect("a file");
        let output = loadgen_in(folder.path())
            .args(["run", "small.toml", "--url", &address, "--out", "run"])
            .output()
            .expect("it runs");
        let run = fs::read(folder.path().join("run/run.json")).expect("the run");
        (Finished::from(output), run)
    });
    let (Finished { code, out, err }, run) = ran.await.expect("it ran");
    assert_eq!(code, Some(1), "{out}{err}");
    let told = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("not verified: ") && told.contains("does not know the API key"));
    let run: Value = serde_json::from_slice(&run).expect("JSON");
    assert!(run["ended_at"].is_string());
    assert_eq!(run["requests"]["completed"], 5);
    assert_eq!(run["verdict"], "not_verified");
}

#[test]
fn unusable_keys_are_told_before_anything_is_sent() {
    let folder = TempDir::new().expect("a folder");
    for (name, value, part) in [
        ("DD_API_KEY", "k", "set DD_APP_KEY"),
        ("DD_SITE", "datadog.com", "set DD_SITE to one of"),
    ] {
        let Finished { code, err, .. } = Finished::of(
            loadgen_in(folder.path())
                .args(["cold-start", "--url", "http://127.0.0.1:9/"])
                .env(name, value),
        );
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(part), "{err}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}
